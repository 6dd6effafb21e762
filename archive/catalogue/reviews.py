"""Reviews: who looks at which clip that was drawn, what they found, and what it comes to.

One rule: a sheet is filled in once, by the person who was drawn, and what is wrong on it opens
findings in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import select

from archive.catalogue import draws, findings, populations
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.findings import NewFinding
from archive.catalogue.review_tables import DrawRow, FindingRow, ReviewRow, SheetRow
from archive.catalogue.tables import ClipRow
from evidence.canonical import canonical
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.sheet import Answered, Point, Result, result, within
from evidence.wire import DrawCount, ReviewShown, SheetPoint, SheetShown

CODE = "sheet."
"""What the code of a finding begins with that a sheet opened; the point follows."""


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
    row = _known(tx, review)
    if row.checker != person:
        raise Refused(f"review {review} was drawn for another person")
    if (before := _sheet(tx, review)) is not None:
        raise OutOfTurn(f"the sheet of review {review} was filled in, by entry {before.by_entry}")
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
            code=CODE + point.id,
            about="clip",
            subject=row.clip,
            clip=row.clip,
            owner=draws.rules_of(draw).owner,
            due=stamp(tx.clock.now() + time),
            what=said + (f": {notes[point.id]}" if notes[point.id] else ""),
            source=sheet,
        )
        findings.open_once(tx, person, new)


def of_person(tx: Transaction, person: str) -> list[ReviewShown]:
    """What *person* was drawn to look at: what is to do first, then the newest."""
    rows = tx.session.scalars(
        select(ReviewRow).where(ReviewRow.checker == person).order_by(ReviewRow.by_entry.desc())
    ).all()
    found = [_shown(tx, row) for row in rows[:_MOST]]
    return sorted(found, key=lambda each: each.sheet is not None)


def of_draw(tx: Transaction, draw: str, reader: str) -> list[ReviewShown]:
    """All that it drew, in the order of tickets, as *reader* may see it."""
    rows = tx.session.scalars(
        select(ReviewRow).where(ReviewRow.draw == draw).order_by(ReviewRow.place)
    ).all()
    closed = _to_look_at(tx, reader, draw)
    return [_shown(tx, row, closed=row.clip in closed) for row in rows]


def shown(tx: Transaction, review: str, reader: str) -> ReviewShown:
    """One review with its questions, as *reader* may see it; NotKnown without it."""
    row = _known(tx, review)
    template = draws.template_of(draws.known(tx, row.draw))
    points = [_point(point) for point in template.points]
    closed = row.clip in _to_look_at(tx, reader, row.draw)
    return msgspec.structs.replace(_shown(tx, row, closed=closed), points=points)


def count(tx: Transaction, draw: str) -> DrawCount:
    """What came of a draw so far."""
    rows = tx.session.scalars(select(ReviewRow).where(ReviewRow.draw == draw)).all()
    sheets = _sheets(tx, [row.id for row in rows])
    first = {row.clip: sheets.get(row.id) for row in rows if not row.recheck}
    pairs = [
        (one, other)
        for row in rows
        if row.recheck
        and (other := sheets.get(row.id)) is not None
        and (one := first.get(row.clip)) is not None
    ]
    done = [sheet for sheet in first.values() if sheet is not None]
    return DrawCount(
        clips=len(first),
        filled=len(done),
        passed=sum(sheet.passed for sheet in done),
        rechecks=sum(row.recheck for row in rows),
        pairs=len(pairs),
        disagree=sum(one.passed != other.passed for one, other in pairs),
        points=sum(len(_verdicts(one)) for one, _ in pairs),
        points_differ=sum(_differ(one, other) for one, other in pairs),
        overdue=sum(row.due < stamp(tx.clock.now()) and row.id not in sheets for row in rows),
    )


def problems(tx: Transaction) -> list[str]:
    """How many sheets are overdue."""
    filled = select(SheetRow.review)
    rows = tx.session.scalars(
        select(ReviewRow)
        .where(ReviewRow.due < stamp(tx.clock.now()), ReviewRow.id.not_in(filled))
        .order_by(ReviewRow.due)
    ).all()
    if not rows:
        return []
    return [f"{len(rows)} sheets are overdue, the oldest since {rows[0].due}: review {rows[0].id}"]


_MOST = 200


def _to_look_at(tx: Transaction, reader: str, draw: str) -> set[str]:
    """The clips that *reader* has still to look at: what another found would not be for them."""
    filled = select(SheetRow.review)
    rows = select(ReviewRow.clip).where(
        ReviewRow.draw == draw, ReviewRow.checker == reader, ReviewRow.id.not_in(filled)
    )
    return set(tx.session.scalars(rows))


def _known(tx: Transaction, review: str) -> ReviewRow:
    row = tx.session.get(ReviewRow, review)
    if row is None:
        raise NotKnown(f"there is no review {review[:80]}")
    return row


def _sheet(tx: Transaction, review: str) -> SheetRow | None:
    return tx.session.scalar(select(SheetRow).where(SheetRow.review == review))


def _sheets(tx: Transaction, reviews: Sequence[str]) -> Mapping[str, SheetRow]:
    rows = tx.session.scalars(select(SheetRow).where(SheetRow.review.in_(reviews)))
    return {row.review: row for row in rows}


def _answers(row: SheetRow) -> list[Answered]:
    return msgspec.json.decode(row.answers, type=list[Answered])


def _verdicts(row: SheetRow) -> Mapping[str, str]:
    return {each.point: each.verdict for each in _answers(row)}


def _differ(one: SheetRow, other: SheetRow) -> int:
    theirs = _verdicts(other)
    return sum(theirs.get(point) != verdict for point, verdict in _verdicts(one).items())


def _point(point: Point) -> SheetPoint:
    return SheetPoint(
        id=point.id,
        title=point.title,
        title_zh=point.title_zh,
        score=point.score,
        days=point.days,
    )


def _shown(tx: Transaction, row: ReviewRow, *, closed: bool = False) -> ReviewShown:
    """One review; its sheet is left out if it is *closed* to the reader."""
    sheet, clip = _sheet(tx, row.id), tx.session.get(ClipRow, row.clip)
    return ReviewShown(
        id=row.id,
        draw=row.draw,
        number=draws.known(tx, row.draw).number,
        clip=row.clip,
        name="" if clip is None else clip.name,
        checker=row.checker,
        checker_name=populations.names(tx, {row.checker}).get(row.checker, row.checker),
        place=row.place,
        recheck=row.recheck,
        due=row.due,
        sheet=None if sheet is None or closed else _sheet_shown(tx, sheet),
        points=[],
    )


def _sheet_shown(tx: Transaction, row: SheetRow) -> SheetShown:
    opened = select(FindingRow.id).where(FindingRow.source == row.id).order_by(FindingRow.by_entry)
    return SheetShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        passed=row.passed,
        score=row.score,
        answers=_answers(row),
        findings=list(tx.session.scalars(opened)),
    )
