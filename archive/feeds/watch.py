"""Keeps the incidents at what the feed's files say: a notice wakes, a look at the files decides.

Notices get lost (network shares, overflows), so the files are looked at every few seconds anyway.
A file whose size or time has changed is read; what counts is whether its content has.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from archive.catalogue import incidents
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.incidents import FileSeen
from archive.feeds import dispatch
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import TemporaryError

#: Seconds between two looks at the files if nothing is noticed.
RESCAN = 2.0
#: Rows taken in by one transaction, so that uploads do not wait long behind a big feed.
ROWS = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stat:
    """What tells without reading that a file is unchanged."""

    size: int
    mtime_ns: int


class FeedWatch:
    """Watches *source*, one CSV file or a folder of them."""

    def __init__(
        self, catalogue: Catalogue, source: Path, link_buffer: timedelta, clock: Clock
    ) -> None:
        self._catalogue = catalogue
        self._source = source
        self._buffer = link_buffer
        self._seen: dict[Path, _Stat] = {}
        self._woken = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._observer: BaseObserver | None = None
        self.work = Supervised("incident feed", self._step, clock)

    async def start(self) -> None:
        """Begin to watch; a source that does not exist yet is found when it appears."""
        loop = asyncio.get_running_loop()
        self._observer = await asyncio.to_thread(_observe, self._source, loop, self._woken)
        self.work.start()

    async def stop(self) -> None:
        """Stop watching."""
        await self.work.stop()
        if self._observer is not None:
            self._observer.stop()
            await asyncio.to_thread(self._observer.join)

    async def import_now(self) -> int:
        """Look at every file now; how many incidents were new or had changed.

        TemporaryError names the files that could not be read, once the others were.
        """
        async with self._one_at_a_time:
            changed, unread = 0, []
            for file in await asyncio.to_thread(_files, self._source):
                try:
                    changed += await self._look(file)
                except FileNotFoundError:  # taken away since it was listed
                    continue
                except OSError as error:
                    unread.append(f"{file}: {error.strerror}")
            if unread:
                raise TemporaryError(f"feed files cannot be read now: {'; '.join(unread)}")
            return changed

    async def _step(self) -> None:
        await self.import_now()
        with suppress(TimeoutError):
            async with asyncio.timeout(RESCAN):
                await self._woken.wait()
        self._woken.clear()

    async def _look(self, file: Path) -> int:
        stat = await asyncio.to_thread(_stat, file)
        if self._seen.get(file) == stat:
            return 0
        data = await asyncio.to_thread(_bytes_of, file)
        changed = 0
        if await self._catalogue.run(incidents.file_digest, str(file)) != Sha256.of(data):
            changed = await self._take(file, stat, data)
        self._seen[file] = stat
        return changed

    async def _take(self, file: Path, stat: _Stat, data: bytes) -> int:
        """Take in what the file says.  The file counts as read only after its last row."""
        reading = await asyncio.to_thread(dispatch.read, data)
        changed = 0
        for first in range(0, len(reading.rows), ROWS):
            rows = reading.rows[first : first + ROWS]
            changed += await self._catalogue.run(incidents.take, rows, self._buffer)
        seen = FileSeen(
            path=str(file),
            size=stat.size,
            mtime_ns=stat.mtime_ns,
            sha256=Sha256.of(data),
            encoding=reading.encoding,
            valid=len(reading.rows),
            ignored_columns=reading.ignored_columns,
        )
        await self._catalogue.run(incidents.note_file, seen, reading.problems)
        _report(file, reading)
        return changed


class _Notice(FileSystemEventHandler):
    """Wakes the loop; whatever happened, the files are looked at."""

    def __init__(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
        self._loop = loop
        self._woken = woken

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in {"opened", "closed_no_write"}:  # our own reading
            return
        with suppress(RuntimeError):  # the loop is gone: we are stopping
            self._loop.call_soon_threadsafe(self._woken.set)


def _observe(
    source: Path, loop: asyncio.AbstractEventLoop, woken: asyncio.Event
) -> BaseObserver | None:
    """Watch the folder of *source*; None where there is none, or no more watches to be had."""
    folder = source if source.is_dir() else source.parent
    observer = Observer()
    try:
        observer.schedule(_Notice(loop, woken), str(folder), recursive=False)
        observer.start()
    except OSError as error:
        _log.warning("no notices from %s (%s): it is looked at every %s s", folder, error, RESCAN)
        return None
    return observer


def _files(source: Path) -> list[Path]:
    """The feed files there are, oldest first: where two tell of one event, the newer tells last.

    TemporaryError if they cannot be listed.
    """
    dated: list[tuple[int, Path]] = []
    try:
        for file in sorted(source.glob("*.csv")) if source.is_dir() else [source]:
            with suppress(FileNotFoundError):  # taken away since it was listed
                if file.is_file():
                    dated.append((file.stat().st_mtime_ns, file))
    except OSError as error:
        raise TemporaryError(f"the feed {source} cannot be listed: {error.strerror}") from error
    return [file for _, file in sorted(dated)]


def _stat(file: Path) -> _Stat:
    found = file.stat()
    return _Stat(size=found.st_size, mtime_ns=found.st_mtime_ns)


def _bytes_of(file: Path) -> bytes:
    """What the file holds, as far as :func:`dispatch.read` cares."""
    with file.open("rb") as stream:
        return stream.read(dispatch.LARGEST + 1)  # one more tells that it is too large


def _report(file: Path, reading: dispatch.Reading) -> None:
    """Say how a file was read; officers and free text stay out of the process's log."""
    rows, problems = len(reading.rows), reading.problems
    _log.info("%s: %d rows used, %d not, as %s", file, rows, len(problems), reading.encoding)
    for problem in problems:
        _log.warning("%s:%d not used: %s", file, problem.row, problem.reason)
