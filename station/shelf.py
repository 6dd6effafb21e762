"""The files of one card as they were seen: which hold still, which are new, which are gone.

One rule: a file is taken for what it is only after it held still for a while: by our clock, or by
the card's own, when something else was written there that long after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ingest.source import FileKey, Listed, Sort
from station.journal.records import ClipRecord

_COARSEST = 2.0
"""Seconds: the step in which FAT keeps times, the coarsest of all file systems on cards."""

ATTEMPTS = 3
"""How often a file that cannot be read is tried in one docking."""


@dataclass(slots=True, kw_only=True)
class Place:
    """One name on the card, since it looks as it does now."""

    listed: Listed
    since: float
    """When it first looked so, on the monotonic clock."""
    changing: bool = False
    """It changed while it stood here: what its card tells of times does not count for it."""
    key: FileKey | None = None
    """By what the journal knows it, once it held still."""
    clip: ClipRecord | None = None
    """What the journal knows it as, once it held still."""
    companion: bool = False
    failures: int = 0
    refusals: int = 0
    """How often an erase of it was refused in this docking."""
    waits: int = 0
    """How often in a row an erase had to wait for the archive."""
    not_before: float = -float("inf")
    """When an erase may be tried again, on the monotonic clock."""
    erased: bool = False
    """It is gone from the card, which was not looked at since."""
    guarded: bool = False
    """The archive could not vouch for its copy: this file may be the last good one."""

    @property
    def is_due(self) -> bool:
        """Whether it waits to be copied."""
        held = self.clip
        return (
            held is not None
            and held.standing_on_card
            and self.listed.problem is None
            and self.failures < ATTEMPTS
        )

    @property
    def needs_help(self) -> bool:
        """Whether a person must look before the camera may go."""
        held = self.clip
        if held is None:
            return False
        return self.guarded or held.stopped or (held.standing_on_card and not self.is_due)

    @property
    def is_dated(self) -> bool:
        """Whether it is a file of which its card tells, credibly, when it last changed."""
        listed = self.listed
        told = listed.sort is Sort.FILE and listed.problem is None and listed.mtime_ns > 0
        return told and not self.changing

    @property
    def rank(self) -> tuple[int, ...]:
        """Important ones first, then recordings, then what accompanies them."""
        important = self.clip is not None and self.clip.important
        return (int(not important), int(self.companion))


class Shelf:
    """All places of one card."""

    def __init__(self) -> None:
        self._places: dict[bytes, Place] = {}

    def __iter__(self) -> Iterator[Place]:
        return iter(tuple(self._places.values()))

    def __len__(self) -> int:
        return len(self._places)

    def arrange(self, listing: Sequence[Listed], now: float) -> list[Place]:
        """Take over a new *listing* seen at *now*; the places that are gone from the card."""
        gone = dict(self._places)
        for listed in listing:
            old = gone.pop(listed.path, None)
            if old is None or old.listed != listed:
                self._places[listed.path] = Place(
                    listed=listed, since=now, changing=old is not None
                )
        for path in gone:
            del self._places[path]
        return list(gone.values())

    def settled(
        self, now: float, seconds: float, sidecars: Collection[bytes] | None = ()
    ) -> list[Place]:
        """Places that held still for *seconds* and are not known by the journal yet.

        A camera writes one recording after the other, so only its last ones have to be waited for,
        and its *sidecars*, which tell whose the others are (None: one is missing).  That is a
        guess, as any wait is; what is certain is only that a file did not change while it was
        pulled.
        """
        dated = [place for place in self if place.is_dated]
        newest = max((place.listed.mtime_ns for place in dated), default=0)
        old = newest - int((seconds + _COARSEST) * 1e9)
        still = {place.listed.path for place in dated if place.listed.mtime_ns <= old}
        if sidecars is None or not still.issuperset(sidecars):
            still = set()
        return [
            place
            for place in self
            if place.clip is None and (now - place.since >= seconds or place.listed.path in still)
        ]

    def unsettle(self, place: Place, now: float) -> None:
        """The file changed under our hands: it must hold still anew."""
        place.since, place.clip, place.changing = now, None, True

    def is_settling(self) -> bool:
        """Whether something on the card is still waited for."""
        return any(place.clip is None for place in self)

    def due(self) -> list[Place]:
        """Places that wait to be copied, in their order."""
        return sorted(
            (place for place in self if place.is_due),
            key=lambda place: (place.rank, place.listed.path),
        )


def first_problem(places: Sequence[Place]) -> str | None:
    """What is said of the first file that needs a person, else of one that raised an alarm."""
    held = [place.clip for place in places if place.clip is not None]
    helpless = [place.clip for place in places if place.needs_help and place.clip is not None]
    told = [*(clip.problem for clip in helpless), *(clip.alarm for clip in held)]
    return next(filter(None, told), None)
