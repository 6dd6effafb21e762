"""A card that is played back from memory and can fail as real ones do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.erase_proof import EraseProof, Fact, FileOnCard
from evidence.errors import CardGone, CardReadFailed, EraseForbidden, FileRefused
from ingest.source import Listed, Sort, Stat
from station.card import Card


@dataclass(slots=True, kw_only=True)
class PlayedBackCard:
    """Gives *files*; every fault is a set of paths, or path -> the byte where it strikes."""

    files: dict[bytes, bytes]
    identity: str = "played-back"
    serial: str = ""
    unreadable: set[bytes] = field(default_factory=set)
    """Cannot be opened."""
    broken_at: dict[bytes, int] = field(default_factory=dict)
    """A read beyond fails (EIO)."""
    gone_at: dict[bytes, int] = field(default_factory=dict)
    """A read beyond finds no card."""
    short_at: dict[bytes, int] = field(default_factory=dict)
    """A read beyond gives nothing, without an error, as a raw device may after a yank."""
    growing: dict[bytes, bytes] = field(default_factory=dict)
    """What is appended at the first read."""
    at_the_end: Callable[[], object] = bool
    """Called when all of a file was read, before its size is looked at again."""
    closed: bool = False
    erased: list[bytes] = field(default_factory=list)
    """Paths that were erased, in order."""

    def listing(self) -> tuple[Listed, ...]:
        return tuple(
            Listed(path=path, sort=Sort.FILE, size=len(data), mtime_ns=len(data))
            for path, data in sorted(self.files.items())
        )

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        now = self.files[listed.path]
        file = FileOnCard(card=self.identity, path=listed.path, size=len(now), mtime_ns=len(now))
        if file != proof.file:
            raise EraseForbidden(Fact.UNCHANGED, f"{listed.path!r} is another file")
        del self.files[listed.path]
        self.erased.append(listed.path)
        return True

    def open(self, listed: Listed) -> PlayedBackOriginal:
        if listed.sort is not Sort.FILE:
            raise FileRefused(f"{listed.path!r} is a {listed.sort.value}")
        if listed.path not in self.files:
            raise CardGone(f"{listed.path!r} is gone")
        if listed.path in self.unreadable:
            raise CardReadFailed(f"{listed.path!r} cannot be read: permission denied")
        return PlayedBackOriginal(card=self, path=listed.path)

    def close(self) -> None:
        self.closed = True


@dataclass(slots=True, kw_only=True)
class PlayedBackOriginal:
    """One opened file of the card."""

    card: PlayedBackCard
    path: bytes

    def read_at(self, offset: int, size: int) -> bytes:
        card, path = self.card, self.path
        end = offset + size
        if path in card.growing and offset:
            card.files[path] += card.growing.pop(path)
        if end > card.broken_at.get(path, end):
            raise CardReadFailed(f"{path!r}: input/output error")
        if end > card.gone_at.get(path, end):
            raise CardGone(f"{path!r}: no such device")
        return card.files[path][offset : min(end, card.short_at.get(path, end))]

    def stat(self) -> Stat:
        self.card.at_the_end()
        size = len(self.card.files[self.path])
        return Stat(size=size, mtime_ns=size)

    def cool(self) -> None:
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


def card_of(files: Mapping[bytes, bytes]) -> PlayedBackCard:
    """A card that holds *files* and has no fault yet."""
    return PlayedBackCard(files=dict(files))


def playing(card: PlayedBackCard) -> Callable[[Path], Card]:
    """Whatever folder is docked, *card* stands there."""

    def open_card(folder: Path) -> Card:
        held = folder.stat()
        card.identity = f"{held.st_dev:x}-{held.st_ino:x}"
        return card

    return open_card
