"""Stations at the archive's door: let in by a one-time code, from then on known by signature.

What a station writes stays in a public log for ever, so an act holds only the fields listed here,
and none of them has room for a name.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.catalogue import choices, releases, stations
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.stations import Act
from evidence.acquisition import Acquisition
from evidence.canonical import canonical
from evidence.clip import ClipClass
from evidence.clock import Clock
from evidence.commitment import Opening
from evidence.custody import FORMAT, Entry, EntryKind, station_act_message, wrap_station_act
from evidence.digest import Sha256
from evidence.errors import Refused
from evidence.manifest import OpeningName
from evidence.request_signature import RequestLine, parameters_of, verify_request
from evidence.wire import EnrolStation, JournalPush, StationAct

CODE_LIFE = timedelta(minutes=15)
_CODE_BYTES = 15
_KEY_HEX = re.compile(r"[0-9a-f]{64}")
_SIGNATURE_HEX = re.compile(r"[0-9a-f]{128}")

STATION_KINDS = frozenset(
    {
        EntryKind.DOCK_SEEN,
        EntryKind.DOCK_BEGUN,
        EntryKind.DOCK_ENDED,
        EntryKind.CLIP_FOUND,
        EntryKind.CLIP_REFUSED,
        EntryKind.CLIP_PARTIAL,
        EntryKind.CLIP_PULLED,
        EntryKind.CLIP_VERIFIED,
        EntryKind.CLIP_ARCHIVED,
        EntryKind.CLIP_RELEASED,
        EntryKind.ERASE_DONE,
        EntryKind.ERASE_REFUSED,
        EntryKind.CAMERA_TOLD,
        EntryKind.CAMERA_DOCKED,
        EntryKind.CAMERA_CHANGE,
        EntryKind.CAMERA_ASSIGNED,
        EntryKind.CAMERA_UNASSIGNED,
        EntryKind.CAMERA_RETURNED,
        EntryKind.BADGE_GIVEN,
        EntryKind.BADGE_TAKEN,
        EntryKind.CLIP_CHOSEN,
        EntryKind.DEVICE_REFUSED,
        EntryKind.LOG_PINNED,
    }
)
"""The acts that are a station's own to record."""


class Stations:
    """Enrolment, request signatures and journals."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    async def invite(self, name: str) -> str:
        """A code with which one station may enrol within :data:`CODE_LIFE`; kept as a digest."""
        code = secrets.token_urlsafe(_CODE_BYTES)
        await self._catalogue.run(stations.invite, _digest(code), name, CODE_LIFE)
        return code

    async def enrol(self, wanted: EnrolStation) -> str:
        """The id of the station that shows a good code; ValueError for what is no key."""
        if not _KEY_HEX.fullmatch(wanted.public_key):
            raise ValueError("$.public_key: not 32 bytes in hexadecimal")
        code = _digest(wanted.code.strip())
        return await self._catalogue.run(stations.enrol, code, wanted.name, wanted.public_key)

    async def identify(self, line: RequestLine, body: bytes, headers: Mapping[str, str]) -> str:
        """The station that signed this request, just now and only once; else Refused."""
        claimed = parameters_of(headers).keyid
        key = await self._catalogue.run(stations.public_key_of, claimed)
        if key is None:
            raise Refused(f"station {claimed} is not enrolled here")
        now = self._clock.now()
        params = verify_request(line, body, headers, key=_public(key), now=int(now.timestamp()))
        await self._catalogue.run(stations.use_nonce, params, now)
        return params.keyid

    async def push(self, station: str, pushed: JournalPush) -> int:
        """Take a piece of the station's journal in; the highest number that is in the record.

        ValueError for what is no act, Refused for a wrong signature or a changed act, OutOfTurn at
        a gap; then nothing of the piece is taken.
        """
        key = await self._catalogue.run(stations.public_key_of, station)
        if key is None:
            raise Refused(f"station {station} is not enrolled here")
        public = _public(key)
        acts = [self._act(station, public, act) for act in pushed.acts]
        said = _said(pushed, {act.number: act.entry for act in acts})
        return await self._catalogue.run(_take_acts, station, acts, said)

    async def through(self, station: str) -> int:
        """The highest number of the station's journal that is in the record."""
        return await self._catalogue.run(stations.journal_through, station)

    def _act(self, station: str, key: Ed25519PublicKey, sent: StationAct) -> Act:
        raw = sent.raw.encode("utf-8")
        if not _SIGNATURE_HEX.fullmatch(sent.signature):
            raise ValueError(f"act {sent.number}: the signature is not 64 bytes in hexadecimal")
        signature = bytes.fromhex(sent.signature)
        try:
            key.verify(signature, station_act_message(station, sent.number, raw))
        except InvalidSignature as error:
            raise Refused(f"journal entry {sent.number} is not signed by {station}") from error
        _must_be_act(station, sent.number, raw)
        entry = wrap_station_act(
            raw,
            at=self._clock.now(),
            station=station,
            number=sent.number,
            signature=signature,
        )
        return Act(number=sent.number, entry=entry)


_Words = Mapping[int, Mapping[str, Opening]]
"""Number of an act -> what opens its commitments."""


def _take_acts(tx: Transaction, station: str, acts: Sequence[Act], said: _Words) -> int:
    def heard(entry: Entry, seq: int) -> None:
        releases.note(tx, station, entry, seq)
        choices.hear(tx, station, entry, seq, said.get(int(str(entry.fields["n"])), {}))

    return stations.add_acts(tx, station, acts, heard)


def _said(pushed: JournalPush, acts: Mapping[int, Entry]) -> _Words:
    """The openings of a push; ValueError for one that opens nothing which its act commits to."""
    found: dict[int, dict[str, Opening]] = {}
    for each in pushed.openings:
        act = acts.get(each.number)
        fields = {} if act is None else msgspec.json.decode(str(act.fields["act"]))
        for name, sent in each.openings.items():
            opening = Opening.from_wire({"salt": sent.salt, "value_hex": sent.value_hex})
            opening.value.decode("utf-8")
            if fields.get("commitments", {}).get(name) != opening.commitment.hex:
                raise ValueError(
                    f"openings of act {each.number}: {name[:40]!r} opens nothing of it"
                )
            found.setdefault(each.number, {})[name] = opening
    return found


_Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")]
_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z]-[0-9a-f]{32}\Z")]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Short = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
_Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
_Offset = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
_Shown = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\Z")]
_Port = Annotated[str, msgspec.Meta(pattern=r"^\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}\Z")]
_Interface = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}\Z")]


_Said = Literal[OpeningName, "said_by", "badge", "event", "listing", "firmware", "gaps"]
"""What an act may commit to: words about its clip or card, or who said something of which badge."""


class _ActFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All fields that a station's act may have."""

    v: int
    kind: EntryKind
    at: _Moment
    by: str
    clip: _Id | None = None
    commitments: dict[_Said, _Digest] = {}
    docking: _Id | None = None
    how: _Code | None = None
    found_as: _Id | None = None
    size: _Number | None = None
    got: _Number | None = None
    resumed_at: _Number | None = None
    restarted: bool | None = None
    important: bool | None = None
    reason: _Code | None = None
    profile: _Code | None = None
    camera_told: _Code | None = None
    officer_told: _Code | None = None
    acquisition: Acquisition | None = None
    given: _Code | None = None
    clip_class: ClipClass | None = msgspec.field(default=None, name="class")
    sha256: _Digest | None = None
    sm3: _Digest | None = None
    other_bytes_of: list[_Id] = []
    archive_clip: _Id | None = None
    archive_entry: _Number | None = None
    archive_entry_sha256: _Digest | None = None
    old_key: _Digest | None = None
    new_key: _Digest | None = None
    grant: _Number | None = None
    checkpoint_size: _Number | None = None
    witnesses: _Number | None = None
    lock_until: _Moment | None = None
    fact: _Number | None = None
    told: _Id | None = None
    port: _Port | None = None
    battery: _Percent | None = None
    camera_clock: _Shown | None = None
    clock_read: _Moment | None = None
    clock_offset_ms: _Offset | None = None
    clock_within_ms: _Number | None = None
    clock_set: bool | None = None
    set_offset_ms: _Offset | None = None
    unanswered: list[_Code] = []
    change: _Id | None = None
    what: _Code | None = None
    statement: _Digest | None = None
    read_back: bool | None = None
    assignment: _Id | None = None
    choice: _Id | None = None
    incident: _Id | None = None
    code: _Code | None = None
    vendor: _Short | None = None
    product: _Short | None = None
    interfaces: Annotated[list[_Interface], msgspec.Meta(max_length=16)] = []
    descriptors: _Digest | None = None
    count: _Number | None = None
    began: _Moment | None = None
    begin: _Number | None = None
    files: _Number | None = None
    seen: _Number | None = None
    archived: _Number | None = None
    refused: _Number | None = None
    lacking: _Number | None = None
    erased: _Number | None = None
    gaps: _Number | None = None


def _must_be_act(station: str, number: int, raw: bytes) -> None:
    """ValueError unless *raw* is a canonical entry of a kind that stations record, by *station*."""
    try:
        fields = msgspec.json.decode(raw, type=_ActFields)
        same = canonical(msgspec.json.decode(raw)) == raw
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ValueError(f"act {number} is no custody entry: {error}") from error
    if not same:
        raise ValueError(f"act {number} is not canonical JSON")
    if (fields.by, fields.v) != (station, FORMAT) or fields.kind not in STATION_KINDS:
        raise ValueError(f"act {number} is not one that station {station} may record")
    if fields.kind is EntryKind.CLIP_CHOSEN and not _is_choice(fields):
        raise ValueError(f"act {number} does not say of which clip what was chosen")


def _is_choice(fields: _ActFields) -> bool:
    """Whether it says one thing of a clip: an incident, a number or a marker."""
    said = (fields.incident, fields.commitments.get("event"), fields.code)
    is_one = sum(each is not None for each in said) == 1
    return is_one and fields.clip is not None and fields.choice is not None


def _public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))


def _digest(code: str) -> Sha256:
    return Sha256.of(code.encode("utf-8", "surrogatepass"))
