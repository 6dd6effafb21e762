"""Renditions: what a clip is played from, or the fact that nothing could be made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from archive.catalogue import jobs
from archive.catalogue.begins import begins
from archive.catalogue.catalogue import Transaction
from archive.catalogue.jobs import JobKind
from archive.catalogue.links import link_clip
from archive.catalogue.offers import must_hold
from archive.catalogue.sealed import must_not_be_sealed
from archive.catalogue.tables import ClipRow, DerivedRow, RenditionRow
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.merkle import Hash
from evidence.vault import StoredVersion
from evidence.wire import RenditionCheck, RenditionOffer, RenditionShown

NONE = "none"
"""The kind of a rendition that could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One object of a rendition as the archive saw it whole in the vault."""

    name: str
    sha256: str
    version: StoredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a station derived from a clip, seen whole in the vault."""

    station: str
    clip: str
    told: RenditionOffer
    objects: tuple[Derived, ...] = ()
    segment_root: Hash | None = None
    """Over the segments of its media (:mod:`evidence.segments`); None without media."""


def decided(tx: Transaction, station: str, clip: str) -> RenditionShown | None:
    """The clip's rendition if *station* need not bring one; None if it should.

    NotKnown, Refused or OutOfTurn unless *station* holds the clip and the clip is archived.
    """
    must_hold(tx, station, clip)
    if tx.session.get(ClipRow, clip) is None:
        raise OutOfTurn(f"clip {clip} has no archived original yet")
    must_not_be_sealed(tx, [clip])
    found = of_clip(tx, clip)
    return None if found is None or found.kind == NONE else found


def keep(tx: Transaction, brought: Brought, buffer: timedelta) -> RenditionShown:
    """Take in what was derived from a clip, and link by the start it claims.

    A rendition that was taken in before stands; only the finding that none could be made is
    replaced by a real one.  OutOfTurn if the clip was sealed meanwhile.
    """
    clip, told = brought.clip, brought.told
    must_not_be_sealed(tx, [clip])
    row = tx.session.get(RenditionRow, clip)
    if row is None or (row.kind == NONE and told.kind != NONE):
        _write(tx, brought)
        if told.kind != NONE:
            jobs.put(tx, JobKind.CHECK_RENDITION, clip)
            jobs.put(tx, JobKind.LOOK_FOR_HINTS, clip)
        if told.claimed_start is not None:
            held = tx.session.get_one(ClipRow, clip)
            held.claimed_start = stamp(unstamp(told.claimed_start))
            held.begins = begins(held.started, held.claimed_start, held.clock_offset_ms)
            tx.session.flush()
        link_clip(tx, clip, buffer)
    shown = of_clip(tx, clip)
    if shown is None:
        raise NotKnown(f"clip {clip} has no rendition")
    return shown


def of_clip(tx: Transaction, clip: str) -> RenditionShown | None:
    """The rendition of *clip* as everybody sees it; None if nothing was decided yet."""
    row = tx.session.get(RenditionRow, clip)
    if row is None:
        return None
    names = select(DerivedRow.name).where(DerivedRow.clip == clip).order_by(DerivedRow.name)
    return show(row, list(tx.session.scalars(names)))


def show(
    row: RenditionRow, objects: list[str], check: RenditionCheck | None = None
) -> RenditionShown:
    """The message for *row* with the names of its *objects* and what its *check* found."""
    return RenditionShown(
        kind=row.kind,
        segments=row.segments,
        duration_ms=row.duration_ms,
        width=row.width,
        height=row.height,
        frames=row.frames,
        original_codec=row.original_codec,
        picture_digest=row.picture_digest,
        camera_signatures=apart(row.camera_signatures),
        problem=row.problem,
        verified_by_archive=check is not None and check.verdict == "verified",
        check=check,
        objects=objects,
    )


def _write(tx: Transaction, brought: Brought) -> None:
    clip, told = brought.clip, brought.told
    entry = tx.record(
        EntryKind.RENDITION_MADE,
        brought.station,
        clip=clip,
        rendition=told.kind,
        segments=told.segments,
        segment_root=None if brought.segment_root is None else brought.segment_root.hex(),
        picture_digest=told.picture_digest,
        camera_signatures=told.camera_signatures,
        objects={held.name: {"sha256": held.sha256} for held in brought.objects},
    )
    tx.session.execute(delete(DerivedRow).where(DerivedRow.clip == clip))
    tx.session.merge(_row(clip, told, entry))
    tx.session.add_all(_derived_row(clip, held) for held in brought.objects)
    tx.session.flush()


def _row(clip: str, told: RenditionOffer, entry: int) -> RenditionRow:
    return RenditionRow(
        clip=clip,
        by_entry=entry,
        kind=told.kind,
        segments=told.segments,
        duration_ms=told.duration_ms,
        width=told.width,
        height=told.height,
        frames=told.frames,
        original_codec=told.original_codec,
        picture_digest=told.picture_digest,
        camera_signatures=together(told.camera_signatures),
        problem=told.problem,
    )


def together(signatures: Sequence[str] | None) -> str | None:
    """The signatures of a camera as their column holds them; empty: none was found."""
    return None if signatures is None else " ".join(signatures)


def apart(column: str | None) -> list[str] | None:
    """The other way round."""
    return None if column is None else column.split()


def _derived_row(clip: str, held: Derived) -> DerivedRow:
    return DerivedRow(
        clip=clip,
        name=held.name,
        key=held.version.key,
        version_id=held.version.version_id,
        size=held.version.size,
        sha256=held.sha256,
    )
