"""What a link says: which clip, which incident, how sure, and why.

A link says why in codes and whole numbers; the languages of player and board make a sentence of
them.  Nothing in it names anybody, so that it may stand in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How much a link is worth."""

    PROPOSED = "proposed"
    """By the rule, and not sure enough: people decide."""
    AUTOMATIC = "automatic"
    """By the rule, and sure enough to count."""
    CONFIRMED = "confirmed"
    """By a person."""
    REJECTED = "rejected"
    """A person said no; no rule brings it back."""


COUNTS = frozenset({Standing.AUTOMATIC, Standing.CONFIRMED})
"""The links that count: for cases, leases, retention, packages and coverage."""


class LinkReason(StrEnum):
    """By what a clip came to an incident, in a word."""

    INSIDE_WINDOW = "officer+window"
    """The officer whom the clip names; recorded between dispatch and clearance."""
    NEAR_WINDOW = "officer+buffer"
    """The same, recorded outside the window but within the buffer."""
    ISSUED_INSIDE = "camera+window"
    """The camera was issued to the incident's officer; recorded between dispatch and clearance."""
    ISSUED_NEAR = "camera+buffer"
    """The same, recorded outside the window but within the buffer."""
    UNIT_AT_PLACE = "unit+place"
    """An officer of the same unit, close to the incident's place at its time."""
    BY_PERSON = "person"
    """Somebody says so; no rule does."""


class PartCode(StrEnum):
    """What gave or took points."""

    OFFICER_AND_CAMERA = "who.both"
    """The clip names the officer, and the camera was issued to the same."""
    OFFICER = "who.officer"
    """The clip names the officer; nobody told whom the camera was issued to."""
    CAMERA = "who.camera"
    """The camera was issued to the officer; the clip names nobody."""
    CAMERA_AGAINST = "who.camera_against"
    """The camera was issued to the officer, though the clip names another."""
    OFFICER_AGAINST = "who.officer_against"
    """The clip names the officer, though the camera was issued to another."""
    UNIT = "who.unit"
    """The clip is of an officer on duty in the incident's unit."""
    MOST = "time.most"
    """Most of it lies in the window, or it covers most of the window; seconds of overlap."""
    HALF = "time.half"
    SOME = "time.some"
    CLOSE = "time.close"
    """Outside of the window by no more than a minute; seconds."""
    NEAR = "time.near"
    """Outside of the window and within the buffer; seconds."""
    AT_PLACE = "place.at"
    """Recorded at the incident's place; metres."""
    BY_PLACE = "place.by"
    AROUND_PLACE = "place.around"
    FAR = "place.far"
    ELSEWHERE = "place.elsewhere"
    FIRST_OF_TWO = "rival.later"
    """Another incident of the same time came later, and calls are answered in turn; how many."""
    CONTESTED = "rival.contested"
    """Another incident of the same time came before; how many."""
    TAKEN = "rival.better"
    """Another incident has a better claim; how many have."""
    RECORDING = "recording"
    """Judged as one recording with the clips before and after it; how many clips it has."""


@dataclass(frozen=True, slots=True)
class Part:
    """One reason, what it is worth, and the number it goes by (seconds, metres, how many)."""

    code: PartCode
    points: int
    value: int = 0

    def to_wire(self) -> dict[str, object]:
        return {"code": self.code.value, "points": self.points, "value": self.value}


def written(parts: Iterable[Mapping[str, object]]) -> str:
    """Parts as entries hold them, on one line: ``code,points,value``, with blanks between."""
    return " ".join(f"{each['code']},{each['points']},{each['value']}" for each in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A clip belongs to an incident, or may."""

    clip: str
    incident: str
    reason: LinkReason
    standing: Standing
    seconds_outside: int
    """How far outside the window the clip lies; whole, never negative."""
    points: int
    parts: tuple[Part, ...]
