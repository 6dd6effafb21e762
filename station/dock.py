"""The dock root: its sub-folders are cards; one that appears is docked, one that is gone undocked.

One rule: an event only rings a bell, and looking decides.  Where events cannot be had (inotify's
limits, network file systems) the dock is looked at all the same, only a little later.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from evidence.errors import CardGone


@dataclass(frozen=True, slots=True, kw_only=True)
class DockRoot:
    """A folder whose sub-folders are cards."""

    folder: Path

    def cards(self) -> Mapping[bytes, str]:
        """Folder name -> identity of every card that stands here now.  Links are not followed.

        Raises CardGone if the dock root itself cannot be listed.
        """
        return {
            name: f"{held.st_dev:x}-{held.st_ino:x}"
            for name, held in self._names().items()
            if stat.S_ISDIR(held.st_mode)
        }

    def others(self) -> tuple[bytes, ...]:
        """Names in the dock root that are no folders, links to folders too; errors as above."""
        names = self._names().items()
        return tuple(sorted(name for name, held in names if not stat.S_ISDIR(held.st_mode)))

    def _names(self) -> Mapping[bytes, os.stat_result]:
        found = {}
        try:
            with os.scandir(os.fsencode(self.folder)) as names:
                for name in names:
                    try:
                        found[name.name] = name.stat(follow_symlinks=False)
                    except OSError:
                        continue  # it left while we looked
        except OSError as error:
            raise CardGone(f"the dock root {self.folder} cannot be listed: {error}") from error
        return found

    def path(self, name: bytes) -> Path:
        """The folder of the card called *name*."""
        return self.folder / os.fsdecode(name)


class Bell(FileSystemEventHandler):
    """Rings when the dock root reports a change; :attr:`silent` says why it cannot, if so."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self._observer = Observer()
        self.silent: str | None = None
        try:
            self._observer.schedule(self, str(folder))
            self._observer.start()
        except OSError as error:
            self.silent = f"the dock is only looked at from time to time: no events ({error})"

    def on_created(self, event: FileSystemEvent) -> None:
        self._ring(event)

    def on_deleted(self, event: FileSystemEvent) -> None:
        self._ring(event)

    def on_moved(self, event: FileSystemEvent) -> None:
        self._ring(event)

    def ring(self) -> None:
        """Let whoever waits look at once."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, at the latest after *seconds*."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()

    def close(self) -> None:
        """Stop listening.  Blocks until the observer's thread has ended."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def _ring(self, _event: FileSystemEvent) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)
