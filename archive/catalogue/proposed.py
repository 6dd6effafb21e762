"""Proposals and the clips whose time ends, as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import ColumnElement, or_, select

from archive.catalogue.by_end import ORDER, Cursor
from archive.catalogue.catalogue import Transaction
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.entries import at
from archive.catalogue.holds import is_held
from archive.catalogue.sealed import ACTS, is_not_gone
from archive.catalogue.tables import ClipRow, EntryRow, PersonRow, ProposalRow
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.wire import ProposalPage, ProposalShown, QueuedClip


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A page of clips whose time is over, or ends soon."""

    clips: list[QueuedClip]
    next: str | None
    """``after`` of the next page; None: this is the last."""


def shown(
    tx: Transaction,
    after: str,
    most: int,
    *,
    is_open: bool | None = None,
    clip: str | None = None,
    act: str | None = None,
) -> ProposalPage:
    """The next *most* proposals made before the entry *after* (empty: the newest).

    Only those that are open, or have ended, are about *clip* or want that *act*, if that is asked
    for.  ValueError if *after* is no number.
    """
    wanted = [ProposalRow.by_entry < int(after)] if after else []
    if act is not None:
        wanted.append(ProposalRow.act == act)
    if clip is not None:
        wanted.append(ProposalRow.clip == clip)
    if is_open is not None:
        wanted.append(ProposalRow.ended_entry.is_(None) == is_open)
    rows = tx.session.scalars(
        select(ProposalRow).where(*wanted).order_by(ProposalRow.by_entry.desc()).limit(most)
    ).all()
    following = str(rows[-1].by_entry) if len(rows) == most else None
    return ProposalPage(proposals=[shown_of(tx, row) for row in rows], next=following)


def queue(tx: Transaction, until: datetime | None, after: str, most: int) -> Queue:
    """The next *most* clips behind *after* whose time ends by *until*, the oldest date first.

    Without *until*: those that somebody wants destroyed.
    """
    wanted = _is_proposed() if until is None else ClipRow.retain_until <= stamp(until)
    rows = tx.session.execute(
        select(ClipRow, or_(is_held(), is_in_open_case()).label("held"))
        .where(is_not_gone(), wanted, Cursor.parse(after).is_ahead)
        .order_by(*ORDER)
        .limit(most)
    ).all()
    clips = [row for row, _ in rows]
    told = _noticed(tx, clips)
    going = _open_about(tx, [row.id for row in clips])
    return Queue(
        clips=[
            QueuedClip(
                clip=row.id,
                name=row.name,
                received=row.received,
                retain_until=row.retain_until,
                retain_rule=row.retain_rule,
                noticed=told.get(row.id),
                held=bool(held),
                lock_until=row.lock_until,
                proposal=going.get(row.id),
            )
            for row, held in rows
        ],
        next=Cursor.behind(clips, most),
    )


def _noticed(tx: Transaction, clips: Sequence[ClipRow]) -> Mapping[str, str]:
    """Clip -> when people were told of the date that stands; those they were not are absent."""
    told = {row.noticed_entry: row.id for row in clips if row.noticed_entry is not None}
    rows = tx.session.execute(
        select(EntryRow.seq, EntryRow.raw).where(EntryRow.seq.in_(list(told)))
    )
    return {told[seq]: str(Entry(raw).fields["at"]) for seq, raw in rows}


def shown_of(tx: Transaction, row: ProposalRow) -> ProposalShown:
    """The proposal in *row*."""
    return ProposalShown(
        id=row.id,
        act=cast("Literal['dispose', 'destroy', 'shorten']", row.act),
        clip=row.clip,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        by=row.proposer,
        by_name=_name(tx, row.proposer) or row.proposer,
        authority=row.authority,
        reason=row.reason,
        approved_at=_at(tx, row.approved_entry),
        approved_by=row.approver,
        approved_name=_name(tx, row.approver),
        not_before=row.not_before,
        ended=cast("Literal['withdrawn', 'done'] | None", row.ended),
        ended_at=_at(tx, row.ended_entry),
        end_reason=row.end_reason,
    )


def _is_proposed() -> ColumnElement[bool]:
    """Whether somebody wants the clip of a row of clips destroyed, for a query.

    It goes by what is proposed: of all clips these are few.
    """
    return ClipRow.id.in_(
        select(ProposalRow.clip).where(ProposalRow.act.in_(ACTS), ProposalRow.ended_entry.is_(None))
    )


def _open_about(tx: Transaction, clips: Sequence[str]) -> Mapping[str, ProposalShown]:
    rows = select(ProposalRow).where(ProposalRow.clip.in_(clips), ProposalRow.ended_entry.is_(None))
    return {str(row.clip): shown_of(tx, row) for row in tx.session.scalars(rows).all()}


def _at(tx: Transaction, entry: int | None) -> str | None:
    return None if entry is None else at(tx, entry)


def _name(tx: Transaction, person: str | None) -> str | None:
    row = None if person is None else tx.session.get(PersonRow, person)
    return None if row is None else row.name
