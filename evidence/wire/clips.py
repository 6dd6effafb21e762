"""Clips and incidents, as lists and pages show them."""

from __future__ import annotations

from evidence.wire.intake import VaultFacts
from evidence.wire.kiosk import ChoiceShown
from evidence.wire.law import CaseOfClip, HoldShown
from evidence.wire.links import LinkShown
from evidence.wire.markers import MarkerShown
from evidence.wire.message import Message
from evidence.wire.renditions import RenditionShown


class IncidentRef(Message, frozen=True, kw_only=True):
    """An incident as a clip shows it, with the reason of the link."""

    id: str
    number: str
    reason: str
    seconds_outside: int = 0
    case: str | None = None
    call_type: str | None = None


class ClipSummary(Message, frozen=True, kw_only=True):
    """A clip as lists show it."""

    id: str
    camera: str
    officer: str | None
    name: str
    """The name on the camera, escaped for showing."""
    size: int
    sha256: str
    clip_class: str
    state: str
    started: str | None
    received: str
    important: bool
    incidents: list[IncidentRef]
    rendition: RenditionShown | None
    has_thumbnail: bool
    acquisition: str
    """How its bytes came here: see :mod:`evidence.acquisition`."""
    markers: list[str] = []
    """The codes of what people say that it shows: see :data:`evidence.marking.CODES`."""


class ClipPage(Message, frozen=True, kw_only=True):
    """GET /v1/clips?officer=&incident=&clip_class=&marker=&unmarked=&q=&after=&limit=."""

    clips: list[ClipSummary]
    total: int
    next: str | None
    """Cursor for *after*, or null on the last page."""


class EntryShown(Message, frozen=True, kw_only=True):
    """One custody entry of a clip: *text* is the exact leaf; *who* names *by* for people."""

    index: int
    kind: str
    at: str
    by: str
    who: str
    text: str


class HintShown(Message, frozen=True, kw_only=True):
    """A span of a clip that is worth a second look: a hint, never a judgement."""

    kind: str
    """``dark``, ``covered``, ``blurred``, ``frozen``, ``silent``, ``pre_event``, ``no_sound``."""
    start_ms: int
    end_ms: int


class QualityShown(Message, frozen=True, kw_only=True):
    """What the archive saw when it looked at a rendition."""

    entry: int
    """Log index of the finding."""
    frames: int
    """Key frames that were looked at."""
    seconds: int
    """Seconds of sound that were listened to."""
    hints: list[HintShown]


class ImportShown(Message, frozen=True, kw_only=True):
    """Who handed a clip in as files, as that person or the clerk said."""

    by: str
    reason: str
    source: str | None
    sha256: str | None
    """The digest that its giver named, whether it is the true one or not; None: none was named."""


class ClipDetail(Message, frozen=True, kw_only=True):
    """GET /v1/clips/{clip}."""

    summary: ClipSummary
    path_hex: str
    station: str
    profile: str
    clock_offset_ms: int | None
    latitude: str | None
    longitude: str | None
    vault: VaultFacts | None
    retain_until: str | None
    retain_rule: str | None
    categories: list[str] | None = None
    """What people said that it is; None: nobody has said."""
    classified: str | None = None
    """When they last did."""
    holds: list[HoldShown] = []
    """Every hold there ever was on it, the oldest first."""
    cases: list[CaseOfClip] = []
    """The cases of the incidents that it is linked to."""
    links: list[LinkShown] = []
    """Every link, those that do not count as well; ``summary.incidents`` has those that do."""
    markers: list[MarkerShown] = []
    """Every marker, withdrawn ones as well, by their moments."""
    choices: list[ChoiceShown] = []
    """What was said of it at stations' boards."""
    manifest_sha256: str | None
    entries: list[EntryShown]
    receipt: bool
    """Whether GET /v1/clips/{clip}/receipt answers with a tlog-proof now."""
    imported: ImportShown | None = None
    """None unless it was imported."""
    quality: QualityShown | None = None
    """None: nobody has looked yet, or there is nothing that moves or sounds."""


class ClipReceipt(Message, frozen=True, kw_only=True):
    """All that goes onto the receipt of a clip, as the owner of a home is told it."""

    clip: ClipDetail
    entry: str
    """Its ``archive.verified`` entry, byte for byte."""
    proof: str
    """The tlog-proof of it, under the checkpoint that proves most."""
    policy: str
    """Log and witnesses, as the archive publishes them (C2SP tlog-policy)."""


class IncidentShown(Message, frozen=True, kw_only=True):
    """A dispatch incident as lists show it."""

    id: str
    number: str
    officer: str
    dispatched: str
    cleared: str
    call_type: str | None
    case: str | None
    clips: int
    """How many linked clips hold footage (see ``clip.FOOTAGE``); 0: an incident without any."""


class IncidentPage(Message, frozen=True, kw_only=True):
    """GET /v1/incidents."""

    incidents: list[IncidentShown]
