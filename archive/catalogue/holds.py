"""Holds: a clip is kept whatever the date, by an authority and for a reason, until that is lifted.

One rule: a hold is one act on one clip and its lifting another; neither is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.falling import let_fall
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow, HoldRow
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.wire import HoldShown


def set_hold(tx: Transaction, person: str, clip: str, authority: str, reason: str) -> HoldShown:
    """Put on record that *clip* is held since.

    NotKnown without such a clip, OutOfTurn if its destruction has begun.
    """
    if tx.session.get(ClipRow, clip) is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_be_live(tx, clip)
    hold = new_id("h")
    said, why = Opening.fresh(authority), Opening.fresh(reason)
    entry = tx.record(
        EntryKind.HOLD_SET,
        person,
        clip=clip,
        hold=hold,
        commitments={"authority": said.commitment.hex, "reason": why.commitment.hex},
    )
    row = HoldRow(
        id=hold,
        clip=clip,
        by_entry=entry,
        authority=authority,
        authority_salt=said.salt,
        reason=reason,
        reason_salt=why.salt,
    )
    tx.session.add(row)
    tx.session.flush()
    let_fall(tx, person, [clip], "a hold was set")
    return _shown(tx, row)


def lift(tx: Transaction, person: str, clip: str, hold: str, reason: str) -> HoldShown:
    """Put on record that *hold* ends; NotKnown if *clip* has none such, OutOfTurn if it ended."""
    row = tx.session.get(HoldRow, hold)
    if row is None or row.clip != clip:
        raise NotKnown(f"clip {clip} has no hold {hold}")
    if row.lifted_entry is not None:
        raise OutOfTurn(f"hold {hold} was lifted before, by entry {row.lifted_entry}")
    why = Opening.fresh(reason)
    row.lifted_entry = tx.record(
        EntryKind.HOLD_LIFTED,
        person,
        clip=clip,
        hold=hold,
        commitments={"lift_reason": why.commitment.hex},
    )
    row.lift_reason, row.lift_salt = reason, why.salt
    tx.session.flush()
    return _shown(tx, row)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[HoldShown]]:
    """Clip -> every hold there ever was on it, the oldest first; those without are left out."""
    found: dict[str, list[HoldShown]] = {}
    rows = select(HoldRow).where(HoldRow.clip.in_(clips)).order_by(HoldRow.by_entry)
    for row in tx.session.scalars(rows).all():
        found.setdefault(row.clip, []).append(_shown(tx, row))
    return found


def is_held() -> ColumnElement[bool]:
    """Whether the clip of a row of clips is held, for a query."""
    return exists().where(HoldRow.clip == ClipRow.id, HoldRow.lifted_entry.is_(None))


def _shown(tx: Transaction, row: HoldRow) -> HoldShown:
    lifted = row.lifted_entry
    return HoldShown(
        id=row.id,
        entry=row.by_entry,
        since=at(tx, row.by_entry),
        authority=row.authority,
        reason=row.reason,
        lifted=None if lifted is None else at(tx, lifted),
        lift_reason=row.lift_reason,
    )
