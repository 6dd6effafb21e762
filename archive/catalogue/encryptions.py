"""How what lies in each vault is encrypted: decided once, before the first object, on record.

One rule: what was decided stays, since what lies there stays as it was stored.  Only where all
originals came into another vault since (``archive.moved``) it is decided anew.
"""

from __future__ import annotations

from sqlalchemy import func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.moves import Which
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow
from evidence.custody import Entry, EntryKind
from evidence.errors import SetupError
from evidence.vault.encryption import Encryption

_BY_STORE = {Encryption.STORE, Encryption.STORE_KMS}


def standing(tx: Transaction, which: Which, bucket: str) -> Encryption | None:
    """What was decided of *which* vault, whose originals lie in *bucket*; None: nothing yet."""
    found = _newest(tx, which, bucket)
    return None if found is None else Encryption(str(found.fields["encryption"]))


def decide(tx: Transaction, which: Which, bucket: str, wanted: Encryption) -> None:
    """Put on record that it is *wanted*, unless that is on record.

    SetupError if it was decided otherwise, or if objects lie there which the store was not asked to
    encrypt.
    """
    before = _newest(tx, which, bucket)
    if before is None:
        _see_possible(tx, which, bucket, wanted)
        told = {"vault": which.value, "bucket": bucket, "encryption": wanted.value}
        tx.record(EntryKind.VAULT_ENCRYPTION, ARCHIVE, clips=_clips(tx, which, bucket), **told)
        return
    was = Encryption(str(before.fields["encryption"]))
    if was is not wanted:
        section = _section(which)
        raise SetupError(
            f"[{section}] now says that the {which} vault ({bucket}) is encrypted as"
            f" {wanted.value!r}; it was decided as {was.value!r} at {before.fields['at']}, before"
            " its first object",
            advice=f"Set [{section}] encryption, kms_key and kind back: what lies there stays as it"
            f" was stored. {_OTHERWISE[which]}",
        )


_OTHERWISE = {
    Which.FIRST: "To have it otherwise, make a new home with the other setting of a whole package"
    " (evidock export --all, then evidock rebuild --from PACKAGE; docs/backup.md).",
    Which.SECOND: "To have it otherwise, name new buckets in [second_vault]: everything is copied"
    " there anew (docs/second-vault.md).",
}


def _newest(tx: Transaction, which: Which, bucket: str) -> Entry | None:
    """The decision that stands; of the first vault none from before all came into another one."""
    kind = EntryRow.kind == EntryKind.VAULT_ENCRYPTION.value
    moved = None
    if which is Which.FIRST:
        moves = select(func.max(EntryRow.seq)).where(EntryRow.kind == EntryKind.MOVED.value)
        moved = tx.session.scalar(moves)
    rows = select(EntryRow.raw).where(kind, EntryRow.seq > (-1 if moved is None else moved))
    for raw in tx.session.scalars(rows.order_by(EntryRow.seq.desc())):
        entry = Entry(raw)
        if (entry.fields["vault"], entry.fields["bucket"]) == (which.value, bucket):
            return entry
    return None


def _see_possible(tx: Transaction, which: Which, bucket: str, wanted: Encryption) -> None:
    clips = _clips(tx, which, bucket)
    moved = select(EntryRow.seq).where(EntryRow.kind == EntryKind.MOVED.value).limit(1)
    came_over = which is Which.FIRST and tx.session.scalar(moved) is not None
    if wanted in _BY_STORE and clips and not came_over:
        raise SetupError(
            f"[{_section(which)}] encryption is 'store', and {clips} clips lie in the {which} vault"
            f" ({bucket}) already that it was not asked to encrypt",
            advice=f"Set it to 'none'. {_OTHERWISE[which]}",
        )


def _clips(tx: Transaction, which: Which, bucket: str) -> int:
    """How many clips *which* vault holds already."""
    held = select(func.count()).select_from(ClipRow)
    if which is Which.SECOND:
        held = select(func.count()).select_from(CopyRow).where(CopyRow.bucket == bucket)
    return tx.session.scalar(held) or 0


def _section(which: Which) -> str:
    return "vault" if which is Which.FIRST else "second_vault"
