"""Clips that are going: from the approval of their disposal on nobody watches or takes them out.

One rule: whether a hold, a withdrawal or the destruction came first is decided by one transaction,
and by nothing else.  Once ``dispose.begin`` is on record bytes may be gone, so nothing is promised
of such a clip any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, literal_column, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow, EntryRow, ProposalRow
from evidence.clip import ClipState
from evidence.custody import EntryKind
from evidence.errors import OutOfTurn

ACTS = ("dispose", "destroy")
"""The acts at whose end the clip's bytes are gone."""


GOING = (
    ProposalRow.act.in_(ACTS),
    ProposalRow.approved_entry.is_not(None),
    ProposalRow.ended_entry.is_(None),
)
"""Of rows of proposals: those by which two persons agreed that a clip goes, and that stand."""


def is_going() -> ColumnElement[bool]:
    """Whether the clip of a row of clips is to be destroyed, as two persons agreed, for a query."""
    return exists().where(ProposalRow.clip == ClipRow.id, *GOING)


def has_begun() -> ColumnElement[bool]:
    """Whether its destruction has begun and is not done, for a query."""
    return exists().where(
        ProposalRow.clip == ClipRow.id,
        ProposalRow.begun_entry.is_not(None),
        ProposalRow.ended_entry.is_(None),
    )


def is_not_gone() -> ColumnElement[bool]:
    """Whether it was not destroyed, for a query that an index of those alone answers."""
    return ClipRow.state != literal_column(f"'{ClipState.DISPOSED.value}'")


def is_live() -> ColumnElement[bool]:
    """Whether its bytes must be there: neither destroyed nor being destroyed, for a query."""
    return is_not_gone() & ~has_begun()


def live_of(tx: Transaction, clips: Sequence[str]) -> Sequence[str]:
    """Those of *clips* whose bytes must be there, in their order."""
    live = set(tx.session.scalars(select(ClipRow.id).where(ClipRow.id.in_(clips), is_live())))
    return [clip for clip in clips if clip in live]


def begun_of(tx: Transaction, clips: Sequence[str]) -> set[str]:
    """Those of *clips* whose destruction has begun, by their entries, whatever the rows say."""
    kind = EntryRow.kind == EntryKind.DISPOSAL_BEGUN.value
    found = tx.session.scalars(select(EntryRow.clip).where(EntryRow.clip.in_(clips), kind))
    return {clip for clip in found if clip is not None}


def must_be_live(tx: Transaction, clip: str) -> None:
    """OutOfTurn if *clip* is destroyed, or its destruction has begun: nothing can be promised."""
    row = tx.session.get(ClipRow, clip)
    if row is not None and row.state == ClipState.DISPOSED.value:
        raise OutOfTurn(
            f"clip {clip} was disposed of, by entry {row.by_entry}",
            advice="Nothing is left of it but its entries in the log, which say why.",
        )
    begun = tx.session.scalar(
        select(ProposalRow.begun_entry).where(
            ProposalRow.clip == clip,
            ProposalRow.begun_entry.is_not(None),
            ProposalRow.ended_entry.is_(None),
        )
    )
    if begun is not None:
        raise OutOfTurn(
            f"the destruction of clip {clip} has begun, by entry {begun}: bytes may be gone",
            advice="It cannot be stopped any more. Copies that were exported before still verify.",
        )


def must_not_be_sealed(tx: Transaction, clips: Sequence[str]) -> None:
    """OutOfTurn if one of *clips* is destroyed, or two persons agreed that it is to be."""
    for clip in clips:
        must_be_live(tx, clip)
    must_not_be_going(tx, clips)


def must_not_be_going(tx: Transaction, clips: Sequence[str]) -> None:
    """OutOfTurn if two persons agreed that one of *clips* is to go; what is gone is not looked at.

    Then nobody is given its footage any more, and whoever asks is told who can change that.
    """
    sealed = tx.session.execute(
        select(ProposalRow.clip, ProposalRow.id, ProposalRow.not_before)
        .where(ProposalRow.clip.in_(clips), *GOING)
        .limit(1)
    ).first()
    if sealed is not None:
        raise OutOfTurn(
            f"clip {sealed.clip} is sealed: its disposal was approved (proposal {sealed.id}), and"
            f" it goes no earlier than {sealed.not_before}",
            advice="A supervisor or the legal staff can withdraw that proposal: then it is as it"
            " was before.",
        )
