"""How proposals end without taking effect: somebody withdraws them, or what they rest on is gone.

One rule: whoever needs a clip from here on ends what was said of its end before they knew of it.
What was approved is not merely put off, and a notice is not merely old: after the hold, or the
case, people have to agree anew, and have to be told anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from archive.catalogue import closings, retentions
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.portions import portions
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
    """End what was approved to destroy any of *clips*, as far as that has not begun.

    What people were told of their end counts no more.
    """
    for row in _approved(tx, clips):
        fall(tx, row, by, reason)
    retentions.tell_anew(tx, clips)


def let_fall_with_case(tx: Transaction, clips: Sequence[str]) -> None:
    """The same for those of *clips* that are in an open case since."""
    if rows := _approved(tx, clips):
        cases = closings.facts(tx, [str(row.clip) for row in rows])
        for row in rows:
            if any(case.closed is None for case in cases.get(str(row.clip), ())):
                fall(tx, row, ARCHIVE, "the clip is in an open case since")
    retentions.tell_anew(tx, clips, closings.is_in_open_case())


def _approved(tx: Transaction, clips: Sequence[str]) -> list[ProposalRow]:
    found: list[ProposalRow] = []
    for some in portions(clips):
        going = ProposalRow.clip.in_(some), ProposalRow.begun_entry.is_(None)
        found += tx.session.scalars(select(ProposalRow).where(*going, *GOING))
    return sorted(found, key=lambda row: row.by_entry)
