"""The continuity record of a docking: what stood on the card when it came, and when it left.

One rule: an entry has its numbers; names, and what a camera says of itself in words, are committed
to, and opened by whoever holds the journal.

It spans what lies between an officer's hands and the first hash: charge, clock and firmware of the
camera, the files on its card before and after, and numbers that lack among their names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from ingest.source import Listed
from station.heard import Heard


class Departure(StrEnum):
    """How a docking ended."""

    LEFT = "left"
    """The station saw the card leave."""
    UNSEEN = "unseen"
    """The station did not run when it left, or another card stood in its place when it looked."""


class CardState(msgspec.Struct, frozen=True, kw_only=True):
    """What stood on a card at one moment."""

    files: int
    """Everything with a name that is no folder, whatever it is."""
    size: int
    """Bytes of it, as the card lists them."""
    listing: str
    """SHA-256 over :func:`listing_line` of everything, sorted, in hexadecimal."""

    @classmethod
    def of(cls, listing: Iterable[Listed]) -> CardState:
        """The state of the card that lists this."""
        files, size, digest = 0, 0, hashlib.sha256()
        for each in sorted(listing, key=lambda listed: listed.path):
            files, size = files + 1, size + each.size
            digest.update(listing_line(each))
        return cls(files=files, size=size, listing=digest.hexdigest())


class Continuity(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a docking when its card leaves, beside what became of its files."""

    profile: str = ""
    """Id of the profile that the card was read by; empty: it was never read."""
    camera: str | None = None
    heard: Heard | None = None
    """What its camera told before it became a card."""
    after: CardState | None = None
    """The card as it was listed last; None if it was never listed."""
    gaps: list[str] = []
    """Names, or spans of them, that lack on the card and were never seen from this camera."""


def listing_line(listed: Listed) -> bytes:
    """One line of a listing: path (hexadecimal), size, time in nanoseconds, and what it is."""
    what = f"{listed.path.hex()} {listed.size} {listed.mtime_ns} {listed.sort.value}\n"
    return what.encode("ascii")
