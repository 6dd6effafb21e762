"""Clips whose originals the vault holds, and the one step that makes them so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from archive.catalogue.begins import begins
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clip import ClipState
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind, write_entry
from evidence.digest import Sha256
from evidence.digests import Digests, Sm3
from evidence.errors import NotKnown
from evidence.names import folded, last_part, shown
from evidence.retention import Retention
from evidence.vault import Lock, StoredVersion
from evidence.vault.encryption import Encryption
from evidence.wire import Archived, ClipOffer, VaultFacts

ARCHIVE = "archive"
"""Who acts when the archive does something of its own accord."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was found when the vault's own copy was read back."""

    clip: str
    station: str
    told: ClipOffer
    received: datetime
    version: StoredVersion
    bucket: str
    """What the store itself calls the bucket."""
    lock: Lock
    retention: Retention
    durability: str
    """``syncfs``, ``declared`` or ``memory``: see :meth:`evidence.vault.Vault.barrier`."""
    manifest: Sha256
    manifest_sm3: Sm3 | None = None
    openings: Mapping[str, Opening]
    encryption: Encryption = Encryption.NONE
    """How it lies there at rest; the entry tells of none where there is none."""


def archive(tx: Transaction, kept: Kept) -> Archived:
    """Make the clip ARCHIVED with its entry; what was answered before if it is so already."""
    row = tx.session.get(ClipRow, kept.clip)
    if row is None:
        fields = _entry_fields(kept)
        entry = write_entry(
            EntryKind.ARCHIVED, at=tx.clock.now(), by=ARCHIVE, clip=kept.clip, **fields
        )
        row = _row(kept, tx.append(entry, state=ClipState.ARCHIVED))
        tx.session.add(row)
        tx.session.flush()
    return archived(tx, row)


def archived(tx: Transaction, row: ClipRow) -> Archived:
    """What the archive vouches for about the clip in *row*."""
    entry = tx.session.get_one(EntryRow, row.archived_entry)
    return Archived(
        clip=row.id,
        vault=vault_facts(row),
        retain_until=row.retain_until,
        retain_rule=row.retain_rule,
        entry=entry.seq,
        entry_text=entry.raw.decode("utf-8"),
    )


def vault_facts(row: ClipRow) -> VaultFacts:
    """Where the original of *row* lies and what holds it there."""
    return VaultFacts(
        bucket=row.bucket,
        key=row.key,
        version_id=row.version_id,
        mode=row.lock_mode,
        lock_until=row.lock_until,
    )


def version_of(tx: Transaction, sha256: Sha256) -> str | None:
    """The version id under which these bytes were archived before, for whatever clip."""
    return tx.session.scalar(
        select(ClipRow.version_id)
        .where(ClipRow.sha256 == sha256.hex, ClipRow.state != ClipState.DISPOSED.value)
        .order_by(ClipRow.archived_entry)
        .limit(1)
    )


def officer_of(tx: Transaction, clip: str) -> str | None:
    """The officer *clip* belongs to; None if it belongs to nobody or is not known."""
    return tx.session.scalar(select(ClipRow.officer).where(ClipRow.id == clip))


def entry_about(tx: Transaction, clip: str, wanted: int | None = None) -> int:
    """The log index of the *wanted* entry, by default the clip's ``archive.verified`` one.

    NotKnown without such a clip, or if the entry is not about it.
    """
    seq = tx.session.scalar(select(ClipRow.archived_entry).where(ClipRow.id == clip))
    if seq is None:
        raise NotKnown(f"there is no archived clip {clip}")
    if wanted is None:
        return seq
    about = tx.session.scalar(select(EntryRow.clip).where(EntryRow.seq == wanted))
    if about != clip:
        raise NotKnown(f"entry {wanted} is not about clip {clip}")
    return wanted


def _entry_fields(kept: Kept) -> dict[str, object]:
    return {
        "digests": Digests.told(kept.told.sha256, kept.told.sm3).to_wire(),
        "size": kept.told.size,
        "class": kept.told.clip_class,
        "acquisition": kept.told.acquisition,
        "station": kept.station,
        "received": stamp(kept.received),
        "bucket": kept.bucket,
        "key": kept.version.key,
        "version": kept.version.version_id,
        "lock_mode": kept.lock.mode.value,
        "lock_until": stamp(kept.lock.until),
        "retain_until": stamp(kept.retention.until),
        "retain_rule": kept.retention.rule,
        "durability": kept.durability,
        "encryption": None if kept.encryption is Encryption.NONE else kept.encryption.value,
        "manifest": Digests(sha256=kept.manifest, sm3=kept.manifest_sm3).to_wire(),
        "commitments": {name: held.commitment.hex for name, held in kept.openings.items()},
    }


def handed_in(openings: Mapping[str, Opening]) -> dict[str, str | None]:
    """The columns that say who handed an imported clip in; NULL where nobody did."""
    return {
        name: openings[name].value.decode("utf-8") if name in openings else None
        for name in ("imported_by", "import_reason", "import_source", "import_sha256")
    }


def _row(kept: Kept, entry: int) -> ClipRow:
    told = kept.told
    return ClipRow(
        id=kept.clip,
        state=ClipState.ARCHIVED.value,
        by_entry=entry,
        archived_entry=entry,
        camera=told.camera,
        camera_key=folded(told.camera),
        path_hex=told.path_hex,
        name=shown(last_part(bytes.fromhex(told.path_hex))),
        sha256=told.sha256,
        size=told.size,
        clip_class=told.clip_class,
        profile=told.profile,
        station=kept.station,
        officer=told.officer,
        officer_key=None if told.officer is None else folded(told.officer),
        started=told.started,
        clock_offset_ms=told.clock_offset_ms,
        begins=begins(told.started, None, told.clock_offset_ms),
        important=told.important,
        latitude=told.latitude,
        longitude=told.longitude,
        acquisition=told.acquisition,
        **handed_in(kept.openings),
        received=stamp(kept.received),
        bucket=kept.bucket,
        key=kept.version.key,
        version_id=kept.version.version_id,
        lock_mode=kept.lock.mode.value,
        lock_until=stamp(kept.lock.until),
        retain_until=stamp(kept.retention.until),
        retain_rule=kept.retention.rule,
        noticed_entry=None,
        manifest_sha256=kept.manifest.hex,
        categories=None,
        classified=None,
    )
