"""The cage holds: a hostile tool in ffmpeg's place gets nowhere, as root and as anybody else."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed, TemporaryError
from ingest.rendition.cage import Cage, CageRule, NoCage, Sight, find_cage
from ingest.rendition.run import Job, Limits, collect
from ingest.rendition.tray import clear
from tests.ingest.rendition import hostile_tool
from tests.ingest.rendition.hostile_tool import ACTS

SOMEBODY = 61_000
"""An ordinary user, for the tests that root plays."""

PYTHON = "/usr/bin/python3"
"""Debian's, which anybody may run."""

LIMITS = Limits(seconds=20, written=20 << 20, memory=2 << 30)
CODE = (Path(sys.prefix), Path(sys.base_prefix), Path(hostile_tool.__file__))


@pytest.fixture(scope="module")
def cage() -> Cage:
    found = find_cage(CageRule.REQUIRED)
    if isinstance(found, NoCage):
        pytest.skip(f"the cage was NOT tested: {found.reason}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What stands around the cage, for a hostile tool to reach at."""

    clip: Path
    room: Path
    port: int
    secret: str = "EVIDOCK_TEST_SECRET"


@pytest.fixture
def outside() -> Iterator[Outside]:
    """A folder that an ordinary user can reach, too (pytest's own are private)."""
    with (
        tempfile.TemporaryDirectory() as name,
        closing(socket.create_server(("127.0.0.1", 0))) as server,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        clip, room = folder / "clip.mp4", folder / "room"
        clip.write_bytes(b"footage")
        clip.chmod(0o444)
        (folder / "other.mp4").write_bytes(b"another case")
        room.mkdir()
        yield Outside(clip=clip, room=room, port=server.getsockname()[1])


def argument(act: str, outside: Outside) -> str:
    """What a hostile tool would reach for."""
    return {
        "read": "/etc/passwd",
        "list_folder": str(outside.clip.parent),
        "write": str(outside.clip),
        "connect": str(outside.port),
        "abstract": "evidock-test",
        "trace": str(os.getpid()),
        "kill": str(os.getpid()),
        "processes": str(os.getpid()),
        "secrets": outside.secret,
    }.get(act, "")


def job(cage: Cage | NoCage, outside: Outside, *words: str) -> Job:
    argv = (sys.executable, "-I", str(Path(hostile_tool.__file__)), *words)
    return Job(
        argv=argv, folder=outside.room, limits=LIMITS, cage=cage, reads=(outside.clip,), code=CODE
    )


async def tried(job: Job) -> str:
    """What the hostile tool says it could do; one that was killed could do nothing."""
    try:
        return (await collect(job, 10_000)).decode()
    except RenditionFailed as error:
        return f"held: {error}"


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_a_hostile_tool_does_not_get_out(act: str, cage: Cage, outside: Outside) -> None:
    os.environ[outside.secret] = "told"
    try:
        said = await tried(job(cage, outside, act, argument(act, outside)))
    finally:
        del os.environ[outside.secret]

    assert said.startswith("held:"), said
    assert outside.clip.read_bytes() == b"footage"


@pytest.mark.parametrize("path", ["/etc/shadow", "/root", "/proc/1/environ", "/work", "/home"])
async def test_nothing_else_can_be_read(path: str, cage: Cage, outside: Outside) -> None:
    said = await tried(job(cage, outside, "read", path))

    assert said.startswith("held:"), said


async def test_it_reads_its_one_file_and_writes_its_one_folder(
    cage: Cage, outside: Outside
) -> None:
    read = await tried(job(cage, outside, "read", str(outside.clip)))
    written = await tried(job(cage, outside, "write", str(outside.room / "made")))

    assert read == f"ESCAPED {b'footage'.hex()}\n"
    assert written.startswith("ESCAPED")
    assert (outside.room / "made").read_bytes() == b"!"


async def test_a_name_of_odd_bytes_is_seen_in_the_cage(cage: Cage, outside: Outside) -> None:
    odd = Path(os.fsdecode(os.fsencode(outside.clip.parent) + b"/ -odd\xff\n.mp4"))
    outside.clip.rename(odd)

    sight = Job(
        argv=("/bin/cat", str(odd)), folder=outside.room, limits=LIMITS, cage=cage, reads=(odd,)
    )

    assert await collect(sight, 100) == b"footage"


LEAVINGS = {
    "a link out": ("ln -s /etc/passwd left", "no file"),
    "a pipe that hangs": ("mkfifo left", "no file"),
    "a folder where a file should be": ("mkdir left", "no file"),
    "a folder closed to us": ("mkdir left && chmod 000 left", "no file"),
    "a file with two names": ("echo a > left && ln left more", "no file"),
    "a crowd": ("for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8; do :>$a$b; done; done",
                "more than 64 files"),
    "too much in many files": ("for a in 1 2 3 4; do head -c 9000000 /dev/zero > $a; done",
                               "wrote more than"),
}  # fmt: skip


@pytest.mark.parametrize("left", LEAVINGS)
async def test_what_no_tool_of_ours_leaves_is_refused_unopened(
    left: str, cage: Cage, outside: Outside
) -> None:
    script, reason = LEAVINGS[left]
    leaving = replace(job(cage, outside), argv=("/bin/sh", "-c", script))

    with pytest.raises(RenditionFailed, match=reason):
        await collect(leaving, 100)

    clear(outside.room)
    assert os.listdir(outside.room) == []


async def test_a_child_that_fills_the_disk_is_stopped_while_it_writes(
    cage: Cage, outside: Outside
) -> None:
    script = "while :; do for a in 1 2 3 4 5 6 7 8; do head -c 9000000 /dev/zero > $a; done; done"
    endless = replace(job(cage, outside), argv=("/bin/sh", "-c", script))

    with pytest.raises(RenditionFailed, match="wrote more than"):
        await collect(endless, 100)


async def test_nothing_of_a_child_lives_on_once_it_has_ended(cage: Cage, outside: Outside) -> None:
    script = "(exec <&- >&- 2>&-; while :; do echo a > left; rm left; done) & sleep 0.1"
    lingering = replace(job(cage, outside), argv=("/bin/sh", "-c", script))

    await collect(lingering, 100)

    touched = outside.room.stat().st_mtime_ns
    await asyncio.sleep(0.2)
    assert outside.room.stat().st_mtime_ns == touched


async def test_without_a_cage_the_kit_gets_out_so_it_is_the_cage_that_holds(
    outside: Outside,
) -> None:
    bare = NoCage(reason="to see the difference", rule=CageRule.WHEN_POSSIBLE)

    said = await asyncio.gather(
        *(
            tried(job(bare, outside, act, argument(act, outside)))
            for act in ("read", "list_folder", "connect", "processes")
        )
    )

    assert all(each.startswith("ESCAPED") for each in said), said


async def test_where_a_cage_is_required_and_missing_no_media_is_opened(outside: Outside) -> None:
    missing = NoCage(reason="bwrap is not installed", rule=CageRule.REQUIRED)

    with pytest.raises(TemporaryError, match="bwrap is not installed"):
        await collect(job(missing, outside, "read", str(outside.clip)), 100)


async def test_killed_the_cage_leaves_no_process(cage: Cage, outside: Outside) -> None:
    mark = "86399.25"
    sleeper = Job(argv=("/bin/sleep", mark), folder=outside.room, limits=LIMITS, cage=cage)
    task = asyncio.create_task(collect(sleeper, 100))
    while not _running(mark):  # noqa: ASYNC110  it is looked for, it does not tell
        await asyncio.sleep(0.02)

    task.cancel()
    await asyncio.wait([task])

    async with asyncio.timeout(5):
        while _running(mark):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)


def _running(mark: str) -> bool:
    found = subprocess.run(["pgrep", "-f", mark], capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path(PYTHON).exists(),
    reason="only root can play an ordinary user, who needs Debian's python3",
)
def test_an_ordinary_user_builds_a_cage_that_holds_too(cage: Cage, outside: Outside) -> None:
    """The same kit, run by a user without any right: one room instead of two."""
    os.chown(outside.room, SOMEBODY, SOMEBODY)
    acts = sorted(ACTS.keys() - {"secrets"})  # the environment is our runner's matter

    said = {act: _as_somebody(cage, outside, act, argument(act, outside)) for act in acts}

    assert {act: text for act, text in said.items() if not text.startswith("held:")} == {}
    seen = _as_somebody(cage, outside, "read", str(outside.clip))
    assert seen == f"ESCAPED {b'footage'.hex()}\n"


def _as_somebody(cage: Cage, outside: Outside, *words: str) -> str:
    """What a hostile tool says in the cage of an ordinary user; "" if it had not even started."""
    kit = outside.clip.with_name("kit.py")
    kit.write_bytes(Path(hostile_tool.__file__).read_bytes())
    sight = Sight(folder=outside.room, reads=(outside.clip,), code=(kit,))
    argv = (
        *(cage.setpriv, f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups"),
        *(cage.prlimit, f"--as={LIMITS.memory}", f"--fsize={LIMITS.written}"),
        *replace(cage, is_root=False).around(sight),
        *(PYTHON, "-I", str(kit), *words),
    )
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60, text=True)
    return done.stdout or done.stderr
