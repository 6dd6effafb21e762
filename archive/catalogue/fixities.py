"""What canaries found: kept as entries, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.vault import Lock, LockMode
from evidence.vault.canary import Kept

_SAYS_MORE = (EntryKind.MOVED.value, EntryKind.CLIP_DIGESTED.value)
_CHECK = re.compile(r"the check ([a-z-]+)")


def canary_passed(tx: Transaction, kept: Kept) -> None:
    """Put on record that the vault kept all it promised, and what it is to keep now."""
    tx.record(
        EntryKind.VAULT_CANARY,
        ARCHIVE,
        result="pass",
        key=kept.key,
        version=kept.version_id,
        sha256=kept.sha256.hex,
        until=stamp(kept.lock.until),
    )


def canary_failed(tx: Transaction, problem: str) -> None:
    """Put on record that it did not; of the *problem* only the check's name goes into the log."""
    named = _CHECK.search(problem)
    check = None if named is None else named[1]
    tx.record(EntryKind.VAULT_CANARY, ARCHIVE, result="fail", check=check)


def canary_accepted(tx: Transaction) -> None:
    """Put on record that a person has looked at the store after a failure."""
    tx.record(EntryKind.VAULT_CANARY, "owner", result="accepted")


def canary_moved(tx: Transaction) -> None:
    """Put on record that the vault is another one: the canary before is not in it."""
    tx.record(EntryKind.VAULT_CANARY, ARCHIVE, result="moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """What the record tells of the canaries before."""

    failure: str | None
    """The failure that stands: nobody has looked since."""
    kept: Kept | None
    """What the vault is to have now."""


def canaries(tx: Transaction) -> Canaries:
    """What the last canary on record tells."""
    last = _last(tx, EntryKind.VAULT_CANARY)
    fields = {} if last is None else last.fields
    failure = kept = None
    if fields.get("result") == "fail":
        failure = (
            f"the vault failed the check {fields.get('check')} of its canary at {fields['at']}"
        )
    elif "sha256" in fields:
        kept = Kept(
            key=str(fields["key"]),
            version_id=str(fields["version"]),
            sha256=Sha256.from_hex(str(fields["sha256"])),
            lock=Lock(mode=LockMode.COMPLIANCE, until=unstamp(str(fields["until"]))),
        )
    return Canaries(failure=failure, kept=kept)


def last_archived(tx: Transaction) -> datetime | None:
    """When the last clip was archived, by the archive's clock of that moment."""
    newest = tx.session.scalar(select(func.max(ClipRow.archived_entry)))
    if newest is None:
        return None
    return unstamp(str(Entry(tx.session.get_one(EntryRow, newest).raw).fields["at"]))


def _last(tx: Transaction, kind: EntryKind) -> Entry | None:
    raw = tx.session.scalar(
        select(EntryRow.raw)
        .where(EntryRow.kind == kind.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    return None if raw is None else Entry(raw)
