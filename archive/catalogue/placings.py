"""Clips that people place in cases, and take out of them again.

One rule: a placing is one act on one clip and its end another; neither is ever changed.  In an open
case a clip is kept, so a placing ends what was approved against the clip.
"""

from __future__ import annotations

from sqlalchemy import select

from archive.catalogue import cases, retentions
from archive.catalogue.case_tables import CaseClipRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.falling import let_fall_with_case
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.law.rulebook import Rulebook


def place(
    tx: Transaction, person: str, number: str, clip: str, reason: str, *, book: Rulebook
) -> int:
    """Put on record that *clip* is in case *number* since; the entry's log index.

    NotKnown without such a clip or case; OutOfTurn if it was placed there before, or its
    destruction has begun.
    """
    cases.must_be_known(tx, number)
    if tx.session.get(ClipRow, clip) is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_be_live(tx, clip)
    if (row := _standing(tx, number, clip)) is not None:
        raise OutOfTurn(f"clip {clip} was placed in case {number} before, by entry {row.by_entry}")
    placing, named, why = new_id("l"), Opening.fresh(number), Opening.fresh(reason)
    entry = tx.record(
        EntryKind.CASE_CLIP,
        person,
        clip=clip,
        case_clip=placing,
        commitments={"case": named.commitment.hex, "reason": why.commitment.hex},
    )
    row = CaseClipRow(
        id=placing,
        clip=clip,
        case_id=number,
        case_salt=named.salt,
        by_entry=entry,
        placer=person,
        reason=reason,
        reason_salt=why.salt,
    )
    tx.session.add(row)
    tx.session.flush()
    retentions.follow(tx, [clip], book)
    let_fall_with_case(tx, [clip])
    return entry


def take_out(tx: Transaction, person: str, number: str, clip: str, reason: str) -> int:
    """Put on record that *clip* is in case *number* by no person's word any more; the log index.

    OutOfTurn if nobody placed it there: what incidents say is not a person's to take back here.
    """
    cases.must_be_known(tx, number)
    if (row := _standing(tx, number, clip)) is None:
        raise OutOfTurn(f"nobody placed clip {clip} in case {number[:80]}, or it was taken out")
    why = Opening.fresh(reason)
    row.taken_entry = tx.record(
        EntryKind.CASE_CLIP_TAKEN,
        person,
        clip=clip,
        case_clip=row.id,
        commitments={"taken_reason": why.commitment.hex},
    )
    row.taken_reason, row.taken_salt = reason, why.salt
    tx.session.flush()
    return row.taken_entry


def _standing(tx: Transaction, number: str, clip: str) -> CaseClipRow | None:
    return tx.session.scalar(
        select(CaseClipRow).where(
            CaseClipRow.case_id == number,
            CaseClipRow.clip == clip,
            CaseClipRow.taken_entry.is_(None),
        )
    )
