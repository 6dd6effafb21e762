"""The cage holds: a hostile tool in ffmpeg's place gets nowhere, as root and as anybody else."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed, TemporaryError
from ingest.rendition.cage import Cage, CageRule, NoCage, find_cage
from ingest.rendition.run import Job, Limits, collect
from ingest.rendition.tray import clear
from tests.conftest import Count
from tests.ingest.rendition import hostile_tool
from tests.ingest.rendition.hostile_tool import ACTS, BEAT, LASTING
from tests.ingest.rendition.somebody import SOMEBODY, as_somebody

PYTHON = "/usr/bin/python3"
"""Debian's, which anybody may run."""

LIMITS = Limits(seconds=20, written=20 << 20, memory=2 << 30)
SHARED = Path("/dev", "shm")
FILTERED = {
    *("keyring", "one_process", "ring", "hidden_file", "replaced_file", "nameless_file"),
    *("segment", "memory_file"),
}
"""What only the filter of system calls holds back."""
FREE_OUTSIDE = (
    *("read", "list_folder", "connect", "abstract", "namespace", "processes", "trace", "kill"),
    *("keyring", "one_process", "ring", "own_program", "shared_memory"),
    *("hidden_file", "replaced_file", "nameless_file", "segment", "memory_file"),
)
"""What anybody can do who is not in a cage, and does no harm to the machine that tests."""
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
    victim: int
    """A process of the same user."""
    name: str
    """Of an abstract socket that listens, and of a key in our session's keyring."""
    secret: str = "EVIDOCK_TEST_SECRET"
    shown: str = "/etc/passwd"
    """What it reads."""

    def argument(self, act: str) -> str:
        """What a hostile tool would reach for."""
        return {
            "read": self.shown,
            "list_folder": str(self.clip.parent),
            "write": str(self.clip),
            "mount": str(self.room),
            "connect": str(self.port),
            "abstract": self.name,
            "keyring": self.name,
            "shared_memory": str(SHARED / self.name),
            "trace": str(self.victim),
            "kill": str(self.victim),
            "processes": str(self.victim),
            "secrets": self.secret,
            "own_program": hostile_tool.__file__,
        }.get(act, "")


@pytest.fixture
def outside() -> Iterator[Outside]:
    """A folder that an ordinary user can reach, too (pytest's own are private)."""
    name = f"evidock-{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory() as place,
        closing(socket.create_server(("127.0.0.1", 0))) as server,
        closing(socket.socket(socket.AF_UNIX)) as nearby,
        _victim() as victim,
    ):
        nearby.bind("\0" + name)
        nearby.listen()
        _keep_key(name)
        folder = Path(place)
        folder.chmod(0o755)
        clip, room = folder / "clip.mp4", folder / "room"
        clip.write_bytes(b"footage")
        clip.chmod(0o444)
        (folder / "other.mp4").write_bytes(b"another case")
        room.mkdir()
        port = server.getsockname()[1]
        yield Outside(clip=clip, room=room, port=port, victim=victim, name=name)
        (SHARED / name).unlink(missing_ok=True)


@contextmanager
def _victim() -> Iterator[int]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process.pid
        process.kill()


def _keep_key(name: str) -> None:
    """A key in a keyring of our own, which children inherit."""
    add, keyctl = {"aarch64": (217, 219)}.get(os.uname().machine, (248, 250))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(keyctl, 1, None)  # KEYCTL_JOIN_SESSION_KEYRING, a new one
    libc.syscall(add, b"user", name.encode(), b"secret", 6, -3)


def job(cage: Cage | NoCage, outside: Outside, *words: str) -> Job:
    argv = (sys.executable, "-I", str(Path(hostile_tool.__file__)), *words)
    return Job(
        argv=argv, folder=outside.room, limits=LIMITS, cage=cage, reads=(outside.clip,), code=CODE
    )


async def tried(cage: Cage | NoCage, outside: Outside, act: str) -> str:
    """What the hostile tool says it could do."""
    return await said_of(job(cage, outside, act, outside.argument(act)), act)


async def said_of(trial: Job, act: str) -> str:
    """What the hostile tool says in *trial* it could do."""
    if act in LASTING:
        return await outlived(trial)
    try:
        return (await collect(trial, 10_000)).decode()
    except RenditionFailed as error:
        # Too many files or bytes, or killed: only these acts end so, the others must have run.
        return f"held: {error}" if act in {"fork_bomb", "memory", "flood"} else str(error)


async def outlived(trial: Job) -> str:
    """Whether the tool of *trial* still writes when its run is over."""
    beat = trial.folder / BEAT
    beat.unlink(missing_ok=True)
    task = asyncio.create_task(collect(trial, 100))
    while not beat.exists() and not task.done():  # noqa: ASYNC110  it does not tell us
        await asyncio.sleep(0.02)
    task.cancel()
    async with asyncio.timeout(15):
        ended = await asyncio.gather(task, return_exceptions=True)
    if not isinstance(ended[0], asyncio.CancelledError) or not beat.exists():
        return f"{ended[0]!r}"
    last = beat.stat().st_mtime_ns
    await asyncio.sleep(0.2)
    return "held: it is dead" if beat.stat().st_mtime_ns == last else "ESCAPED its run's end"


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_a_hostile_tool_does_not_get_out(act: str, cage: Cage, outside: Outside) -> None:
    os.environ[outside.secret] = "told"
    try:
        said = await tried(cage, outside, act)
    finally:
        del os.environ[outside.secret]

    assert said.startswith("held:"), said
    assert outside.clip.read_bytes() == b"footage"


async def test_without_the_filter_the_namespaces_alone_hold_as_much_but_keys_and_calls(
    cage: Cage, outside: Outside, count: Count
) -> None:
    bare = replace(cage, program=None)
    acts = sorted(ACTS.keys() - {"secrets", *FILTERED})

    said = {act: await tried(bare, outside, act) for act in acts}
    let_through = {act: await tried(bare, outside, act) for act in FILTERED}

    assert {act: text for act, text in said.items() if not text.startswith("held:")} == {}
    assert all(text.startswith("ESCAPED") for text in let_through.values()), let_through
    count(f"escape kit: {len(ACTS)} acts, 0 succeed; {len(acts)} of them with one layer gone")


async def test_without_a_cage_the_kit_gets_out_so_it_is_the_cage_that_holds(
    outside: Outside,
) -> None:
    bare = NoCage(reason="to see the difference", rule=CageRule.WHEN_POSSIBLE)

    said = {act: await tried(bare, outside, act) for act in FREE_OUTSIDE}

    assert {act: text for act, text in said.items() if not text.startswith("ESCAPED")} == {}


@pytest.mark.parametrize("path", ["/etc/shadow", "/root", "/proc/kcore", "/home", "/var", "/sys"])
async def test_nothing_else_can_be_read(path: str, cage: Cage, outside: Outside) -> None:
    said = (await collect(job(cage, outside, "read", path), 10_000)).decode()

    assert said.startswith("held:"), said


async def test_threads_may_be_started(cage: Cage, outside: Outside) -> None:
    script = "import threading; t = threading.Thread(target=print, args=('hello',)); t.start()"
    threaded = replace(job(cage, outside), argv=(sys.executable, "-I", "-c", script))

    assert await collect(threaded, 100) == b"hello\n"


async def test_it_reads_its_one_file_and_writes_its_one_folder(
    cage: Cage, outside: Outside
) -> None:
    read = await collect(job(cage, outside, "read", str(outside.clip)), 100)
    written = await collect(job(cage, outside, "write", str(outside.room / "made")), 100)

    assert read == f"ESCAPED {b'footage'.hex()}\n".encode()
    assert written.startswith(b"ESCAPED")
    assert (outside.room / "made").read_bytes() == b"!"


async def test_a_name_of_odd_bytes_is_seen_in_the_cage(cage: Cage, outside: Outside) -> None:
    odd = Path(os.fsdecode(os.fsencode(outside.clip.parent) + b"/ -odd\xff\n.mp4"))
    outside.clip.rename(odd)

    sight = Job(
        argv=("/bin/cat", str(odd)), folder=outside.room, limits=LIMITS, cage=cage, reads=(odd,)
    )

    assert await collect(sight, 100) == b"footage"


async def test_a_home_may_lie_outside_the_folder_for_temporary_files(cage: Cage) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        clip, room = Path(home, "clip.mp4"), Path(home, "room")
        clip.write_bytes(b"footage")
        room.mkdir()
        for folder in (clip.parent, clip):
            folder.chmod(0o755)

        reading = Job(
            argv=("/bin/cat", str(clip)), folder=room, limits=LIMITS, cage=cage, reads=(clip,)
        )

        assert await collect(reading, 100) == b"footage"


LEAVINGS = {
    "a link out": ("os.symlink('/etc/passwd', 'left')", "no file"),
    "a pipe that hangs": ("os.mkfifo('left')", "no file"),
    "a folder where a file should be": ("os.mkdir('left')", "no file"),
    "a folder closed to us": ("os.mkdir('left', 0)", "no file"),
    "a file with two names": ("open('left', 'w'); os.link('left', 'more')", "no file"),
    "a crowd": ("[open(f'{n}', 'w').close() for n in range(99)]", "more than 64 files"),
    "too much": ("[open(f'{n}', 'wb').write(bytes(9 << 20)) for n in range(4)]", "wrote more than"),
}


@pytest.mark.parametrize("left", LEAVINGS)
async def test_what_no_tool_of_ours_leaves_is_refused_unopened(
    left: str, cage: Cage, outside: Outside
) -> None:
    script, reason = LEAVINGS[left]
    python = (sys.executable, "-I", "-c", f"import os; {script}")
    unfiltered = replace(cage, program=None)  # which would not let a pipe be made
    leaving = replace(job(unfiltered, outside), argv=python)

    with pytest.raises(RenditionFailed, match=reason):
        await collect(leaving, 100)

    clear(outside.room)
    assert os.listdir(outside.room) == []


@pytest.mark.parametrize("before", ["", "os.closerange(0, 3)\n"])
async def test_a_child_that_fills_the_disk_is_stopped_while_it_writes(
    before: str, cage: Cage, outside: Outside
) -> None:
    write = "while True: [open(f'{n}', 'wb').write(bytes(9 << 20)) for n in range(9)]"
    script = f"import os\n{before}{write}"
    endless = replace(job(cage, outside), argv=(sys.executable, "-I", "-c", script))

    with pytest.raises(RenditionFailed, match="wrote more than"):
        await collect(endless, 100)


async def test_nothing_of_a_child_lives_on_once_it_has_ended(cage: Cage, outside: Outside) -> None:
    script = "(exec <&- >&- 2>&-; while :; do echo a > left; rm left; done) & sleep 0.1"
    unfiltered = replace(cage, program=None)  # with the filter there is no second process
    lingering = replace(job(unfiltered, outside), argv=("/bin/sh", "-c", script))

    await collect(lingering, 100)

    touched = outside.room.stat().st_mtime_ns
    await asyncio.sleep(0.2)
    assert outside.room.stat().st_mtime_ns == touched


async def test_where_a_cage_is_required_and_missing_no_media_is_opened(outside: Outside) -> None:
    missing = NoCage(reason="bwrap is not installed", rule=CageRule.REQUIRED)

    with pytest.raises(TemporaryError, match="bwrap is not installed"):
        await collect(job(missing, outside, "read", str(outside.clip)), 100)


async def test_a_cage_that_breaks_later_says_nothing_about_the_footage(
    cage: Cage, outside: Outside
) -> None:
    broken = outside.clip.with_name("bwrap")
    broken.write_text("#!/bin/sh\necho 'bwrap: Creating new namespace failed' >&2; exit 1\n")
    broken.chmod(0o755)

    with pytest.raises(TemporaryError, match=r"its cage broke.*namespace failed") as caught:
        await collect(job(replace(cage, bwrap=str(broken)), outside, "read"), 100)
    assert not isinstance(caught.value, RenditionFailed)

    with pytest.raises(RenditionFailed, match="ended with exit code 1"):
        await collect(replace(job(cage, outside), argv=("/bin/false",)), 100)


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
@pytest.mark.parametrize("layers", [2, 1])
def test_an_ordinary_user_builds_a_cage_that_holds_too(
    layers: int, cage: Cage, outside: Outside
) -> None:
    """The same kit, run by a user without any right: one room instead of two."""
    os.chown(outside.room, SOMEBODY, SOMEBODY)
    room = replace(cage, is_root=False, program=cage.program if layers == 2 else None)
    acts = sorted(ACTS.keys() - {"secrets"})  # the environment is our runner's matter
    if layers == 1:
        acts = sorted(set(acts) - FILTERED)

    said = _as_somebody(room, outside, acts)

    assert {act: text for act, text in said.items() if not text.startswith("held:")} == {}
    seen = _as_somebody(room, replace(outside, shown=str(outside.clip)), ["read"])
    assert seen == {"read": f"ESCAPED {b'footage'.hex()}\n"}


def _as_somebody(room: Cage, outside: Outside, acts: list[str]) -> dict[str, str]:
    """Act -> what a hostile tool says in the cage of an ordinary user."""
    kit = outside.clip.with_name("kit.py")
    kit.write_bytes(Path(hostile_tool.__file__).read_bytes())

    async def every() -> dict[str, str]:
        said = {}
        for act in acts:
            argv = (PYTHON, "-I", str(kit), act, outside.argument(act))
            trial = replace(job(room, outside), argv=argv, code=(kit,))
            said[act] = await said_of(trial, act)
        return said

    answer: dict[str, str] = json.loads(as_somebody(lambda: json.dumps(asyncio.run(every()))))
    return answer
