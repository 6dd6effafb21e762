"""What the record says of one clip that is to be destroyed: all that the rules look at.

One rule: a time counts as the latest that any entry up to it shows, so a clock that is set back
makes nothing sooner (:mod:`evidence.lawfulness` reads the entries in the same way).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select

from archive.catalogue import closings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.proposals import identity
from archive.catalogue.reckoning import Reckoning
from archive.catalogue.retentions import DATED, facts_of
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow, HoldRow, ProposalRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.disposal import Consent, DisposalFacts
from evidence.law.decision import ClipFacts, HoldFact
from evidence.law.rulebook import Rulebook


def facts(
    tx: Transaction,
    row: ClipRow,
    proposal: ProposalRow,
    book: Rulebook,
    *,
    outside: datetime | None,
    reckoning: Reckoning,
) -> DisposalFacts:
    """What the rules look at of the clip in *row*, which *proposal* is about; by *book*, now."""
    today, told = reckoning.day(tx, outside), _Told.of(tx, row.id)
    approved = proposal.approved_entry

    def latest(entry: int) -> datetime:
        beside = reckoning.latest(tx, entry)
        return told.latest(entry) if beside is None else max(beside, told.latest(entry))

    noticed = told.noticed(row.retain_until)
    return DisposalFacts(
        act=cast("Literal['dispose', 'destroy']", proposal.act),
        consent=Consent(
            proposer=identity(tx, proposal.proposer),
            approver=None if proposal.approver is None else identity(tx, proposal.approver),
            approved=None if approved is None else latest(approved),
            withdrawn=proposal.ended == "withdrawn",
        ),
        noticed=None if noticed is None else latest(noticed),
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
    """What the entries about one clip tell."""

    times: Sequence[tuple[int, datetime]]
    """Log index, and when the entry says that it was written."""
    dated: int
    """Log index of the entry that gave the date which stands."""
    notices: Sequence[tuple[int, str]]
    """Log index of a notice, and the date that people were told."""
    locks: Sequence[datetime]

    @classmethod
    def of(cls, tx: Transaction, clip: str) -> _Told:
        """Those of *clip*, but what its station says, whose clock is another."""
        rows = tx.session.execute(
            select(EntryRow.seq, EntryRow.raw)
            .where(EntryRow.clip == clip, EntryRow.kind != EntryKind.STATION_ACT.value)
            .order_by(EntryRow.seq)
        ).all()
        told = [(seq, Entry(raw).fields) for seq, raw in rows]
        return cls(
            times=[(seq, unstamp(str(fields["at"]))) for seq, fields in told],
            dated=max(seq for seq, fields in told if fields["kind"] in DATED),
            notices=[
                (seq, str(fields["until"]))
                for seq, fields in told
                if fields["kind"] == EntryKind.DISPOSAL_NOTICED.value
            ],
            locks=[
                unstamp(str(fields["lock_until"]))
                for _, fields in told
                if fields.get("lock_until") is not None
            ],
        )

    def latest(self, entry: int) -> datetime:
        """The latest time that any of them up to *entry* shows."""
        return max(when for seq, when in self.times if seq <= entry)

    def noticed(self, until: str) -> int | None:
        """The first notice of the date *until* since that was given; None: nobody was told."""
        told = (seq for seq, date in self.notices if seq > self.dated and date == until)
        return min(told, default=None)
