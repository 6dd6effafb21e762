"""What a broken or hostile client does to the door: nothing acknowledged is lost, nothing leaks."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evidence.clock import SetClock, SystemClock
from evidence.settings import AxisSettings
from station.axis.service import AxisService
from station.axis.target import BadName, file_name, name_of, target_of
from tests.station.axis.controller import CLIP, DEVICE, RECORDING, Controller, opened, signed_in

FIRST, OTHER = b"footage " * 9000, b"another " * 9000


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[AxisService]:
    async with opened(tmp_path) as service:
        yield service


@pytest.fixture
async def controller(door: AxisService) -> AsyncIterator[Controller]:
    async with signed_in(door) as found:
        await found.ask("PUT", RECORDING)
        yield found


def kept(service: AxisService) -> list[bytes]:
    """All footage in the spool."""
    spool = service.door.spool
    return sorted(path.read_bytes() for path in spool.cards.rglob("*") if path.is_file())


def coming(service: AxisService) -> list[Path]:
    return list((service.door.spool.folder / "incoming").iterdir())


async def test_the_same_object_again_is_acknowledged_and_kept_once(
    controller: Controller, door: AxisService
) -> None:
    again = [await controller.status("PUT", f"{RECORDING}/{CLIP}", {}, FIRST) for _ in range(3)]

    assert (again, kept(door), coming(door)) == ([201] * 3, [FIRST], [])


async def test_other_bytes_under_a_taken_name_are_kept_beside_and_told(
    controller: Controller, door: AxisService
) -> None:
    for body in (FIRST, OTHER, FIRST, OTHER):
        assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {}, body) == 201

    assert kept(door) == sorted([FIRST, OTHER])
    assert (door.door.spool.cards / DEVICE / RECORDING / CLIP).read_bytes() == FIRST
    assert [CLIP in problem for problem in door.dock.problems()] == [True]


async def raw(controller: Controller, head: str, body: bytes, *, half: bool = False) -> bytes:
    """What is answered to *head* and *body*; *half*: nothing more is sent, and the line is cut."""
    return await wire(
        controller, head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body, half=half
    )


async def wire(controller: Controller, said: bytes, *, half: bool = False) -> bytes:
    """The beginning of what is answered to bytes on the wire."""
    host, port = controller.storage.removeprefix("http://").split("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(said)
    await writer.drain()
    if half:
        writer.write_eof()
    answer = await reader.read(12)
    writer.close()
    return answer


def put(controller: Controller, headers: str) -> str:
    return (
        f"PUT /v1/evidock/{RECORDING}/{CLIP} HTTP/1.1\nHost: x\n"
        f"X-Auth-Token: {controller.token}\n{headers}"
    )


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 100", b"short"),
        ("Transfer-Encoding: chunked", b"5\r\nshort\r\n"),
        ("Transfer-Encoding: chunked", b"zz\r\nshort\r\n0\r\n\r\n"),
    ],
)
async def test_a_body_that_is_cut_off_is_not_kept(
    controller: Controller, door: AxisService, headers: str, body: bytes
) -> None:
    answer = await raw(controller, put(controller, headers), body, half=True)

    assert not answer.startswith(b"HTTP/1.1 2")
    async with asyncio.timeout(10):
        while coming(door):  # noqa: ASYNC110  the server notices the cut in its own time
            await asyncio.sleep(0.01)
    assert kept(door) == []
    assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {}, FIRST) == 201


async def test_a_client_that_falls_silent_is_sent_away(tmp_path: Path) -> None:
    settings = AxisSettings(enabled=True, patience_seconds=0.05)
    async with opened(tmp_path, settings) as door, signed_in(door) as controller:
        await controller.ask("PUT", RECORDING)

        answer = await raw(controller, put(controller, "Content-Length: 100"), b"short")

        assert (answer, kept(door), coming(door)) == (b"HTTP/1.1 408", [], [])


async def test_a_chunked_body_is_kept_whole(controller: Controller, door: AxisService) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, len(FIRST), 1000):
            yield FIRST[start : start + 1000]

    assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {}, blocks()) == 201
    assert kept(door) == [FIRST]


async def test_bytes_that_are_not_those_of_the_etag_are_refused(
    controller: Controller, door: AxisService
) -> None:
    good = hashlib.md5(FIRST).hexdigest()  # noqa: S324  Swift's

    assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {"Etag": good}, OTHER) == 422
    assert (kept(door), coming(door)) == ([], [])
    assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {"Etag": good}, FIRST) == 201


async def test_a_disk_without_room_is_told_as_507_and_keeps_what_it_has(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path)
    all_of_it = free.f_bavail * free.f_frsize
    async with opened(tmp_path) as door, signed_in(door) as controller:
        await controller.ask("PUT", RECORDING)
        await controller.ask("PUT", f"{RECORDING}/{CLIP}", {}, FIRST)
        door.door.spool.reserve = 2 * all_of_it

        async def blocks() -> AsyncIterator[bytes]:
            yield OTHER

        assert await controller.status("PUT", f"{RECORDING}/b.mkv", {}, OTHER) == 507
        assert await controller.status("PUT", f"{RECORDING}/c.mkv", {}, blocks()) == 507
        assert (kept(door), coming(door)) == ([FIRST], [])


async def test_a_token_runs_out(tmp_path: Path) -> None:
    clock = SetClock(SystemClock().now())
    async with opened(tmp_path, clock=clock) as door, signed_in(door) as controller:
        assert await controller.status("PUT", "a") == 201
        clock.advance(15 * 60 - 1)
        assert await controller.status("PUT", "b") == 201
        clock.advance(1)
        assert await controller.status("PUT", "c") == 401


async def test_a_token_of_before_a_restart_is_refused_and_footage_is_still_there(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as door, signed_in(door) as controller:
        await controller.push(FIRST)
        old = controller.token
    (tmp_path / "axis/incoming/9.part").write_bytes(b"what was not acknowledged")

    async with opened(tmp_path) as door, signed_in(door) as controller:
        assert (FIRST in kept(door), coming(door)) == (True, [])
        controller.token = old
        assert await controller.status("PUT", "a") == 401


async def test_a_note_that_the_disk_broke_keeps_no_footage_waiting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as door, signed_in(door) as controller:
        await controller.push(FIRST)
        (tmp_path / f"axis/notes/{RECORDING}.json").write_bytes(b"{corrupted json object")

    async with opened(tmp_path) as door, signed_in(door) as controller:
        assert await controller.status("PUT", f"{RECORDING}/b.mkv", {}, OTHER) == 404
        assert await controller.status("PUT", RECORDING) == 201
        assert await controller.status("PUT", f"{RECORDING}/b.mkv", {}, OTHER) == 201
        assert {FIRST, OTHER} <= set(kept(door))
    assert "alarm" in caplog.text


async def test_two_controllers_push_the_same_and_different_things_at_once(
    door: AxisService,
) -> None:
    async with signed_in(door) as one, signed_in(door) as two:
        await one.ask("PUT", RECORDING)
        pushed = [
            each.status("PUT", f"{RECORDING}/{name}", {}, body)
            for name, body in (("a", FIRST), ("b", OTHER))
            for each in (one, two)
        ]

        assert await asyncio.gather(*pushed) == [201] * 4

    assert kept(door) == sorted([FIRST, OTHER])


async def test_more_at_once_than_is_allowed_is_told_to_come_again(tmp_path: Path) -> None:
    settings, gate = AxisSettings(enabled=True, parallel_uploads=1), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield FIRST
        await gate.wait()

    async with opened(tmp_path, settings) as door, signed_in(door) as controller:
        await controller.ask("PUT", RECORDING)
        first = asyncio.create_task(controller.status("PUT", f"{RECORDING}/a", {}, slow()))
        async with asyncio.timeout(10):
            while not coming(door):  # noqa: ASYNC110  until the first has begun
                await asyncio.sleep(0.01)

        assert await controller.status("PUT", f"{RECORDING}/b", {}, OTHER) == 503
        gate.set()
        assert await first == 201


HOSTILE = [
    "../../etc/passwd",
    "..",
    ".",
    ".evidock-erase~x",
    "%again-1/x",
    "%metadata.json",
    "a/b/c.mkv",
    "警/官 1.mkv",
    "x.part",
    "<script>",
    "a%2fb",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_one_harmless_file_name(name: str) -> None:
    made = file_name(name)

    assert not {"/", "~"} & set(made)
    assert not made.startswith((".", "%again", "%metadata"))
    assert name_of(made) == name


@pytest.mark.parametrize("path", ["c/..%2f..%2fx", "..%2fx/y", "c/%2e%2e", "c/a%2fb%2f..", "c/.x"])
async def test_path_tricks_on_the_wire_stay_in_the_spool(
    controller: Controller, door: AxisService, path: str
) -> None:
    before = sorted(door.door.spool.folder.parent.iterdir())
    container, _, name = path.partition("/")
    line = f"HTTP/1.1\nHost: x\nX-Auth-Token: {controller.token}\nContent-Length: "

    assert await raw(controller, f"PUT /v1/evidock/{container} {line}0", b"") == b"HTTP/1.1 201"
    answer = await raw(controller, f"PUT /v1/evidock/{container}/{name} {line}4", b"evil")

    assert (answer, kept(door)) == (b"HTTP/1.1 201", [b"evil"])
    assert sorted(door.door.spool.folder.parent.iterdir()) == before


@pytest.mark.parametrize(
    "path", ["/", "/v1/other/c", "/v1/evidock/", "/v1/evidock/%ff", "/v1/evidock/a%00", "/x" * 9]
)
def test_what_names_nothing_of_ours_is_refused(path: str) -> None:
    with pytest.raises(BadName):
        target_of(path)


@pytest.mark.parametrize("value", ["%ff%fe", "\udcff", "%ED%B0%80", "%00%0d%0aX: y", "v" * 8000])
async def test_odd_values_are_kept_as_text_and_refuse_no_footage(
    door: AxisService, value: str
) -> None:
    async with signed_in(door) as controller:
        told = put(controller, "").replace(f"/{CLIP}", "").splitlines()
        told += [f"X-Container-Meta-{key}: {value}" for key in ("Bwcserialnumber", "Name")]
        made = "\r\n".join([*told, "Content-Length: 0", "", ""])
        assert await wire(controller, made.encode("utf-8", "surrogateescape")) == b"HTTP/1.1 201"

        assert await controller.status("PUT", f"{RECORDING}/{CLIP}", {}, FIRST) == 201
        head = await controller.ask("HEAD", RECORDING)

    assert (head.status, "X" in head.headers, kept(door)) == (200, False, [FIRST])
    assert list(door.dock.cards()) == [b"axis/" + DEVICE.encode()]


async def test_long_names_manifests_and_much_metadata_are_refused(controller: Controller) -> None:
    at = f"{RECORDING}/x"
    many = {f"X-Object-Meta-K{number}": "v" * 4000 for number in range(17)}

    assert await controller.status("PUT", "n" * 300) == 400
    assert await controller.status("PUT", f"{RECORDING}/{'警' * 100}", {}, FIRST) == 400
    assert await controller.status("PUT", at, {"X-Object-Manifest": "c/x_"}, b"") == 400
    assert await controller.status("PUT", f"{at}?multipart-manifest=put", {}, b"[]") == 400
    assert await controller.status("PUT", at, many, FIRST) == 400
    assert await controller.status("PUT", at, {"X-Object-Meta-Name": "v" * 9000}, FIRST) == 400
    await controller.ask("PUT", "Users")
    assert await controller.status("PUT", "Users/u", {}, FIRST) == 400
