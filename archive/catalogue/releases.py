"""Releases: grants that let a station erase, and what stations did with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import aliased

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.offers import must_hold
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clip import ClipState
from evidence.clock import stamp
from evidence.custody import Entry, EntryKind, write_entry
from evidence.digest import Sha256
from evidence.digests import Digests
from evidence.errors import NotKnown
from evidence.vault import StoredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the record says of a clip's original."""

    clip: str
    bucket: str
    key: str
    version_id: str
    digests: Digests
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A station's question, and what the vault showed when it was asked."""

    station: str
    challenge: str
    held: Held
    version: StoredVersion
    durability: str


def held(tx: Transaction, station: str, clip: str) -> Held:
    """The original of *clip* as recorded.

    NotKnown, Refused if *station* never offered it, OutOfTurn if its bytes may be gone.
    """
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_hold(tx, station, clip)
    must_be_live(tx, clip)
    return Held(
        clip=clip,
        bucket=row.bucket,
        key=row.key,
        version_id=row.version_id,
        digests=_digests(tx, row),
        size=row.size,
    )


def grant(tx: Transaction, given: Grant) -> tuple[int, str]:
    """Put on record that the archive's copy was read back for this station; index and entry."""
    lock, told = given.version.lock, given.held
    seq = tx.record(
        EntryKind.RELEASE_GRANTED,
        ARCHIVE,
        clip=told.clip,
        station=given.station,
        challenge=given.challenge,
        digests=told.digests.to_wire(),
        size=told.size,
        bucket=told.bucket,
        key=told.key,
        version=given.version.version_id,
        lock_mode=None if lock is None else lock.mode.value,
        lock_until=None if lock is None else stamp(lock.until),
        durability=given.durability,
    )
    return seq, tx.session.get_one(EntryRow, seq).raw.decode("utf-8")


def refuse(tx: Transaction, station: str, told: Held, reason: str) -> None:
    """Put on record that the archive could not vouch for its copy; *reason* is a code."""
    tx.record(
        EntryKind.RELEASE_REFUSED,
        ARCHIVE,
        clip=told.clip,
        station=station,
        version=told.version_id,
        reason=reason,
    )


def note(tx: Transaction, station: str, act: Entry, seq: int) -> None:
    """Take note of the station's *act*, entry *seq*, if it says that a camera may forget.

    The archive's clip is RELEASED if a grant of ours to this station stands behind it, and stays
    what it is, with a dispute on record, if none does.
    """
    fields = json.loads(str(act.fields["act"]))
    if fields.get("kind") != EntryKind.CLIP_RELEASED.value:
        return
    clip, granted = fields.get("archive_clip"), fields.get("grant")
    row = None if clip is None else tx.session.get(ClipRow, clip)
    if row is None or not _granted(tx, station, row.id, granted):
        tx.record(EntryKind.RELEASE_DISPUTED, ARCHIVE, clip=clip, station=station, act=seq)
    elif row.state == ClipState.ARCHIVED.value:
        facts = {"station": station, "act": seq, "grant": granted}
        entry = write_entry(EntryKind.RELEASED, at=tx.clock.now(), by=ARCHIVE, clip=row.id, **facts)
        row.by_entry = tx.append(entry, state=ClipState.RELEASED)
        row.state = ClipState.RELEASED.value
        tx.session.flush()


def _digests(tx: Transaction, row: ClipRow) -> Digests:
    """SHA-256 as the row says; what stands beside it only ``archive.verified`` says."""
    told = Entry(tx.session.get_one(EntryRow, row.archived_entry).raw).fields["digests"]
    return replace(Digests.from_wire(told), sha256=Sha256.from_hex(row.sha256))


def problems(tx: Transaction) -> list[str]:
    """Everything about releases that a person in charge should look at.

    A refusal is not told any more once the same clip got a grant.
    """
    refused, later = aliased(EntryRow), aliased(EntryRow)
    granted = select(later.seq).where(
        later.clip == refused.clip,
        later.kind == EntryKind.RELEASE_GRANTED.value,
        later.seq > refused.seq,
    )
    rows = tx.session.scalars(
        select(refused)
        .where(
            (refused.kind == EntryKind.RELEASE_DISPUTED.value)
            | ((refused.kind == EntryKind.RELEASE_REFUSED.value) & ~granted.exists())
        )
        .order_by(refused.seq)
    )
    return [_in_words(Entry(row.raw)) for row in rows]


def _in_words(entry: Entry) -> str:
    fields = entry.fields
    if fields["kind"] == EntryKind.RELEASE_DISPUTED.value:
        return f"{entry.clip}: station {fields['station']} let it go without a grant of ours"
    return f"{entry.clip}: the vault's copy failed ({fields['reason']}) when an erase was asked for"


def _granted(tx: Transaction, station: str, clip: str, seq: object) -> bool:
    row = tx.session.get(EntryRow, seq) if isinstance(seq, int) else None
    if row is None or row.kind != EntryKind.RELEASE_GRANTED.value or row.clip != clip:
        return False
    return Entry(row.raw).fields["station"] == station
