"""The archive's tables.

Times are text as :func:`evidence.clock.stamp` writes it (it sorts), digests hexadecimal.  ``entry``
and ``clip`` have the columns that :mod:`evidence.guards` watches; ``entry.seq`` is the log index.
A change here needs a revision in ``versions``: :mod:`evidence.migration` says how.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from archive.catalogue.indexes import LIVE, OPEN, PROPOSED, UNTAGGED, partial
from evidence.migration import NAMES, whole


class Table(DeclarativeBase):
    """What all tables share: nothing but the collection they are made from."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[object, object]] = {int: whole()}


class SchemaRow(Table):
    """One row, read by product versions from before there were revisions: 1 means that they may."""

    __tablename__ = "schema"
    version: Mapped[int] = mapped_column(primary_key=True)


class EntryRow(Table):
    """One custody entry: row *seq* is leaf *seq* of the log, gapless from 0, never changed."""

    __tablename__ = "entry"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]
    clip: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str | None]
    """The state the entry brings its clip to, or NULL."""
    raw: Mapped[bytes]


class OfferRow(Table):
    """A clip a station wants to hand over, until it is ARCHIVED."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("camera", "path_hex", "sha256"),)
    clip: Mapped[str] = mapped_column(primary_key=True)
    camera: Mapped[str]
    path_hex: Mapped[str]
    sha256: Mapped[str]
    station: Mapped[str] = mapped_column(ForeignKey("station.id"))
    details: Mapped[bytes]
    """The first ``wire.ClipOffer``; a later one under the same key changes nothing in it."""
    received: Mapped[str]
    upload: Mapped[str | None]
    """Id of the multipart upload that was begun, with its moment."""
    upload_begun: Mapped[str | None]
    problem: Mapped[str | None]
    """Why the vault's copy was not accepted, if it was not."""


class RejectedRow(Table):
    """A version in the vault that is not what its key says, or holds no lock: never evidence."""

    __tablename__ = "rejected"
    version_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)


class HolderRow(Table):
    """A station that has shown it holds a copy of the clip: it may go on with it."""

    __tablename__ = "holder"
    clip: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("station.id"), primary_key=True)


class ClipRow(Table):
    """A clip whose original lies in the vault."""

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("camera", "path_hex", "sha256"),
        Index("clip_by_officer", "officer_key", "begins"),
        Index("clip_by_camera", "camera_key", "begins"),
        Index("clip_by_digest", "sha256"),
        Index("clip_by_age", "archived_entry"),
        Index("clip_by_lock", "lock_until"),
        Index("clip_by_retention", "retain_until"),
        partial("clip_untagged", "archived_entry", of=UNTAGGED),
        Index("clip_by_receipt", "received"),
        partial("clip_by_end", "retain_until", "id", of=LIVE),
        partial("clip_to_tell", "retain_until", "id", of=f"{LIVE} AND noticed_entry IS NULL"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    archived_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    camera: Mapped[str]
    camera_key: Mapped[str | None]
    """The camera's name folded for comparison."""
    path_hex: Mapped[str]
    name: Mapped[str]
    """The last part of the path, escaped for showing."""
    sha256: Mapped[str]
    size: Mapped[int]
    clip_class: Mapped[str]
    profile: Mapped[str]
    station: Mapped[str] = mapped_column(ForeignKey("station.id"))
    officer: Mapped[str | None]
    officer_key: Mapped[str | None]
    """The officer number folded for comparison."""
    started: Mapped[str | None]
    claimed_start: Mapped[str | None]
    """The start the container claims, known once a rendition was made."""
    clock_offset_ms: Mapped[int | None]
    begins: Mapped[str | None]
    """Follows from these three: the start on the station's clock, to be found by."""
    important: Mapped[bool]
    latitude: Mapped[str | None]
    longitude: Mapped[str | None]
    acquisition: Mapped[str]
    """How its bytes came here: see :mod:`evidence.acquisition`."""
    imported_by: Mapped[str | None]
    import_reason: Mapped[str | None]
    import_source: Mapped[str | None]
    import_sha256: Mapped[str | None]
    received: Mapped[str]
    bucket: Mapped[str]
    key: Mapped[str]
    version_id: Mapped[str]
    lock_mode: Mapped[str]
    lock_until: Mapped[str]
    retain_until: Mapped[str]
    retain_rule: Mapped[str]
    noticed_entry: Mapped[int | None]
    """The notice of the date that stands; NULL: nobody was told of it."""
    categories: Mapped[str | None]
    """What people said that it is, with blanks between; NULL: nobody has said."""
    classified: Mapped[str | None]
    """When they last did."""
    manifest_sha256: Mapped[str]


class RenditionRow(Table):
    """What a clip is played from, or that nothing could be made and why."""

    __tablename__ = "rendition"
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    kind: Mapped[str]
    segments: Mapped[int]
    duration_ms: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    frames: Mapped[int | None]
    original_codec: Mapped[str | None]
    picture_digest: Mapped[str | None]
    camera_signatures: Mapped[str | None]
    """Names with blanks between them; NULL: not looked for."""
    problem: Mapped[str | None]
    verdict: Mapped[str | None]
    """What the archive found when it compared it with the original; NULL: not compared yet."""
    verdict_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))


class DerivedRow(Table):
    """One object of a rendition, named by the version the archive saw whole."""

    __tablename__ = "derived"
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    version_id: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]


class LookRow(Table):
    """Which entry holds what a look at a clip's rendition found: its quality hints."""

    __tablename__ = "look"
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class CopyRow(Table):
    """Where the second vault's copy of a clip's original lies."""

    __tablename__ = "copy"
    __table_args__ = (Index("copy_by_place", "key"),)
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    bucket: Mapped[str]
    key: Mapped[str]
    version_id: Mapped[str]
    lock_mode: Mapped[str]
    lock_until: Mapped[str]


class LegalHoldRow(Table):
    """An original that carries an S3 legal hold, with its manifest: the store keeps it, too."""

    __tablename__ = "legal_hold"
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    vault: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    sure: Mapped[bool]
    """Whether nothing happened since that may have taken it off; no entry says so."""


class StationRow(Table):
    """An enrolled station."""

    __tablename__ = "station"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    public_key: Mapped[str] = mapped_column(unique=True)
    journal_through: Mapped[int]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class JournalRow(Table):
    """Where entry *number* of a station's journal stands in the record."""

    __tablename__ = "journal"
    station: Mapped[str] = mapped_column(ForeignKey("station.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class PersonRow(Table):
    """Someone with an account."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    name_salt: Mapped[bytes]
    officer: Mapped[str | None]
    officer_salt: Mapped[bytes | None]
    role: Mapped[str]
    password_hash: Mapped[str]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class IncidentRow(Table):
    """One officer's part in an event of the dispatch system, as the feed last told it."""

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("number", "officer_key", "nth"),
        Index("incident_by_officer", "officer_key", "dispatched"),
        Index("incident_by_time", "dispatched", "id"),
        Index("incident_by_unit", "unit", "dispatched"),
        Index("incident_by_case", "case_id"),
        Index("incident_by_entry", "by_entry"),
        Index("incident_by_dispatch", "dispatched"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    number: Mapped[str]
    officer: Mapped[str]
    officer_key: Mapped[str]
    nth: Mapped[int]
    """1 for the officer's first dispatch to the event, 2 for the second, and so on."""
    dispatched: Mapped[str]
    cleared: Mapped[str]
    call_type: Mapped[str | None]
    case_id: Mapped[str | None]
    unit: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    """Degrees WGS 84."""
    place: Mapped[str | None]
    salt: Mapped[bytes]
    """Opens the commitment in the entry that imported the row."""
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it stands."""


class LinkRow(Table):
    """A clip belongs to an incident, may, or does not, by rule or by somebody's word."""

    __tablename__ = "link"
    __table_args__ = (
        Index("link_by_incident", "incident", "standing"),
        partial("link_proposed", "by_entry", of=PROPOSED),
    )
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    reason: Mapped[str]
    seconds_outside: Mapped[int]
    standing: Mapped[str] = mapped_column(server_default="automatic")
    """See :class:`evidence.linking.Standing`: only some count."""
    points: Mapped[int] = mapped_column(server_default="0")
    parts: Mapped[str | None]
    """What gave or took points: ``code,points,value``, with blanks between.  Both are as when the
    rule last had the say; NULL: it never weighed anything."""
    why: Mapped[str | None]
    """Code of why a person rejected it; NULL: none did, or none said why."""
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class ViewReasonRow(Table):
    """What a viewer gave as reason; the ``view`` entry holds its commitment only."""

    __tablename__ = "view_reason"
    entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"), primary_key=True)
    reason: Mapped[str]
    salt: Mapped[bytes]


class HoldRow(Table):
    """A hold on a clip; its entries hold commitments only."""

    __tablename__ = "hold"
    id: Mapped[str] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(index=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    authority: Mapped[str]
    """Who wants it kept: a court and its order, an office, a request."""
    authority_salt: Mapped[bytes]
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    lifted_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it holds."""
    lift_reason: Mapped[str | None]
    lift_salt: Mapped[bytes | None]


class ClosingRow(Table):
    """That a case is closed, as somebody said; its entries hold commitments only."""

    __tablename__ = "closing"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    """The case's number, as incidents tell it."""
    case_salt: Mapped[bytes]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    reopened_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it stands."""
    reopen_reason: Mapped[str | None]
    reopen_salt: Mapped[bytes | None]


class ProposalRow(Table):
    """What needs two persons; its entries hold commitments only."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index("proposal_by_clip", "clip"),
        Index("proposal_by_start", "begun_entry"),
        partial("proposal_open", "clip", of=OPEN),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    act: Mapped[str]
    """``dispose``, ``destroy`` or ``shorten``."""
    clip: Mapped[str | None]
    """NULL: it is about no single one."""
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    proposer: Mapped[str]
    """Id of the person."""
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    authority: Mapped[str | None]
    """Who ordered it."""
    authority_salt: Mapped[bytes | None]
    subject: Mapped[str | None]
    """What of, as canonical JSON."""
    approved_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: nobody has approved it."""
    approver: Mapped[str | None]
    not_before: Mapped[str | None]
    """It takes effect no earlier."""
    begun_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """The ``dispose.begin`` entry: from there on it cannot be withdrawn."""
    ended_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it is open."""
    ended: Mapped[str | None]
    """``withdrawn`` or ``done``."""
    end_reason: Mapped[str | None]
    end_salt: Mapped[bytes | None]


class ReachedRow(Table):
    """How far along the log some work behind it has come."""

    __tablename__ = "reached"
    work: Mapped[str] = mapped_column(primary_key=True)
    through: Mapped[int]
    """The last log index that it is done with; -1 for none."""
