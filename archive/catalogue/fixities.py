"""What canaries and fixity rounds found: kept as entries, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The clips whose turn it is."""

    clips: Sequence[tuple[str, Entry]]
    """Id, and the ``archive.verified`` entry."""
    through: int
    """Log index of the last one's entry; -1: the round begins anew."""


def share(tx: Transaction, after: int, parts: int) -> Share:
    """One of *parts* shares of all clips: those archived by entries behind *after*."""
    total = tx.session.scalar(select(func.count()).select_from(ClipRow)) or 0
    rows = tx.session.execute(
        select(ClipRow.id, EntryRow.seq, EntryRow.raw)
        .join(EntryRow, EntryRow.seq == ClipRow.archived_entry)
        .where(ClipRow.archived_entry > after)
        .order_by(ClipRow.archived_entry)
        .limit(max(1, -(-total // parts)))
    ).all()
    more = rows and tx.session.scalar(
        select(ClipRow.id).where(ClipRow.archived_entry > rows[-1].seq).limit(1)
    )
    clips = [(row.id, Entry(row.raw)) for row in rows]
    return Share(clips=clips, through=rows[-1].seq if more else -1)


def entry_of(tx: Transaction, clip: str) -> Entry:
    """The ``archive.verified`` entry of *clip*."""
    seq = tx.session.get_one(ClipRow, clip).archived_entry
    return Entry(tx.session.get_one(EntryRow, seq).raw)


def passed(tx: Transaction, clips: int, size: int, through: int) -> None:
    """Put on record that a share of so many *clips*, *size* bytes, was looked at and is right."""
    tx.record(EntryKind.FIXITY_HELD, ARCHIVE, clips=clips, size=size, through=through)


def mended(tx: Transaction, clip: str) -> None:
    """Put on record that *clip*, which failed before, is right again."""
    tx.record(EntryKind.FIXITY_HELD, ARCHIVE, clip=clip)


def failed(tx: Transaction, clip: str, step: int, component: str) -> None:
    """Put on record that something of *clip* is not what the log says."""
    tx.record(EntryKind.FIXITY_FAILED, ARCHIVE, clip=clip, step=step, component=component)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the rounds are."""

    at: datetime | None
    """When the last share was looked at; None if none was."""
    through: int
    failed: Mapping[str, str]
    """Clip -> the component that was wrong when it was looked at last."""


def standing(tx: Transaction) -> Standing:
    """Where the rounds stand, by their entries."""
    kinds = (EntryKind.FIXITY_HELD.value, EntryKind.FIXITY_FAILED.value)
    rows = tx.session.scalars(
        select(EntryRow.raw).where(EntryRow.kind.in_(kinds)).order_by(EntryRow.seq)
    )
    at, through, wrong = None, -1, dict[str, str]()
    for entry in map(Entry, rows):
        fields = entry.fields
        if entry.kind is EntryKind.FIXITY_FAILED:
            wrong[str(entry.clip)] = str(fields["component"])
        elif entry.clip is not None:
            wrong.pop(entry.clip, None)
        else:
            at, through = unstamp(str(fields["at"])), int(str(fields["through"]))
    return Standing(at=at, through=through, failed=wrong)


def in_words(clip: str, component: str) -> str:
    """The sentence for a clip that failed."""
    return f"clip {clip}: its {component} is not what the log says; evidock fsck tells more"


def _last(tx: Transaction, kind: EntryKind) -> Entry | None:
    raw = tx.session.scalar(
        select(EntryRow.raw)
        .where(EntryRow.kind == kind.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    return None if raw is None else Entry(raw)
