"""A card read from its medium: a clip source that writes nothing itself.

One rule: a file is what its entry says, to the byte.  What the medium gives beyond or short of that
is an error, never a shorter file.  To erase, the kernel is asked (:mod:`station.disk.unlinking`),
and the medium is looked at again afterwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

from evidence.digest import BLOCK
from evidence.erase_proof import EraseProof, Fact, FileOnCard
from evidence.errors import CardGone, CardReadFailed, CardWriteFailed, EraseForbidden, FileRefused
from evidence.passing import WINDOW
from ingest.source import Listed, Sort, Stat
from station.disk.entry import Entry, Run
from station.disk.medium import BY_THE_KERNEL, Access, Medium
from station.disk.rescue_map import RescueMap
from station.disk.unlinking import Doomed, refused
from station.disk.volume import Place, Volume, volumes, walk

_TOLD = 20
"""Stretches of a file that are named when they cannot be read."""
_At = tuple[int, Entry]
"""Where its volume begins, and an entry of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What stands behind a path."""

    volume: Volume
    entry: Entry
    name: bytes | None
    """The path below its volume's root by which others know it, too; None if there is none."""

    @property
    def at(self) -> _At:
        return self.volume.read.start, self.entry


class RawCard:
    """The files of all volumes at *path*; holds the medium open until :meth:`close`.

    *life* tells this docking from another of the same card: it is part of its identity.  *rescued*
    tells what is missing from an image of a failing card.

    Raises CardGone if nothing stands there, CardReadFailed if it holds no file system that is
    known.  Files of a second volume lie below ``volume-2``, and so on.
    """

    def __init__(
        self,
        path: Path,
        *,
        life: str = "",
        rescued: RescueMap | None = None,
        access: Access = BY_THE_KERNEL,
    ) -> None:
        self._life = life
        self._path = path
        self._spoilt: str | None = None
        """What an erase did that it should not have done: then it was the last one."""
        self.medium = Medium(path, rescued=rescued, access=access)
        try:
            self._volumes = volumes(self.medium)
        except BaseException:
            self.medium.close()
            raise
        self._places: dict[bytes, _Held] = {}

    @property
    def serial(self) -> str:
        """Serial numbers of its volumes."""
        return "+".join(volume.serial for volume in self._volumes)

    @property
    def identity(self) -> str:
        """Tells this card from another that takes its place later."""
        told = [f"{volume.kind}:{volume.serial}" for volume in self._volumes]
        return "+".join([*told, self._life] if self._life else told)

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Have the kernel remove the file of *proof* (:meth:`ErasableSource.erase`).

        The medium is then read again: the file is gone, and all others are where they were, or
        CardWriteFailed says what is not, and nothing more is erased from this card.
        """
        if self._spoilt is not None:
            raise refused(listed.path, self._spoilt)
        self.listing()
        held = self._places.get(listed.path)
        if held is None:
            raise CardGone(f"{listed.path!r} is not on this card")
        if self._file(listed.path, held.entry) != proof.file:
            problem = f"{listed.path!r} is another file than the one the proof is about"
            raise EraseForbidden(Fact.UNCHANGED, problem)
        if held.name is None:
            raise refused(listed.path, "the card's own name of it is one that no path can hold")
        doomed = Doomed(disk=self._path, volume=held.volume, path=held.name, entry=held.entry)
        others = self._all() - {held.at}
        try:
            synced = doomed.forget(proof)
        except CardWriteFailed:
            self.medium.read(0, 1)  # or the card has left, which is another matter
            raise
        self._see_gone(listed.path, others)
        return synced

    def _see_gone(self, path: bytes, others: frozenset[_At]) -> None:
        """Return if *others* are all that is on the medium now."""
        self.listing()
        found = self._all()
        if found != others:
            spoilt = sorted({entry.name for _start, entry in found ^ others})
            self._spoilt = (
                f"after {path!r} was erased, the card holds other entries than before: {spoilt[:3]}"
            )
            raise refused(path, self._spoilt)

    def _all(self) -> frozenset[_At]:
        return frozenset(held.at for held in self._places.values())

    def _file(self, path: bytes, entry: Entry) -> FileOnCard:
        return FileOnCard(
            card=self.identity,
            path=path,
            size=entry.size,
            mtime_ns=entry.mtime_ns,
            mark=_mark(entry),
        )

    def rescued(self, image: Path, missing: RescueMap) -> RawCard:
        """This card, read from its *image*.  Raises as the class does."""
        return RawCard(image, life=self._life, rescued=missing)

    def close(self) -> None:
        self.medium.close()

    def listing(self) -> tuple[Listed, ...]:
        """Everything on the card, ordered by path.  Raises CardGone if the card left."""
        self.medium.cool(0, 0)  # all of it
        self._places = {}
        listed = [
            self._note(volume, place, number)
            for number, volume in enumerate(volumes(self.medium), start=1)
            for place in walk(volume)
        ]
        return tuple(sorted(listed, key=lambda each: each.path))

    def open(self, listed: Listed) -> RawOriginal:
        if listed.sort is not Sort.FILE:
            raise FileRefused(f"{listed.path!r} is a {listed.sort.value}, not a file")
        held = self._places.get(listed.path)
        if held is None:
            raise CardGone(f"{listed.path!r} is not on this card")
        if listed.problem is not None:
            raise FileRefused(f"{listed.path!r} cannot be read: {listed.problem}")
        return RawOriginal(held.volume, held.entry, listed.path)

    def _note(self, volume: Volume, place: Place, number: int) -> Listed:
        path = place.path if number == 1 else b"volume-%d/" % number + place.path
        own = self._own(path)
        plain = place.is_plain and own == path
        name = place.path if plain else None
        self._places[own] = _Held(volume=volume, entry=place.entry, name=name)
        return Listed(
            path=own,
            sort=Sort.FOLDER if place.entry.is_folder else Sort.FILE,
            size=place.entry.size,
            mtime_ns=place.entry.mtime_ns,
            mark=_mark(place.entry),
            problem=place.problem,
        )

    def _own(self, path: bytes) -> bytes:
        """*path*, or another for the second file of one name, which only a broken volume has."""
        number, free = 1, path
        while free in self._places:
            number += 1
            free = path + b" (%d)" % number
        return free


class RawOriginal:
    """One file of a raw card, open for reading.

    What was read is given up by the page cache after :data:`evidence.passing.WINDOW` of it.
    """

    def __init__(self, volume: Volume, entry: Entry, path: bytes) -> None:
        self._volume = volume
        self._entry = entry
        self._path = path
        self._ends = list(accumulate(run.length for run in entry.runs))
        self._passed = self._reached = 0
        """Up to where the page cache was told to give up what was read, and what was read."""

    def read_at(self, offset: int, size: int) -> bytes:
        size = min(size, self._entry.size - offset)
        if size <= 0:
            return b""
        written = max(0, min(size, self._entry.valid - offset))
        try:
            pieces = [self._volume.read(at.offset, at.length) for at in self._runs(offset, written)]
        except CardReadFailed as error:
            raise self._with_losses(error) from error
        self._let_pass(offset)
        self._reached = offset + size
        if written == size and len(pieces) == 1:
            return pieces[0]
        return b"".join(pieces) + bytes(size - written)

    def stat(self) -> Stat:
        for run in self._entry.where:
            self._volume.read.cool(run.offset, run.length)
        now = self._volume.again(self._entry)
        if now is None:
            raise CardGone(f"{self._path!r} is not there any more")
        return Stat(size=now.size, mtime_ns=now.mtime_ns, mark=_mark(now))

    def cool(self) -> None:
        for run in self._entry.runs:
            self._volume.read.cool(run.offset, run.length)

    def _with_losses(self, error: CardReadFailed) -> CardReadFailed:
        """*error*, with all bytes of the file that are missing from the image of a failing card."""
        lost, at = list[tuple[int, int]](), 0
        for run in self._entry.runs:
            found = self._volume.read.missing(run.offset, run.length)
            lost += [(at + start - run.offset, at + end - run.offset) for start, end in found]
            at += run.length
        if not lost:
            return error
        number = sum(end - start for start, end in lost)
        told = ", ".join(f"{start:,} to {end - 1:,}" for start, end in lost[:_TOLD])
        more = f" and {len(lost) - _TOLD} stretches more" if len(lost) > _TOLD else ""
        return CardReadFailed(
            f"{number:,} of the {self._entry.size:,} bytes of {self._path!r} cannot be read, since"
            f" its card is failing: bytes {told}{more}",
            advice="What can be read lies in the station's folder images (docs/usb.md); keep the"
            " card for a laboratory.",
        )

    def _let_pass(self, offset: int) -> None:
        """What lies before *offset* was read: the page cache may give it up (evidence.passing)."""
        if offset < self._passed:
            self._passed = offset
        elif offset - self._passed >= WINDOW:
            self._pass_by(offset)

    def _pass_by(self, offset: int) -> None:
        for run in self._runs(self._passed, offset - self._passed):
            self._volume.read.pass_by(run.offset, run.length)
        self._passed = offset

    def _runs(self, offset: int, size: int) -> Iterator[Run]:
        """Where on the volume *size* bytes of the file lie from *offset* on."""
        number = bisect_right(self._ends, offset)
        while size > 0 and number < len(self._ends):
            run, left = self._entry.runs[number], self._ends[number] - offset
            length = min(size, left)
            yield Run(run.offset + run.length - left, length)
            offset, size, number = offset + length, size - length, number + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The medium stays open: it is the card's."""
        if self._reached - self._passed > BLOCK:  # a look at the beginning is no reading
            self._pass_by(self._reached)


def _mark(entry: Entry) -> str:
    """Where the file lies: its successor of the same name lies elsewhere, or holds other runs."""
    return f"{entry.first:x}.{crc32(repr(entry.runs).encode()):08x}"
