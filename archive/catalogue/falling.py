"""How proposals end without taking effect: somebody withdraws them, or what they rest on is gone.

One rule: whoever needs a clip from here on ends what two persons agreed before they knew of it.
What was approved is not merely put off: after the hold, or the case, people have to agree anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from archive.catalogue import closings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.sealed import GOING
from archive.catalogue.tables import ProposalRow
from evidence.commitment import Opening
from evidence.custody import EntryKind


def fall(tx: Transaction, row: ProposalRow, by: str, reason: str) -> None:
    """Put on record that the proposal in *row* is not to be."""
    why = Opening.fresh(reason)
    row.ended_entry = tx.record(
        EntryKind.WITHDRAWN,
        by,
        clip=row.clip,
        proposal=row.id,
        commitments={"withdraw_reason": why.commitment.hex},
    )
    row.ended, row.end_reason, row.end_salt = "withdrawn", reason, why.salt
    tx.session.flush()


def let_fall(tx: Transaction, by: str, clips: Sequence[str], reason: str) -> None:
    """End what was approved to destroy any of *clips*, as far as that has not begun."""
    for row in _approved(tx, clips):
        fall(tx, row, by, reason)


def let_fall_with_case(tx: Transaction, clips: Sequence[str]) -> None:
    """The same for those of *clips* that are in an open case since."""
    if rows := _approved(tx, clips):
        cases = closings.facts(tx, [str(row.clip) for row in rows])
        for row in rows:
            if any(case.closed is None for case in cases.get(str(row.clip), ())):
                fall(tx, row, ARCHIVE, "the clip is in an open case since")


def _approved(tx: Transaction, clips: Sequence[str]) -> Sequence[ProposalRow]:
    return tx.session.scalars(
        select(ProposalRow)
        .where(ProposalRow.clip.in_(clips), ProposalRow.begun_entry.is_(None), *GOING)
        .order_by(ProposalRow.by_entry)
    ).all()
