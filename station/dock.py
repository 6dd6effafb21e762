"""The dock: where cards stand; one that appears is docked, one that is gone undocked.

A folder may be a dock, whose sub-folders are cards; USB ports are another
(:mod:`station.usb.ports`).
One rule: an event only rings a bell, and looking decides.  Where events cannot be had (inotify's
limits, network file systems) the dock is looked at all the same, only a little later.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from evidence.errors import CardGone
from evidence.names import shown
from station.card import Card, FolderCard
from station.supervision import in_words

_FEW = 3
"""Names that are told of many."""


class Dock(Protocol):
    """Where cards stand.  All verbs may block: call them from a thread."""

    def cards(self) -> Mapping[bytes, str]:
        """Name -> identity of every card that stands here now.  CardGone if nobody can tell."""
        ...

    def open(self, name: bytes) -> Card:
        """The card called *name*, which has the identity that was listed.

        CardGone if it is not there any more, another CameraError if it cannot be opened.
        """
        ...

    def problems(self) -> tuple[str, ...]:
        """What stands here and is not taken in, and why.  CardGone as above."""
        ...


@dataclass(frozen=True, slots=True)
class Docks:
    """Several docks as one; where two have a card of one name, the first one's counts.

    A dock that cannot be looked at has no cards, and is a problem; the others go on.
    """

    docks: tuple[Dock, ...]

    def cards(self) -> Mapping[bytes, str]:
        """As :meth:`Dock.cards`, but never CardGone."""
        found: dict[bytes, str] = {}
        for dock in reversed(self.docks):
            with suppress(CardGone):
                found |= dock.cards()
        return found

    def open(self, name: bytes) -> Card:
        for dock in self.docks:
            with suppress(CardGone):
                if name in dock.cards():
                    return dock.open(name)
        raise CardGone(f"{shown(name)} is not at the dock any more")

    def problems(self) -> tuple[str, ...]:
        return tuple(problem for dock in self.docks for problem in _problems_of(dock))


def _problems_of(dock: Dock) -> tuple[str, ...]:
    try:
        return dock.problems()
    except CardGone as error:
        return (in_words(error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DockRoot:
    """A folder whose sub-folders are cards."""

    folder: Path
    open_card: Callable[[Path], Card] = FolderCard

    def cards(self) -> Mapping[bytes, str]:
        """By their folder's name.  Links are not followed."""
        return {
            name: f"{held.st_dev:x}-{held.st_ino:x}"
            for name, held in self._names().items()
            if stat.S_ISDIR(held.st_mode)
        }

    def open(self, name: bytes) -> Card:
        return self.open_card(self.folder / os.fsdecode(name))

    def problems(self) -> tuple[str, ...]:
        """Names in the dock root that are no folders; links to folders are none."""
        names = self._names().items()
        others = sorted(name for name, held in names if not stat.S_ISDIR(held.st_mode))
        return (_not_docked(others),) if others else ()

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


def _not_docked(names: list[bytes]) -> str:
    """What is said of *names* in the dock root that are no cards."""
    some = ", ".join(shown(name) for name in names[:_FEW])
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"not copied, since only folders are cards: {some}{more} in the dock root"


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
