"""Running a media tool on hostile input: caged, leashed, drained, timed, and dead when we are.

Every child has closed stdin, its own session, limits on memory, processor time and file size, no
way to outlive this process, and its scratch files in the folder it is given; where the machine can
build one, it sits in a cage.  Both pipes are read all the time: an unread one stops ffmpeg for
ever.  What a child leaves behind is looked at before anything of ours opens it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import RenditionFailed, SetupError
from ingest.rendition.cage import Cage, NoCage, Sight

Sink = Callable[[bytes], Awaitable[None]]
"""Takes the child's output piece by piece; what it raises ends the child."""

_PIECE = 1 << 18
_TAIL = 4096
"""Bytes of complaints worth keeping: the last ones."""
_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use."""

    seconds: int
    """Wall clock; processor time may be this many seconds on each of two cores."""
    written: int
    """Bytes of any one file."""
    memory: int = 4 << 30
    """Bytes of address space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One child to run."""

    argv: tuple[str, ...]
    folder: Path
    """Where it works and keeps its scratch files."""
    limits: Limits
    cage: Cage | NoCage
    reads: tuple[Path, ...] = ()
    """Files of a camera that it reads."""
    code: tuple[Path, ...] = ()
    """Files and folders of its own program outside /usr."""

    @property
    def command(self) -> tuple[str, ...]:
        """The whole argv: leash, cage, tool."""
        sight = Sight(folder=self.folder, reads=self.reads, code=self.code)
        return (*leash(self.limits), *self.cage.around(sight), *self.argv)


def leash(limits: Limits) -> tuple[str, ...]:
    """The argv prefix that binds a child to us: util-linux's tools, else our own ``leash.py``."""
    setpriv, prlimit = shutil.which("setpriv"), shutil.which("prlimit")
    cpu = limits.seconds * 2
    if setpriv is None or prlimit is None:
        numbers = map(str, (os.getpid(), limits.memory, cpu, limits.written))
        return (sys.executable, "-I", "-S", str(_LEASH), *numbers)
    return (
        *(setpriv, "--pdeathsig", "KILL", "--no-new-privs", prlimit, "--core=0"),
        *(f"--as={limits.memory}", f"--cpu={cpu}", f"--fsize={limits.written}", "--"),
    )


async def run(job: Job, sink: Sink) -> None:
    """Run *job* to its end, giving its standard output to *sink*.

    RenditionFailed names the tool and its last complaint if it ends badly or takes too long.
    Cancelling kills the child and waits for it.
    """
    tool = Path(job.argv[0]).name
    child = await _start(job)
    try:
        async with asyncio.timeout(job.limits.seconds):
            complaint = await _drain(child, sink)
            code = await child.wait()
    except TimeoutError:
        raise RenditionFailed(f"{tool} took longer than {job.limits.seconds} s") from None
    finally:
        await _end(child)
    _see_plain(job.folder)
    if code != 0:
        raise RenditionFailed(f"{tool} ended with {_meaning(code)}: {complaint or 'no complaint'}")


async def collect(job: Job, most: int) -> bytes:
    """Run *job* and return its standard output; RenditionFailed beyond *most* bytes."""
    output = bytearray()

    async def keep(piece: bytes) -> None:
        output.extend(piece)
        if len(output) > most:
            raise RenditionFailed(f"{Path(job.argv[0]).name} said more than {most} bytes")

    await run(job, keep)
    return bytes(output)


def first_line(argv: Sequence[str]) -> str:
    """The first line a tool of our own choice prints; SetupError if it does not start."""
    try:
        done = subprocess.run(argv, stdin=DEVNULL, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(f"{argv[0]} does not run: {error}") from error
    return done.stdout.decode("utf-8", "replace").partition("\n")[0]


async def _start(job: Job) -> Process:
    scratch = str(job.folder)
    return await asyncio.create_subprocess_exec(
        *job.command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=scratch,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch},
        start_new_session=True,
        limit=_PIECE,
    )


def _see_plain(folder: Path) -> None:
    """RenditionFailed if a child left anything in *folder* but files and folders of its own.

    A link that it left would lead whoever opens it out of the folder, and a pipe would hang him.
    """
    with os.scandir(folder) as names:
        odd = [name for name in names if not name.is_file(follow_symlinks=False)]
    for name in odd:
        if not name.is_dir(follow_symlinks=False):
            Path(name.path).unlink()
            raise RenditionFailed(f"the tool left something that is no file: {name.name!r}")


async def _drain(child: Process, sink: Sink) -> str:
    """Read both pipes to their ends; the last line of the complaints."""
    tail = bytearray()

    async def keep_tail(piece: bytes) -> None:
        tail.extend(piece)
        del tail[:-_TAIL]

    readers = [
        asyncio.create_task(_pour(child.stdout, sink)),
        asyncio.create_task(_pour(child.stderr, keep_tail)),
    ]
    try:
        await asyncio.gather(*readers)
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    lines = tail.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


async def _pour(pipe: asyncio.StreamReader | None, sink: Sink) -> None:
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        await sink(piece)


async def _discard(piece: bytes) -> None:
    del piece


async def _end(child: Process) -> None:
    """Kill what may still run, and see both pipes closed, so that nothing of the child is left."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await _drain(child, _discard)
    await child.wait()


def _meaning(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
