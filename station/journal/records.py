"""What the journal tells and is told, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass, ClipState
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.digests import Digests, Sm3
from evidence.names import last_part
from evidence.wire import Archived
from ingest.journey import Standing
from ingest.source import FileKey
from station.claims import Claims, HandedIn
from station.heard import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedDocking:
    """A docking, and what was mailed of it."""

    docking: str
    has_left: bool
    """Whether its card is gone: nothing joins it any more."""
    mailed: Mapping[str, str]
    """Box -> the receipt that was mailed to it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A file that stands on a docked card."""

    docking: str
    folder: bytes
    """Name of the card's folder in the dock root."""
    key: FileKey
    claims: Claims
    clip_class: ClipClass
    profile: str
    acquisition: Acquisition
    """Always said: a door that forgot would claim the strongest grade."""
    handed_in: HandedIn | None = None
    """Who handed it in, if it was imported."""
    reason: str | None = None
    """Reason code of what is refused (``symlink``) or cannot be read (``unreadable``)."""
    problem: str | None = None
    """The same for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Docking:
    """A card at the dock."""

    id: str
    continued: bool
    """It stood here already when the station last looked, so it was not docked anew."""
    docked: str
    """When, by the station's clock."""
    heard: Heard | None = None
    """What the camera told before it became this card."""


class DockingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A docking and the record of its continuity."""

    docking: str
    slot: str
    docked: str
    undocked: str | None
    begin: dict[str, object] | None
    """The fields of its ``dock.begin`` entry, if there is one."""
    end: dict[str, object] | None
    begin_words: dict[str, str]
    """What opens that entry's commitments, each seen to open it."""
    end_words: dict[str, str]

    @property
    def camera(self) -> str | None:
        """Its camera, if anything but the slot named it."""
        return self.end_words.get("camera") or self.begin_words.get("camera")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """What was written to a camera, or was to be."""

    id: str
    what: str
    words: str
    how: str
    """``begun``, ``done``, ``failed`` or ``refused``."""
    problem: str | None

    @property
    def told(self) -> str:
        """For people; of one that has only begun the end is not known."""
        how = "begun, and its end is not known" if self.how == "begun" else self.how
        return f"{self.words}: {how}" + (f", since {self.problem}" if self.problem else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """All the journal knows of one clip."""

    id: str
    state: ClipState
    clip_class: ClipClass
    """What it is; ``partial`` while its bytes are not all here."""
    camera: str
    path: bytes
    size: int
    profile: str
    officer: str | None
    started: str | None
    important: bool
    clock_offset_ms: int | None
    """Camera clock minus ours at the docking where it was found; None if that was not read."""
    acquisition: Acquisition
    """How its bytes came, or are to come, to this station."""
    sha256: Sha256 | None
    sm3: Sm3 | None
    """Of the same read, if the station takes it."""
    got: int
    """Bytes that were kept of it when its card left or failed."""
    partial: str | None
    """Why it is not whole, as a code."""
    archived: Archived | None
    archive_id: str | None
    """The archive's id of the clip, once it is known."""
    receipt: bool
    rendition: str | None
    """Kind of its rendition, ``none`` if it is decided that there is none."""
    segments: int | None
    freed: bool
    problem: str | None
    """Why it cannot go on, or has no rendition."""
    alarm: str | None
    """What a person should look at though nothing failed: other bytes under a known name."""
    stopped: bool
    """Something is wrong that no retry mends: a person must look."""

    @property
    def digests(self) -> Digests | None:
        """What its bytes hash to; None before they were read whole."""
        return None if self.sha256 is None else Digests(sha256=self.sha256, sm3=self.sm3)

    @property
    def standing(self) -> Standing:
        """Where it stands on its journey."""
        return Standing(
            state=self.state,
            receipt=self.receipt,
            rendition=self.rendition is not None,
            freed=self.freed,
        )

    @property
    def name(self) -> str:
        """The id under which the archive and the receipts know it."""
        return self.archive_id or self.id

    @property
    def is_refused(self) -> bool:
        """Whether there is no original behind the name."""
        return self.clip_class is ClipClass.REFUSED

    @property
    def standing_on_card(self) -> bool:
        """Whether its only whole copy, as far as we know, is on its card."""
        return self.state is ClipState.FOUND and not self.is_refused and not self.stopped

    @property
    def is_safe(self) -> bool:
        """Whether its card is not needed any more: verified on our disk, or nothing to keep."""
        return self.is_refused or self.state not in {ClipState.FOUND, ClipState.PULLED}

    @property
    def is_archived(self) -> bool:
        """Whether the archive has vouched for it, or there is nothing to keep."""
        return self.is_refused or self.state in {ClipState.ARCHIVED, ClipState.RELEASED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The pulled copy is a clip of its own."""

    clip: str
    alarm: str | None
    """Set if another clip of this camera bears the same name and holds other bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SameAs:
    """The pulled bytes are those of a clip that is known already; the copy is not needed."""

    clip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One file ever seen on a card: for the command line, usable without the archive."""

    id: str
    camera: str
    officer: str | None
    folder: bytes
    """Name of the card's folder in the dock root."""
    path: bytes
    """Path on the card; the name is its last part."""
    size: int
    sha256: Sha256 | None
    state: ClipState
    clip_class: ClipClass
    acquisition: Acquisition
    receipt: str | None
    """File name in the receipts folder."""
    rendition: str | None
    segments: int | None
    problem: str | None

    @property
    def name(self) -> bytes:
        return last_part(self.path)


Openings = Mapping[str, Opening]
"""field name -> the value committed to, with its salt."""
