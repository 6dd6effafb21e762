"""Messages between station, archive and player: the archive's HTTP API, as types.

JSON on the wire; unknown fields are refused, so a spelling mistake is an error and not a silence.
Times are RFC 3339 UTC text, digests 64 hexadecimal digits, sizes bytes.  Each message names its
route; the archive's ``/v1/openapi.json`` is generated from these types.
"""

from __future__ import annotations

import msgspec

from evidence.clock import stamp
from evidence.vault import SignedRequest


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every message; immutable, named fields only."""


class Problem(Message, frozen=True, kw_only=True):
    """An error answer (RFC 9457 ``application/problem+json``)."""

    title: str
    status: int
    detail: str
    advice: str = ""


class WireRequest(Message, frozen=True, kw_only=True):
    """A request the receiver may make exactly as written, without a credential."""

    method: str
    url: str
    headers: dict[str, str]
    expires: str

    @classmethod
    def of(cls, signed: SignedRequest) -> WireRequest:
        return cls(
            method=signed.method,
            url=signed.url,
            headers=dict(signed.headers),
            expires=stamp(signed.expires),
        )


# --- stations: POST /v1/stations (one-time code), everything else signed by the station's key


class EnrolStation(Message, frozen=True, kw_only=True):
    """POST /v1/stations."""

    code: str
    name: str
    public_key: str
    """Raw Ed25519 public key, hexadecimal."""


class StationEnrolled(Message, frozen=True, kw_only=True):
    """The answer to EnrolStation: the station's id, and the agency its evidence belongs to."""

    station: str
    agency: str
    log_key: str
    """The log's verifier key (C2SP): the station pins it and checks every receipt with it."""


class StationAct(Message, frozen=True, kw_only=True):
    """One entry of the station's journal, as it signed it."""

    number: int
    raw: str
    signature: str
    """Ed25519 over custody.station_act_message, hexadecimal."""


class JournalPush(Message, frozen=True, kw_only=True):
    """POST /v1/journal: entries in order, the first following the last one accepted."""

    acts: list[StationAct]


class JournalAccepted(Message, frozen=True, kw_only=True):
    """The answer to JournalPush, and to GET /v1/journal/through."""

    through: int
    """The highest number the archive has sequenced for this station."""


class OpeningSent(Message, frozen=True, kw_only=True):
    """A commitment's opening on the wire, hexadecimal."""

    salt: str
    value_hex: str


class ClipOffer(Message, frozen=True, kw_only=True):
    """POST /v1/intake: a station has a verified copy and wants to hand it over."""

    clip: str
    camera: str
    path_hex: str
    sha256: str
    size: int
    clip_class: str
    profile: str
    openings: dict[str, OpeningSent]
    officer: str | None = None
    started: str | None = None
    important: bool = False
    clock_offset_ms: int | None = None
    latitude: str | None = None
    longitude: str | None = None


class PartsGrant(Message, frozen=True, kw_only=True):
    """The object goes in parts of *part_size* bytes (the last may be smaller)."""

    upload: str
    part_size: int


class VaultFacts(Message, frozen=True, kw_only=True):
    """Where an original lies and what holds it there."""

    bucket: str
    key: str
    version_id: str
    mode: str
    lock_until: str


class Archived(Message, frozen=True, kw_only=True):
    """What the archive vouches for after read-back, barrier and commit."""

    clip: str
    vault: VaultFacts
    retain_until: str
    retain_rule: str
    entry: int
    """Log index of the clip's ``archive.verified`` entry."""
    entry_text: str
    """That entry, byte for byte: the leaf which the receipt proves."""


class IntakeAnswer(Message, frozen=True, kw_only=True):
    """Either *archived* (nothing to send), or *put*, or *parts*.

    *clip* is the archive's id of the clip: another than offered if it knew this camera, path and
    digest already; the station adopts it.
    """

    clip: str
    archived: Archived | None = None
    put: WireRequest | None = None
    parts: PartsGrant | None = None


class PartWanted(Message, frozen=True, kw_only=True):
    """POST /v1/intake/{clip}/parts, answered by a WireRequest."""

    upload: str
    number: int
    size: int
    sha256: str


class PartSent(Message, frozen=True, kw_only=True):
    """What the store answered to one part."""

    number: int
    etag: str
    sha256: str


class UploadDone(Message, frozen=True, kw_only=True):
    """POST /v1/intake/{clip}/complete, answered by Archived.  Empty after a single PUT."""

    upload: str | None = None
    parts: list[PartSent] = []


# --- renditions


class DerivedObject(Message, frozen=True, kw_only=True):
    """One object of a rendition, before it is sent."""

    name: str
    size: int
    sha256: str
    content_type: str


class RenditionOffer(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/rendition: what the station derived, before it is sent.

    kind ``none`` with *problem* says that no rendition can be made, and why.
    """

    kind: str
    segments: int = 0
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    original_codec: str | None = None
    picture_digest: str | None = None
    claimed_start: str | None = None
    """Start the container claims; the archive links by it when the name on the card told none."""
    problem: str | None = None
    objects: list[DerivedObject] = []


class RenditionAnswer(Message, frozen=True, kw_only=True):
    """name -> the PUT to make; an empty map means all is there (or kind was ``none``)."""

    uploads: dict[str, WireRequest]


class RenditionShown(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/rendition/complete (same body as the offer) answers this."""

    kind: str
    segments: int
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    original_codec: str | None = None
    picture_digest: str | None = None
    problem: str | None = None
    verified_by_archive: bool = False
    objects: list[str] = []


# --- people


class SignIn(Message, frozen=True, kw_only=True):
    """POST /v1/sessions."""

    name: str
    password: str


class PersonShown(Message, frozen=True, kw_only=True):
    """Who somebody is, for showing."""

    id: str
    name: str
    role: str
    officer: str | None = None


class Session(Message, frozen=True, kw_only=True):
    """*token* goes into ``Authorization: Bearer``; DELETE /v1/sessions ends it."""

    token: str
    person: PersonShown
    expires: str


# --- clips and incidents


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


class ClipPage(Message, frozen=True, kw_only=True):
    """GET /v1/clips?officer=&incident=&clip_class=&q=&after=&limit=."""

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
    manifest_sha256: str | None
    entries: list[EntryShown]
    receipt: bool
    """Whether GET /v1/clips/{clip}/receipt answers with a tlog-proof now."""


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


class WatchRequest(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/views: committed as a ``view`` entry before it is answered."""

    reason: str | None = None


class WatchGrant(Message, frozen=True, kw_only=True):
    """name of the rendition's object -> a GET of it, good for a short while."""

    entry: int
    expires: str
    objects: dict[str, WireRequest]


class ThumbnailsWanted(Message, frozen=True, kw_only=True):
    """POST /v1/thumbnails: one ``view.list`` entry names all clips."""

    clips: list[str]


class ThumbnailGrant(Message, frozen=True, kw_only=True):
    """clip id -> a GET of its thumbnail."""

    entry: int
    objects: dict[str, WireRequest]


# --- the service itself


class Health(Message, frozen=True, kw_only=True):
    """GET /v1/health: whether the archive does its work, without telling about evidence."""

    status: str
    """``ok``, or ``failing`` while background work is stopped or tried again."""
    entries: int
    """Custody entries committed."""
    sequenced: int
    """Custody entries under the published checkpoint."""
    problems: int
    """Copies in the vault that were not accepted, for a person in charge to look at."""
