"""Reviews: who looks at which clip that was drawn, and what they found.

One rule: a sheet is filled in once, by the person who was drawn, and what is wrong on it opens
findings in the same transaction.  One that nobody can do is void once another person says why.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from archive.catalogue import draws, findings, populations
from archive.catalogue.catalogue import Transaction
from archive.catalogue.findings import NewFinding
from archive.catalogue.proposals import identity
from archive.catalogue.review_tables import DrawRow, ReviewRow, SheetRow
from archive.catalogue.tables import ClipRow
from evidence.canonical import canonical
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.finding_code import SHEET
from evidence.sheet import VOID, Answered, Result, result, within


def fill(tx: Transaction, person: str, review: str, answers: Sequence[Answered]) -> str:
    """Put on record what *person* found; the id of the sheet.

    NotKnown without such a review; Refused for others than its checker; OutOfTurn if it is filled
    in; ValueError unless each point is answered once.
    """
    row = _to_fill(tx, person, review)
    draw = draws.known(tx, row.draw)
    template = draws.template_of(draw)
    came_to = result(template, answers)
    text = canonical(msgspec.to_builtins(list(answers))).decode("utf-8")
    sheet, held = new_id("e"), Opening.fresh(text)
    entry = tx.record(
        EntryKind.SHEET_FILLED,
        person,
        clip=row.clip,
        sheet=sheet,
        review=review,
        template=template.sha256,
        passed=came_to.passed,
        score=came_to.score,
        of=came_to.of,
        commitments={"answers": held.commitment.hex},
    )
    tx.session.add(
        SheetRow(
            id=sheet,
            by_entry=entry,
            clip=row.clip,
            review=review,
            checker=person,
            passed=came_to.passed,
            score=came_to.score,
            answers=text,
            answers_salt=held.salt,
        )
    )
    tx.session.flush()
    _open_findings(tx, person, (row, draw, sheet), came_to, answers)
    return sheet


def _to_fill(tx: Transaction, person: str, review: str) -> ReviewRow:
    row = known(tx, review)
    if row.checker != person:
        raise Refused(f"review {review} was drawn for another person")
    _must_be_to_do(tx, row)
    return row


def _open_findings(
    tx: Transaction,
    person: str,
    about: tuple[ReviewRow, DrawRow, str],
    came_to: Result,
    answers: Sequence[Answered],
) -> None:
    """What must be put right: one for each point of a clip, whoever saw it first."""
    row, draw, sheet = about
    notes = {each.point: each.note for each in answers}
    for point in came_to.failed:
        if (time := within(point)) is None:
            continue
        said = f"{point.title_zh} / {point.title}"
        new = NewFinding(
            code=SHEET + point.id,
            about="clip",
            subject=row.clip,
            clip=row.clip,
            owner=draws.rules_of(draw).owner,
            due=stamp(tx.clock.now() + time),
            what=said + (f": {notes[point.id]}" if notes[point.id] else ""),
            source=sheet,
        )
        findings.open_once(tx, person, new)


def void(tx: Transaction, person: str, review: str, code: str, reason: str) -> None:
    """Put on record that nobody can do it, and why: one of :data:`evidence.sheet.VOID`.

    NotKnown without such a review; OutOfTurn if its sheet is filled in, if it is void, or if its
    clip can be watched all the same; Refused for its checker, and the officer whose footage it is.
    """
    row = known(tx, review)
    if code not in VOID:
        raise ValueError(f"{code[:40]!r} is none of {', '.join(VOID)}")
    _must_be_to_do(tx, row)
    clip = tx.session.get(ClipRow, row.clip)
    own = None if clip is None else f"officer {clip.officer_key}"
    if identity(tx, person) in {identity(tx, row.checker), own}:
        raise Refused(
            f"review {review} is not {person}'s to drop: it is their footage, or theirs to do",
            advice="Ask another supervisor, or the legal staff.",
        )
    if code == VOID[0] and not populations.is_shut(tx, row.clip):
        raise OutOfTurn(f"clip {row.clip} is neither sealed nor gone: it can be looked at")
    held = Opening.fresh(reason)
    row.void_entry = tx.record(
        EntryKind.REVIEW_VOIDED,
        person,
        clip=row.clip,
        review=review,
        code=code,
        commitments={"void_reason": held.commitment.hex},
    )
    row.voider, row.void_code = person, code
    row.void_reason, row.void_salt = reason, held.salt
    tx.session.flush()


def problems(tx: Transaction) -> list[str]:
    """How many sheets are overdue."""
    filled = select(SheetRow.review)
    rows = tx.session.scalars(
        select(ReviewRow)
        .where(
            ReviewRow.due < stamp(tx.clock.now()),
            ReviewRow.void_entry.is_(None),
            ReviewRow.id.not_in(filled),
        )
        .order_by(ReviewRow.due)
    ).all()
    if not rows:
        return []
    oldest = f"the oldest since {rows[0].due}: review {rows[0].id}"
    return [f"{len(rows)} sheets are overdue, {oldest}; `evidock review void` if nobody can do one"]


def known(tx: Transaction, review: str) -> ReviewRow:
    """Its row; NotKnown without one."""
    row = tx.session.get(ReviewRow, review)
    if row is None:
        raise NotKnown(f"there is no review {review[:80]}")
    return row


def _must_be_to_do(tx: Transaction, row: ReviewRow) -> None:
    before = tx.session.scalar(select(SheetRow.by_entry).where(SheetRow.review == row.id))
    if before is not None:
        raise OutOfTurn(f"the sheet of review {row.id} was filled in, by entry {before}")
    if row.void_entry is not None:
        raise OutOfTurn(f"review {row.id} is void, by entry {row.void_entry}")
