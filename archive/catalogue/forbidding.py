"""What the record says of one clip that is to be destroyed: all that the rules look at.

One rule: a time counts as the latest that any entry up to it shows, so a clock that is set back
makes nothing sooner (:mod:`evidence.lawfulness` reads the entries in the same way).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import func, or_, select

from archive.catalogue import closings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.proposals import identity
from archive.catalogue.retentions import facts_of
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow, HoldRow, ProposalRow
from evidence.clip import ClipState
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.disposal import Consent, DisposalFacts
from evidence.law.decision import ClipFacts, HoldFact
from evidence.law.rulebook import Rulebook
from evidence.trails import KINDS

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the limit of a day is reckoned from."""

    done: int
    """Clips that were destroyed in the last 24 hours, or are being destroyed."""
    clips: int
    """Those that are not gone."""


def day(tx: Transaction, outside: datetime | None) -> Day:
    """How today stands: a day is over once both clocks, ours and the one *outside*, show it."""
    now = tx.clock.now()
    since, done = min(now, outside or now) - _DAY, 0
    newest_first = (
        select(EntryRow.raw)
        .where(EntryRow.kind == EntryKind.DISPOSED.value)
        .order_by(EntryRow.seq.desc())
    )
    with tx.session.scalars(newest_first.execution_options(yield_per=50)) as rows:
        for raw in rows:
            if unstamp(str(Entry(raw).fields["at"])) <= since:
                break
            done += 1
    begun = select(func.count()).where(
        ProposalRow.begun_entry.is_not(None), ProposalRow.ended_entry.is_(None)
    )
    clips = select(func.count()).where(ClipRow.state != ClipState.DISPOSED.value)
    return Day(
        done=done + (tx.session.scalar(begun.select_from(ProposalRow)) or 0),
        clips=tx.session.scalar(clips.select_from(ClipRow)) or 0,
    )


def facts(
    tx: Transaction,
    row: ClipRow,
    proposal: ProposalRow,
    book: Rulebook,
    outside: datetime | None,
) -> DisposalFacts:
    """What the rules look at of the clip in *row*, which *proposal* is about; by *book*, now."""
    told, today = _Told.of(tx, row.id), day(tx, outside)
    approved = proposal.approved_entry
    return DisposalFacts(
        act=cast("Literal['dispose', 'destroy']", proposal.act),
        consent=Consent(
            proposer=identity(tx, proposal.proposer),
            approver=None if proposal.approver is None else identity(tx, proposal.approver),
            approved=None if approved is None else told.latest(approved),
            withdrawn=proposal.ended == "withdrawn",
        ),
        noticed=told.noticed(row.retain_until),
        decision=book.decide(_clip_facts(tx, row), tx.clock.now()),
        promised=unstamp(row.retain_until),
        authority=proposal.authority is not None,
        locked_until=max([*told.locks, *_locks(tx, row)]),
        done_today=today.done,
        clips=today.clips,
    )


def _clip_facts(tx: Transaction, row: ClipRow) -> ClipFacts:
    held = select(HoldRow).where(HoldRow.clip == row.id, HoldRow.lifted_entry.is_(None))
    plain = facts_of(row, closings.facts(tx, [row.id]).get(row.id, ()))
    return replace(
        plain,
        holds=[
            HoldFact(hold=each.id, authority=f"entry {each.by_entry}")
            for each in tx.session.scalars(held.order_by(HoldRow.by_entry))
        ],
    )


def _locks(tx: Transaction, row: ClipRow) -> Sequence[datetime]:
    copy = tx.session.get(CopyRow, row.id)
    return [unstamp(each.lock_until) for each in (row, copy) if each is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the entries tell that matter to one clip."""

    times: Sequence[tuple[int, datetime]]
    """Log index, and when the entry says that it was written."""
    notices: Sequence[tuple[int, str]]
    """Log index of a notice, and the date that people were told."""
    locks: Sequence[datetime]

    @classmethod
    def of(cls, tx: Transaction, clip: str) -> _Told:
        """Those about *clip*, and those about none that matter to all."""
        beside = EntryRow.clip.is_(None) & EntryRow.kind.in_(KINDS)
        rows = tx.session.execute(
            select(EntryRow.seq, EntryRow.raw)
            .where(
                or_(EntryRow.clip == clip, beside),
                EntryRow.kind != EntryKind.STATION_ACT.value,  # its clock is another
            )
            .order_by(EntryRow.seq)
        ).all()
        told = [(seq, Entry(raw).fields) for seq, raw in rows]
        return cls(
            times=[(seq, unstamp(str(fields["at"]))) for seq, fields in told],
            notices=[
                (seq, str(fields["until"]))
                for seq, fields in told
                if fields["kind"] == EntryKind.DISPOSAL_NOTICED.value
            ],
            locks=[
                unstamp(str(fields["lock_until"]))
                for _, fields in told
                if fields.get("clip") == clip and fields.get("lock_until") is not None
            ],
        )

    def latest(self, entry: int) -> datetime:
        """The latest time that any of them up to *entry* shows."""
        return max(when for seq, when in self.times if seq <= entry)

    def noticed(self, until: str) -> datetime | None:
        """When people were first told of the date *until*; None: never."""
        told = [self.latest(seq) for seq, date in self.notices if date == until]
        return min(told, default=None)
