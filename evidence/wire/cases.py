"""Cases: what people put into them, their dossiers, and one page that replays them."""

from __future__ import annotations

from evidence.wire.clips import EntryShown
from evidence.wire.law import CaseOfClip, CaseShown
from evidence.wire.links import LinkShown
from evidence.wire.message import Message


class ClipPlaced(Message, frozen=True, kw_only=True):
    """POST /v1/cases/clips, and with why it is taken out POST /v1/cases/clips/take-out."""

    number: str
    """Of the case."""
    clip: str
    reason: str


class ClipPlacedShown(Message, frozen=True, kw_only=True):
    """The answer of both."""

    number: str
    clip: str
    entry: int


class CaseNamed(Message, frozen=True, kw_only=True):
    """POST /v1/cases/dossier: make the next version of a case's dossier."""

    number: str


class DocumentShown(Message, frozen=True, kw_only=True):
    """A document of a case; POST /v1/cases/documents answers with it."""

    id: str
    entry: int
    at: str
    title: str
    name: str
    """Of the file."""
    sha256: str
    size: int


class DossierShown(Message, frozen=True, kw_only=True):
    """One version of a case's dossier."""

    id: str
    entry: int
    at: str
    number: int
    sha256: str
    """Of its index."""
    previous: str | None
    """Of the index of the version before it."""
    root: str
    """Merkle root over its items."""
    items: int
    gone: int
    """Items of earlier versions that the case has no more."""


class IncidentReplayed(Message, frozen=True, kw_only=True):
    """One officer's part in an event."""

    id: str
    entry: int
    number: str
    officer: str
    dispatched: str
    cleared: str
    call_type: str | None = None
    case: str | None = None
    unit: str | None = None
    place: str | None = None


class WhyIn(Message, frozen=True, kw_only=True):
    """Why a clip belongs to what is replayed."""

    incident: str | None
    """Number of the event whose link it is; None: a person placed it in the case."""
    entry: int
    """Of the link, or of the placing."""
    reason: str
    """The rule's code, or what the person said."""
    seconds_outside: int = 0
    by: str | None = None
    """Who placed it."""


class RecordingShown(Message, frozen=True, kw_only=True):
    """One clip on the time line."""

    clip: str
    camera: str
    officer: str | None
    name: str
    clip_class: str
    state: str
    sha256: str
    size: int
    start: str | None
    """By the station's clock: what the camera claims, less how far its clock was off."""
    offset_ms: int | None
    """How far it was; None: not measured."""
    length_ms: int | None
    """None: not known."""
    received: str
    why: list[WhyIn]


class Replay(Message, frozen=True, kw_only=True):
    """GET /v1/cases/replay and /v1/incidents/replay: the whole course, in order of time."""

    number: str
    case: CaseShown | None
    """None: an incident is replayed."""
    cases: list[CaseOfClip]
    """Of an incident: the cases that it is of, and when each was closed."""
    incidents: list[IncidentReplayed]
    """The first ones, by when they were dispatched."""
    incidents_in_all: int
    recordings: list[RecordingShown]
    recordings_in_all: int
    documents: list[DocumentShown]
    dossiers: list[DossierShown]
    acts: list[EntryShown]
    """In the order of the log."""
    utc_offset_minutes: int
    """The agency's zone."""
    next_recordings: str | None = None
    """What to ask for as ``recordings`` for more; None: that is all."""
    next_acts: str | None = None
    """Likewise as ``acts``."""


class WorkCount(Message, frozen=True, kw_only=True):
    """How long one work list is."""

    name: str
    """Of the list."""
    count: int
    more: bool
    """Whether it may be longer than that: counting stopped there."""


class WorkCounts(Message, frozen=True, kw_only=True):
    """GET /v1/worklists."""

    lists: list[WorkCount]


class WorkItem(Message, frozen=True, kw_only=True):
    """One thing that somebody should look at."""

    kind: str
    """``incident``, ``case``, ``clip`` or ``link``."""
    id: str
    """Of an incident and a clip; of a case its number."""
    number: str
    """Of an event or a case; of a clip its name."""
    at: str | None
    """When an officer was dispatched, or a clip received; when a case was opened, if told."""
    officer: str | None = None
    about: str | None = None
    """Call type, title of the case, or camera."""
    link: LinkShown | None = None
    """What is proposed, of a ``link``: then the other fields tell of its clip."""


class WorkPage(Message, frozen=True, kw_only=True):
    """GET /v1/worklists/{list}."""

    name: str
    """Of the list."""
    items: list[WorkItem]
    next: str | None = None
    """What to ask for as ``after`` for more; None: that is all.

    A part may be empty, and others follow all the same: it ends after so many rows were looked at.
    """
