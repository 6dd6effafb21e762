"""Offers: clips that stations hold ready, until their originals are in the vault.

A clip is (camera, path, digest).  Its first offer names it; whoever offers the same again, from
whatever station and under whatever id, gets that first id and may go on with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, select

from archive.catalogue import clips
from archive.catalogue.catalogue import Transaction
from archive.catalogue.sealed import must_be_live
from archive.catalogue.stations import finder_of
from archive.catalogue.tables import ClipRow, EntryRow, HolderRow, OfferRow, RejectedRow
from evidence.clock import stamp, unstamp
from evidence.custody import Entry
from evidence.digest import Sha256
from evidence.digests import Digests
from evidence.errors import NotKnown, Refused
from evidence.wire import Archived, ClipOffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A multipart upload that was begun."""

    id: str
    begun: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A clip that is not in the vault yet, or not known to be."""

    clip: str
    station: str
    told: ClipOffer
    """What its first offer told, unchanged since; of SM3 the newest word, which is compared."""
    received: datetime
    """When the archive last agreed to take it: retention is counted from here."""
    upload: Upload | None

    @property
    def sha256(self) -> Sha256:
        return Sha256.from_hex(self.told.sha256)

    @property
    def digests(self) -> Digests:
        return Digests.told(self.told.sha256, self.told.sm3)


def take(tx: Transaction, station: str, told: ClipOffer) -> Offer | Archived:
    """Note that *station* offers what it *told*; the offer as it stands, or the proof it is done.

    Refused if the id already names another clip, here or in another station's journal: the log
    tells ids before the clips are offered, and nobody may take one from its owner.  Refused also
    if the clip is here, and its entry holds another SM3 than is told now.
    """
    done = tx.session.scalar(select(ClipRow).where(*_same(ClipRow, told)))
    if done is not None:
        _must_agree(tx, done, told)
        tx.session.merge(HolderRow(clip=done.id, station=station))
        return clips.archived(tx, done)
    row = tx.session.scalar(select(OfferRow).where(*_same(OfferRow, told)))
    if row is None:
        row = _new(tx, station, told)
    elif told.sm3 is not None:
        held_so_far = msgspec.json.decode(row.details, type=ClipOffer)
        row.details = msgspec.json.encode(msgspec.structs.replace(held_so_far, sm3=told.sm3))
    row.station, row.received = station, stamp(tx.clock.now())
    tx.session.add(row)
    tx.session.merge(HolderRow(clip=row.clip, station=station))
    tx.session.flush()
    return _offer(row)


def held(tx: Transaction, station: str, clip: str) -> Offer | Archived:
    """The offer of *clip* that *station* may go on with, or the proof that it is done.

    NotKnown without an offer, Refused if *station* never offered it.
    """
    done = tx.session.get(ClipRow, clip)
    row = tx.session.get(OfferRow, clip)
    if done is None and row is None:
        raise NotKnown(f"clip {clip} was never offered")
    must_hold(tx, station, clip)
    return clips.archived(tx, done) if done is not None else _offer(_there(row))


def must_hold(tx: Transaction, station: str, clip: str) -> None:
    """Return if *station* offered *clip* at some time; else raise Refused."""
    if tx.session.get(HolderRow, (clip, station)) is None:
        raise Refused(f"clip {clip} was never offered by station {station}")


def begin_upload(tx: Transaction, clip: str, upload: str) -> None:
    """Remember the multipart *upload*, so that a crash does not begin a second one."""
    row = _there(tx.session.get(OfferRow, clip))
    row.upload, row.upload_begun = upload, stamp(tx.clock.now())


def forget_upload(tx: Transaction, clip: str) -> None:
    """The store has lost the multipart upload: the next offer begins a new one."""
    row = _there(tx.session.get(OfferRow, clip))
    row.upload = row.upload_begun = None


def blame(tx: Transaction, clip: str, problem: str) -> None:
    """Keep why the vault's copy of *clip* was not accepted, for people to see."""
    row = tx.session.get(OfferRow, clip)
    if row is not None:
        row.problem = problem


def reject(tx: Transaction, sha256: Sha256, version_id: str) -> None:
    """Never again take this version for the bytes *sha256*: it was read back and is not them."""
    tx.session.merge(RejectedRow(version_id=version_id, sha256=sha256.hex))


def rejected(tx: Transaction, sha256: Sha256) -> frozenset[str]:
    """The versions that lie where these bytes belong and were found not to be them."""
    found = select(RejectedRow.version_id).where(RejectedRow.sha256 == sha256.hex)
    return frozenset(tx.session.scalars(found))


def problems(tx: Transaction) -> list[str]:
    """Every copy that was not accepted and is not replaced by a good one yet."""
    rows = tx.session.scalars(
        select(OfferRow).where(OfferRow.problem.is_not(None)).order_by(OfferRow.clip)
    )
    return [f"{row.clip}: {row.problem}" for row in rows]


def close(tx: Transaction, clip: str) -> None:
    """The clip is ARCHIVED: its offer, openings and all, is not needed any more."""
    row = tx.session.get(OfferRow, clip)
    if row is not None:
        tx.session.delete(row)


def _must_agree(tx: Transaction, done: ClipRow, told: ClipOffer) -> None:
    held = Entry(tx.session.get_one(EntryRow, done.archived_entry).raw).fields["digests"]
    digests = Digests.told(told.sha256, told.sm3)
    if not digests.agree(Digests.from_wire(held)):
        raise Refused(
            f"clip {done.id} is archived with digests {held}, and is offered with {digests}",
            advice="These are two files of one SHA-256, or one was hashed wrongly: keep the card"
            " and the staged copy, and compare them with the original byte for byte.",
        )


def _same(table: type[ClipRow | OfferRow], told: ClipOffer) -> tuple[ColumnElement[bool], ...]:
    return (
        table.camera == told.camera,
        table.path_hex == told.path_hex,
        table.sha256 == told.sha256,
    )


def _new(tx: Transaction, station: str, told: ClipOffer) -> OfferRow:
    if (finder := finder_of(tx, told.clip)) not in {None, station}:
        raise Refused(f"the id {told.clip} names a clip that station {finder} found")
    must_be_live(tx, told.clip)
    if tx.session.get(ClipRow, told.clip) or tx.session.get(OfferRow, told.clip):
        raise Refused(f"the id {told.clip} names another clip already")
    return OfferRow(
        clip=told.clip,
        camera=told.camera,
        path_hex=told.path_hex,
        sha256=told.sha256,
        details=msgspec.json.encode(told),
    )


def _there(row: OfferRow | None) -> OfferRow:
    if row is None:
        raise NotKnown("the clip is not on offer any more")
    return row


def _offer(row: OfferRow) -> Offer:
    upload = None
    if row.upload is not None and row.upload_begun is not None:
        upload = Upload(id=row.upload, begun=unstamp(row.upload_begun))
    return Offer(
        clip=row.clip,
        station=row.station,
        told=msgspec.json.decode(row.details, type=ClipOffer),
        received=unstamp(row.received),
        upload=upload,
    )
