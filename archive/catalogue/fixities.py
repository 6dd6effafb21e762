"""What canaries and fixity rounds found: kept as entries, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.digests import Digests
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


def first_archived(tx: Transaction) -> datetime | None:
    """When the first clip was archived, by the archive's clock of that moment."""
    archived = select(EntryRow.raw).where(EntryRow.kind == EntryKind.ARCHIVED.value)
    one_by_one = archived.order_by(EntryRow.seq).execution_options(yield_per=1)
    with tx.session.scalars(one_by_one) as rows:
        fields = next((fields for fields in map(_understood, rows) if fields), None)
    return None if fields is None else unstamp(str(fields["at"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The clips whose turn it is."""

    clips: Sequence[tuple[str, Sequence[Entry]]]
    """Id, and what says where its original lies; empty if its row leads to no entry."""
    through: int
    """Log index of the last one's entry; -1: the round begins anew."""


def to_go(tx: Transaction, after: int) -> int:
    """How many clips were archived by entries behind *after*."""
    clips = select(func.count()).select_from(ClipRow).where(ClipRow.archived_entry > after)
    return tx.session.scalar(clips) or 0


def share(tx: Transaction, after: int, most: int) -> Share:
    """The next clips, *most* of them at the most: those archived by entries behind *after*."""
    rows = tx.session.execute(
        select(ClipRow.id, ClipRow.archived_entry, EntryRow.raw)
        .outerjoin(EntryRow, EntryRow.seq == ClipRow.archived_entry)
        .where(ClipRow.archived_entry > after)
        .order_by(ClipRow.archived_entry)
        .limit(most)
    ).all()
    more = rows and to_go(tx, rows[-1].archived_entry)
    later = _later(tx, [row.id for row in rows])
    clips = [(row.id, _placed(row.raw, later.get(row.id, []))) for row in rows]
    return Share(clips=clips, through=rows[-1].archived_entry if more else -1)


def entries_of(tx: Transaction, clip: str) -> Sequence[Entry]:
    """What says where the original of *clip* lies; empty if its row leads to no entry.

    The ``archive.verified`` entry, then each ``archive.moved`` and ``clip.digest``.
    """
    row = tx.session.get(ClipRow, clip)
    held = None if row is None else tx.session.get(EntryRow, row.archived_entry)
    return _placed(None if held is None else held.raw, _later(tx, [clip]).get(clip, []))


def _placed(archived: bytes | None, later: Sequence[Entry]) -> Sequence[Entry]:
    return [] if archived is None else [Entry(archived), *later]


def _later(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[Entry]]:
    """Clip -> what says more of where its original lies and what it is, in order."""
    found: dict[str, list[Entry]] = {}
    rows = tx.session.execute(
        select(EntryRow.clip, EntryRow.raw)
        .where(EntryRow.clip.in_(clips), EntryRow.kind.in_(_SAYS_MORE))
        .order_by(EntryRow.seq)
    )
    for clip, raw in rows:
        found.setdefault(str(clip), []).append(Entry(raw))
    return found


def passed(tx: Transaction, clips: int, failed: int, size: int, through: int) -> None:
    """Put on record that the rounds went on: so many *clips* are right, so many *failed*.

    *size*: bytes of originals read back to their end.
    """
    kind = EntryKind.FIXITY_HELD
    tx.record(kind, ARCHIVE, clips=clips, failed=failed, size=size, through=through)


def digested(tx: Transaction, clip: str, read: Digests) -> None:
    """Put on record what the original of *clip* hashes to, as it was *read* back whole."""
    tx.record(EntryKind.CLIP_DIGESTED, ARCHIVE, clip=clip, digests=read.to_wire())


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
    """When they went on last; None if they never did."""
    through: int
    """Log index of the entry of the last clip looked at; -1 if the round has not begun."""
    began: datetime | None
    """When the last round ended and this one began; None while it is the first."""
    failed: Mapping[str, str]
    """Clip -> the component that was wrong when it was looked at last."""


def standing(tx: Transaction) -> Standing:
    """Where the rounds stand, by their entries."""
    at, through, began = None, -1, None
    steps = _of_rounds(EntryRow.clip.is_(None)).order_by(EntryRow.seq.desc())
    with tx.session.scalars(steps.execution_options(yield_per=50)) as newest_first:
        for fields in filter(None, map(_understood, newest_first)):
            if at is None:
                at, through = unstamp(str(fields["at"])), int(str(fields["through"]))
            if fields["through"] == -1:
                began = unstamp(str(fields["at"]))
                break
    wrong = dict[str, str]()
    about_clips = _of_rounds(EntryRow.clip.is_not(None)).order_by(EntryRow.seq)
    for raw in tx.session.scalars(about_clips):
        fields = _understood(raw) or {}
        if "component" in fields:
            wrong[str(fields["clip"])] = str(fields["component"])
        else:
            wrong.pop(str(fields.get("clip")), None)
    return Standing(at=at, through=through, began=began, failed=wrong)


def _understood(raw: bytes) -> Mapping[str, object] | None:
    """The fields of an entry; None if its row was damaged: fsck tells of it, the rounds go on."""
    try:
        return Entry(raw).fields
    except ValueError:
        return None


def _of_rounds(which: ColumnElement[bool]) -> Select[bytes]:
    kinds = (EntryKind.FIXITY_HELD.value, EntryKind.FIXITY_FAILED.value)
    return select(EntryRow.raw).where(EntryRow.kind.in_(kinds), which)


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
