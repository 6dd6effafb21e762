"""What people see of a station: one word a card, and the numbers behind it.

One rule: ``SAFE`` means that every file of the card was read again from the station's disk and is
what the camera gave.  It never means that the camera was, or may be, cleared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """The six states of a slot."""

    EMPTY = "empty"
    """No camera here."""
    READING = "reading"
    """The card is listed; files still being written are waited for."""
    COPYING = "copying"
    """Files are copied, or wait for their turn."""
    CHECKING = "checking"
    """Copied files are read again from the station's disk."""
    SAFE = "safe"
    """All files are verified on the station's disk, and archived where the settings wait for that:
    the camera may be taken."""
    CALL = "call"
    """Something is wrong: leave the camera and call a supervisor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """One slot of the dock."""

    slot: str
    """Name of the slot: the card's folder, escaped for showing."""
    word: Word
    label: str = ""
    """What is written beside the slot on the rack; empty if it is none of the rack's."""
    camera: str = ""
    officer: str | None = None
    files_done: int = 0
    """Files that need no more of the card."""
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    rate: float = 0.0
    """Bytes a second, measured over the last seconds; 0 when nothing is copied."""
    note: str | None = None
    """What people should know, in one sentence."""
    battery: int | None = None
    """Percent, as the camera told when it was docked; None if it did not."""
    clock_offset: float | None = None
    """Seconds that its clock was ahead of ours; None if it was not read."""
    waits: bool = False
    """Everything is verified here, and the archive's word is waited for before it is safe."""
    profile: str = ""
    """Id of the firmware profile that its card is read by; empty before the first look."""
    verified: str = ""
    """How far that profile was proven: ``none``, ``log`` or ``hardware``."""
    signature: str | None = None
    """Names of the keys whose signatures of that profile were checked, empty if nobody's; None if
    there is no such profile."""
    important: int = 0
    """Files on it that are marked important: they are copied first."""
    cleared: bool = False
    """Nothing is left on the card but names without an original, and every removal reached it."""
    receipt: str | None = None
    """The receipt of this docking (:mod:`station.docking_receipt`), once all of it is archived."""
    at_rest: tuple[str, str] = ("", "")
    """How its clips lie in the archive's vault, in Chinese and English; empty without a receipt."""
    unseen: bool = False
    """Witnesses were to see that receipt, and too few have for an hour."""
    known: bool = False
    """Something but its slot names the camera."""
    charge: int | None = None
    """Percent it has by now, as reckoned from what it told and how long it stood here."""
    charged: bool = True
    """That is enough for it to be handed out."""
    worn_by: str = ""
    """Officer whom it is assigned to; empty: nobody."""
    ready: bool = False
    """It may be handed out to whoever comes."""
    next: bool = False
    """It is the one that is handed out next."""
    called: str | None = None
    """When somebody called a supervisor to this slot, RFC 3339 UTC; None once answered."""

    @property
    def percent(self) -> int:
        """Part of the bytes that is done, in whole percent."""
        if self.bytes_total:
            return min(100, 100 * self.bytes_done // self.bytes_total)
        return 100 if self.word is Word.SAFE else 0

    @property
    def minutes_left(self) -> int | None:
        """Whole minutes, rounded up, at the measured rate; None if nothing can be said."""
        left = self.bytes_total - self.bytes_done
        if left <= 0 or self.rate <= 0:
            return None
        return -int(-left // (60 * self.rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Clips this station ever saw, by how far they came."""

    found: int = 0
    verified: int = 0
    """Their bytes are verified on the station's disk, or beyond."""
    archived: int = 0
    receipts: int = 0
    renditions: int = 0
    """It is decided which rendition there is, if any."""
    finished: int = 0
    """The journey is over."""
    released: int = 0
    """Their camera was let to forget them, on an erase proof."""
    lacking: int = 0
    """Partial or refused: there is no whole original here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationView:
    """The whole station at one moment."""

    name: str
    cards: tuple[CardView, ...]
    totals: Totals
    problems: tuple[str, ...]
    """Everything that keeps work from going on, in words; empty when all is well."""
    called: str | None = None
    """When somebody called a supervisor to the station as a whole; None once answered."""
    room: int = 0
    """Bytes that still fit on the station's disk."""
    days_left: float | None = None
    """Days that this lasts without the archive, at the rate of the last week; None: not known."""
    witnesses_silent: str | None = None
    """Since when no quorum of witnesses has seen the log (RFC 3339 UTC), if that is more than a
    day; empty: none ever has; None: all is well, or nobody knows yet."""
    sends_at: str | None = None
    """When clips that are not important are sent again (``20:00``); None: now."""
