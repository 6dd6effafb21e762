"""Axis's published flows, replayed against the running door.

Those of ``server/server_test.go`` and ``README.md`` in
github.com/AxisCommunications/body-worn-integration-api, by the names they have there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from station.axis.service import AxisService
from station.axis.spool import METADATA
from tests.station.axis.controller import CLIP, DEVICE, RECORDING, Controller, opened, signed_in

OBJECT = json.dumps({"name": "Mr tester", "data": "axafkdsfksfs"}).encode()
MADE = {"X-Object-Meta-Test": "testObjectData"}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[AxisService]:
    async with opened(tmp_path) as service:
        yield service


@pytest.fixture
async def controller(door: AxisService) -> AsyncIterator[Controller]:
    async with signed_in(door) as found:
        yield found


def told(door: AxisService, container: str, place: str | None = None) -> dict[str, str]:
    note = door.door.spool.note(container)
    assert note is not None
    return note.told if place is None else note.objects[place].told


async def test_bad_request(controller: Controller) -> None:
    assert await controller.status("PATCH", "test/test.txt", MADE) == 400
    assert await controller.status("DELETE", "test/test.txt") == 400


async def test_get_access_denied(controller: Controller) -> None:
    answer = await controller.ask("GET", "System/Capabilities.json")

    assert answer.status == 200
    assert answer.headers["Etag"] == hashlib.md5(await answer.read()).hexdigest()  # noqa: S324
    assert all((await answer.json())["StoreAndRead"].values())
    assert await controller.status("GET", "System/Capability.json") == 200
    assert await controller.status("GET", "System/none") == 404
    assert await controller.status("GET", "Container/somefile") == 403


@pytest.mark.parametrize("token", ["", "x", "9999999999.000.abc", "9" * 99 + ".é"])
async def test_call_without_token(controller: Controller, token: str) -> None:
    controller.token = token

    assert await controller.status("PUT", "test") == 401


async def test_authentication(door: AxisService) -> None:
    known, at = door.door.credentials, f"{door.address}/auth/v1.0"
    good = {"X-Auth-User": known.user, "X-Auth-Key": known.key}
    bad = [{}, good | {"X-Auth-Key": "test"}, good | {"X-Auth-User": "test"}, {"X-Auth-Key": ""}]
    async with ClientSession() as session:
        assert [(await session.get(at, headers=each)).status for each in bad] == [401] * 4
        assert (await session.post(at, headers=good)).status == 400
        assert (await session.get(at, headers=good)).status == 200
        readme = {"X-Auth-User": known.user, "Auth-Key": known.key}
        assert (await session.get(at, headers=readme)).status == 200


async def test_create_container_twice_and_delete_a_metadata_field(
    controller: Controller, door: AxisService
) -> None:
    first = {"X-Container-Meta-Test-Container": "test", "X-Container-Meta-Test-Delete-Me": "x"}
    second = {"X-Container-Meta-Test-Update": "up", "X-Container-Meta-Test-Delete-Me": ""}

    assert await controller.status("PUT", "test", first) == 201
    assert await controller.status("PUT", "test", second) == 202

    assert told(door, "test") == {"Test-Container": "test", "Test-Update": "up"}


async def test_post_to_container(controller: Controller, door: AxisService) -> None:
    new = {"X-Container-Meta-Two": "meta3"}

    assert await controller.status("POST", "test", new) == 404
    await controller.ask("PUT", "test", {"X-Container-Meta-One": "a", "X-Container-Meta-Two": "b"})
    assert await controller.status("POST", "test", new) == 204

    assert told(door, "test") == {"One": "a", "Two": "meta3"}


async def test_create_object_and_post_to_it(controller: Controller, door: AxisService) -> None:
    assert await controller.status("PUT", "test/test.txt", MADE, OBJECT) == 404
    await controller.ask("PUT", "test")
    answer = await controller.ask("PUT", "test/test.txt", MADE, OBJECT)

    assert (answer.status, answer.headers["Etag"]) == (201, hashlib.md5(OBJECT).hexdigest())  # noqa: S324
    assert (door.door.spool.cards / "unknown/test/test.txt").read_bytes() == OBJECT
    assert told(door, "test", "test.txt") == {"Test": "testObjectData"}
    assert await controller.status("POST", "test/test.txt", {"X-Object-Meta-Test4": "m"}) == 202
    assert told(door, "test", "test.txt") == {"Test4": "m"}
    assert await controller.status("POST", "test/hello.txt", MADE) == 404


async def test_get_metadata(controller: Controller) -> None:
    assert await controller.status("HEAD", "test") == 404
    await controller.ask("PUT", "test", {"X-Container-Meta-Test-Container": "test"})
    assert await controller.status("HEAD", "test/test.txt") == 404
    await controller.ask("PUT", "test/test.txt", {"X-Object-Meta-Test": "%E8%AD%A6"}, OBJECT)

    container, held = (
        await controller.ask("HEAD", "test"),
        await controller.ask("HEAD", "test/test.txt"),
    )

    assert container.headers["X-Container-Meta-Test-Container"] == "test"
    assert held.headers["X-Object-Meta-Test"] == "%E8%AD%A6"
    assert held.headers["Content-Length"] == str(len(OBJECT))


async def test_container_name_and_complete_file(controller: Controller, door: AxisService) -> None:
    assert await controller.push(b"") == [201, 201, 202, 201, 201, 201, 201, 204]

    folder = door.door.spool.cards / DEVICE / RECORDING
    written = json.loads((folder / METADATA).read_bytes())
    assert (folder / CLIP).read_bytes() == b""
    assert written["user"] == {"Name": "T", "Userid": "P77"}
    assert written["recording"]["told"]["Status"] == "Complete"
    assert written["recording"]["objects"][CLIP]["sha256"] == hashlib.sha256(b"").hexdigest()


async def test_system_id_is_stored_and_read(controller: Controller) -> None:
    system = {"X-Object-Meta-Connectionid": "c1", "X-Object-Meta-Systemname": "Front%20desk"}
    await controller.ask("PUT", "System")
    assert await controller.status("PUT", "System/5d7c", system, b"") == 201

    answer = await controller.ask("GET", "System/5d7c")

    assert (answer.status, await answer.read()) == (200, b"")
    assert answer.headers["X-Object-Meta-Systemname"] == "Front%20desk"


async def test_all_kinds_of_objects_of_a_recording(
    controller: Controller, door: AxisService
) -> None:
    names = [
        CLIP,
        "20190101_090909_7CF7.key",
        "bookmark_2019-01-01T09:10:00Z_1",
        f"20190101_090909_7CF7_{DEVICE}_gpstrail.json",
    ]
    await controller.ask("PUT", RECORDING)
    assert [
        await controller.status("PUT", f"{RECORDING}/{name}", {}, name.encode()) for name in names
    ] == [201] * 4

    kept = {file.name for file in (door.door.spool.cards / DEVICE / RECORDING).iterdir()}
    assert kept == set(names)
