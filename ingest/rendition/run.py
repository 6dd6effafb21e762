"""Running a media tool on hostile input: caged, leashed, drained, timed, and dead when we are.

Every child has closed stdin, its own session, limits on memory, processor time and file size, no
way to outlive this process, and its scratch files in the folder it is given; where memory runs out
it goes first; where the machine can build one, it sits in a cage.  Both pipes are read all the
time: an unread one stops ffmpeg for ever.  What a child that read media leaves behind is weighed
while it works, and looked at before anything of ours opens it.
"""

from __future__ import annotations

import asyncio
import os
import re
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
from ingest.rendition.leash import MOST_OPEN
from ingest.rendition.tray import weigh

Sink = Callable[[bytes], Awaitable[None]]
"""Takes the child's output piece by piece; what it raises ends the child."""

_PIECE = 1 << 18
_TAIL = 4096
"""Bytes of complaints worth keeping: the last ones."""
_NOT_LET = re.compile(r"Codec \((\w+)\) not on whitelist")
"""How ffmpeg and ffprobe say that a codec is not among those in ``ffmpeg.py``."""
_WEIGHED_EVERY = 0.25
"""Seconds; a disk takes some hundred megabytes in that time."""
_LAST_WORDS = 5
"""Seconds for a killed child to be gone, pipes and all, on a busy machine."""
_SPARE = 1 << 20
"""Bytes by which a disk may round up what files take."""
_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use."""

    seconds: int
    """Wall clock; processor time may be this many seconds on each of two cores."""
    written: int
    """Bytes of any one file; where media is read, of all files together."""
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

    def command(self, filtered: int | None) -> tuple[str, ...]:
        """The whole argv: leash, cage (with the descriptor that its filter gave), tool."""
        sight = Sight(folder=self.folder, reads=self.reads, code=self.code)
        return (*leash(self.limits), *self.cage.around(sight, filtered), *self.argv)


def leash(limits: Limits) -> tuple[str, ...]:
    """The argv prefix that binds a child to us: util-linux's tools, else our own ``leash.py``."""
    choom, setpriv, prlimit = map(shutil.which, ("choom", "setpriv", "prlimit"))
    cpu = limits.seconds * 2
    if choom is None or setpriv is None or prlimit is None:
        numbers = map(str, (os.getpid(), limits.memory, cpu, limits.written))
        return (sys.executable, "-I", "-S", str(_LEASH), *numbers)
    return (
        *(choom, "-n", "1000", "--"),  # the kernel kills it, not the station, for want of memory
        *(setpriv, "--pdeathsig", "KILL", "--no-new-privs", prlimit, "--core=0"),
        *(f"--as={limits.memory}", f"--cpu={cpu}", f"--fsize={limits.written}"),
        *(f"--nofile={MOST_OPEN}", "--"),
    )


async def run(job: Job, sink: Sink) -> None:
    """Run *job* to its end, giving its standard output to *sink*.

    RenditionFailed names the tool and its last complaint if it ends badly, takes too long, or
    leaves what no tool of ours leaves (see ``tray.py``); TemporaryError, which says nothing about
    the file, if it ends badly and its cage does not hold even an idle child any more.
    Cancelling kills the child and waits for it.
    """
    tool = Path(job.argv[0]).name
    child = await _started(job)
    try:
        async with asyncio.timeout(job.limits.seconds):
            complaint = await _attended(job, child, sink)
            code = await child.wait()
    except TimeoutError:
        raise RenditionFailed(f"{tool} took longer than {job.limits.seconds} s") from None
    finally:
        await _end(job, child)
    if code != 0:
        await asyncio.to_thread(job.cage.check, job.folder)
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


async def _started(job: Job) -> Process:
    """The child, running.

    If we are cancelled meanwhile, it is started all the same, and ended then: asyncio may wait for
    ever for a child whose start it cut off (CPython issue 119710).
    """
    start = asyncio.create_task(_start(job))
    try:
        return await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.wait({start})
        if start.exception() is None:
            await _end(job, start.result())
        raise


async def _start(job: Job) -> Process:
    scratch = str(job.folder)
    filtered = job.cage.filter()
    try:
        return await asyncio.create_subprocess_exec(
            *job.command(filtered),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=scratch,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch},
            pass_fds=() if filtered is None else (filtered,),
            start_new_session=True,
            limit=_PIECE,
        )
    finally:
        if filtered is not None:
            os.close(filtered)


async def _attended(job: Job, child: Process, sink: Sink) -> str:
    """Drain *child*, and end it if it fills its folder; its complaint."""
    if not job.reads:
        return await _drain(child, sink)
    most = weigh(job.folder).held + job.limits.written + _SPARE
    whole = asyncio.create_task(_drained_and_ended(child, sink))
    try:
        while not (await asyncio.wait((whole,), timeout=_WEIGHED_EVERY))[0]:
            _check_weight(job, most)
        complaint = await whole
        _check_weight(job, most)
        return complaint
    finally:
        whole.cancel()
        await asyncio.gather(whole, return_exceptions=True)


async def _drained_and_ended(child: Process, sink: Sink) -> str:
    """Its complaint, when *child* has closed its pipes and has ended, which are two things."""
    complaint = await _drain(child, sink)
    await child.wait()
    return complaint


def _check_weight(job: Job, most: int) -> None:
    """RenditionFailed if more than *most* bytes lie there, or what no tool of ours leaves."""
    if weigh(job.folder).held > most:
        tool = Path(job.argv[0]).name
        raise RenditionFailed(f"{tool} wrote more than the {job.limits.written} bytes it may")


async def _drain(child: Process, sink: Sink) -> str:
    """Read both pipes to their ends; the child's complaint."""
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
    return _complaint(tail.decode("utf-8", "replace"))


def _complaint(said: str) -> str:
    """What to tell of all that a tool said: that we did not let it, else its last line."""
    refused = _NOT_LET.search(said)
    if refused is not None:
        return f"codec {refused[1]} is none that cameras write, and is not opened"
    return next((line.strip() for line in reversed(said.split("\n")) if line.strip()), "")


async def _pour(pipe: asyncio.StreamReader | None, sink: Sink) -> None:
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        await sink(piece)


async def _discard(piece: bytes) -> None:
    del piece


async def _end_cage(child: Process) -> None:
    """Kill the first process of a cage that still runs, and wait for bubblewrap outside to end.

    The kernel reports a namespace's first process as dead when all others in it are; were
    bubblewrap outside killed first, a tool could write for a moment after we took it for dead.
    """
    with suppress(OSError):  # no such kernel interface, or ended meanwhile: _end kills the rest
        inside = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text(encoding="ascii")
        for first in inside.split():
            os.kill(int(first), signal.SIGKILL)
        if inside:
            async with asyncio.timeout(_LAST_WORDS):
                await child.wait()


async def _end(job: Job, child: Process) -> None:
    """Kill what may still run, and see both pipes closed, so that nothing of the child is left.

    RenditionFailed if something got out of reach: without a cage a child can see to that.
    """
    tool = Path(job.argv[0]).name
    if isinstance(job.cage, Cage):
        await _end_cage(child)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    try:
        async with asyncio.timeout(_LAST_WORDS):
            await _drain(child, _discard)
            await child.wait()
    except TimeoutError:
        child._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  no public way
        raise RenditionFailed(f"{tool} left a process behind that could not be ended") from None


def _meaning(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
