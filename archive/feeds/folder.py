"""A feed of files: a notice wakes, a look at the files decides.

Notices get lost (network shares, overflows), so the files are looked at every few seconds anyway.
A file whose size or time has changed is read; what counts is whether its content has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from archive.catalogue import feeds
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.feeds import FileSeen
from archive.feeds import reading
from archive.feeds.contract import Batch, Taken
from archive.feeds.mapping import FeedMapping
from evidence.digest import Sha256
from evidence.errors import TemporaryError

#: Seconds between two looks at the files if nothing is noticed.
RESCAN = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stat:
    """What tells without reading that a file is unchanged."""

    size: int
    mtime_ns: int


class Folder:
    """Watches *source*, one file or a folder of them, for the feed called *name*."""

    def __init__(self, name: str, source: Path, catalogue: Catalogue, mapping: FeedMapping) -> None:
        self._name = name
        self._source = source
        self._catalogue = catalogue
        self._mapping = mapping
        self._seen: dict[Path, _Stat] = {}
        self._read: dict[str, FileSeen] = {}
        self._there = frozenset[str]()
        self._woken = asyncio.Event()
        self._observer: BaseObserver | None = None

    async def start(self) -> None:
        """Begin to watch; a source that does not exist yet is found when it appears."""
        loop = asyncio.get_running_loop()
        self._observer = await asyncio.to_thread(_observe, self._source, loop, self._woken)

    async def stop(self) -> None:
        """Stop watching."""
        if self._observer is not None:
            self._observer.stop()
            await asyncio.to_thread(self._observer.join)

    async def wait(self) -> None:
        """Return when the files should be looked at again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RESCAN):
                await self._woken.wait()
        self._woken.clear()

    async def batches(self) -> AsyncIterator[Batch]:
        """Every file that says something else than when it was last read.

        TemporaryError names those that could not be read, once the others were.
        """
        unread: list[str] = []
        files = await asyncio.to_thread(_files, self._source)
        await self._forget(files)
        for file in files:
            try:
                batch = await self._batch(file)
            except FileNotFoundError:  # taken away since it was listed
                continue
            except OSError as error:
                unread.append(f"{file}: {error.strerror}")
                continue
            if batch is not None:
                yield batch
        if unread:
            raise TemporaryError(f"feed files cannot be read now: {'; '.join(unread)}")

    async def taken(self, batch: Batch, what: Taken) -> None:
        """The file counts as read only now, after its last row."""
        seen = self._read.pop(batch.source)
        await self._catalogue.run(_note, seen, what)
        self._seen[Path(batch.source)] = _Stat(size=seen.size, mtime_ns=seen.mtime_ns)

    async def trouble(self) -> str:
        """Why nothing can come; empty: it can."""
        there = await asyncio.to_thread(self._source.exists)
        return "" if there else f"feed {self._name}: there is no {self._source} yet"

    async def _forget(self, files: list[Path]) -> None:
        """A file that was taken out of a folder is no trouble any more."""
        there = frozenset(map(str, files))
        if there != self._there and await asyncio.to_thread(self._source.is_dir):
            await self._catalogue.run(feeds.forget_others, self._name, there)
            self._seen = {file: stat for file, stat in self._seen.items() if str(file) in there}
        self._there = there

    async def _batch(self, file: Path) -> Batch | None:
        stat = await asyncio.to_thread(_stat, file)
        if self._seen.get(file) == stat:
            return None
        data = await asyncio.to_thread(_bytes_of, file)
        digest, how = Sha256.of(data), self._mapping.digest
        known = await self._catalogue.run(feeds.file_known, self._name, str(file), digest, how)
        if known:
            self._seen[file] = stat
            return None
        sheet = await asyncio.to_thread(reading.sheet_of, file, data, self._mapping)
        self._read[str(file)] = FileSeen(
            feed=self._name,
            path=str(file),
            size=stat.size,
            mtime_ns=stat.mtime_ns,
            sha256=digest,
            mapping=how,
            encoding=sheet.encoding,
        )
        return Batch(source=str(file), sheet=sheet)


def _note(tx: Transaction, seen: FileSeen, what: Taken) -> None:
    feeds.note_file(tx, seen, len(what.reading.facts), what.reading.ignored_columns)


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
        for file in sorted(source.iterdir()) if source.is_dir() else [source]:
            if file != source and not _is_feed(file):
                continue
            with suppress(FileNotFoundError):  # taken away since it was listed
                if file.is_file():
                    dated.append((file.stat().st_mtime_ns, file))
    except OSError as error:
        raise TemporaryError(f"the feed {source} cannot be listed: {error.strerror}") from error
    return [file for _, file in sorted(dated)]


def _is_feed(file: Path) -> bool:
    """Whether it is called like one; Excel's own mark of an open workbook is none."""
    return file.suffix.lower() in reading.SUFFIXES and not file.name.startswith((".", "~$"))


def _stat(file: Path) -> _Stat:
    found = file.stat()
    return _Stat(size=found.st_size, mtime_ns=found.st_mtime_ns)


def _bytes_of(file: Path) -> bytes:
    """What the file holds, as far as :func:`archive.feeds.reading.sheet_of` cares."""
    with file.open("rb") as stream:
        return stream.read(reading.LARGEST + 1)  # one more tells that it is too large
