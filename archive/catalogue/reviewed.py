"""Reviews as people see them, and what those of a draw come to.

One rule: whoever has still to look at a clip does not see what another one found on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, or_, select

from archive.catalogue import draws, populations, reviews
from archive.catalogue.catalogue import Transaction
from archive.catalogue.review_tables import DrawRow, FindingRow, ReviewRow, SheetRow
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.sheet import Answered, Point
from evidence.wire import DrawCount, ReviewPage, ReviewShown, SheetPoint, SheetShown, VoidShown

_AFTER = re.compile(r"([01])\.([0-9]{1,16})")
_TO_DO = and_(SheetRow.id.is_(None), ReviewRow.void_entry.is_(None))


def of_person(tx: Transaction, person: str, after: str, most: int) -> ReviewPage:
    """The next *most* that *person* was drawn to look at: what is to do first, then the newest.

    *after*: what the page before said comes next; empty: from the first.  ValueError for others.
    """
    is_done = case((_TO_DO, 0), else_=1)
    wanted: list[ColumnElement[bool]] = [ReviewRow.checker == person]
    if after:
        if not (told := _AFTER.fullmatch(after)):
            raise ValueError(f"after={after[:40]!r} is nothing that a page said")
        done, entry = int(told[1]), int(told[2])
        wanted.append(or_(is_done > done, and_(is_done == done, ReviewRow.by_entry < entry)))
    rows = tx.session.execute(
        select(ReviewRow, SheetRow, is_done)
        .outerjoin(SheetRow, SheetRow.review == ReviewRow.id)
        .where(*wanted)
        .order_by(is_done, ReviewRow.by_entry.desc())
        .limit(most)
    ).all()
    following = f"{rows[-1][2]}.{rows[-1][0].by_entry}" if len(rows) == most else None
    return ReviewPage(reviews=_shown(tx, [(row[0], row[1]) for row in rows], set()), next=following)


def of_draw(tx: Transaction, draw: str, reader: str, after: str, most: int) -> ReviewPage:
    """The next *most* that it drew, in the order of tickets; *after*: the next place."""
    wanted = [ReviewRow.draw == draw]
    if after:
        wanted.append(ReviewRow.place >= int(after))
    rows = tx.session.execute(
        select(ReviewRow, SheetRow)
        .outerjoin(SheetRow, SheetRow.review == ReviewRow.id)
        .where(*wanted)
        .order_by(ReviewRow.place)
        .limit(most)
    ).all()
    following = str(rows[-1][0].place + 1) if len(rows) == most else None
    shut = _to_look_at(tx, reader, draw)
    return ReviewPage(reviews=_shown(tx, [(row[0], row[1]) for row in rows], shut), next=following)


def shown(tx: Transaction, review: str, reader: str) -> ReviewShown:
    """One review with its questions, as *reader* may see it; NotKnown without it."""
    row = reviews.known(tx, review)
    template = draws.template_of(draws.known(tx, row.draw))
    points = [_point(point) for point in template.points]
    sheet = tx.session.scalar(select(SheetRow).where(SheetRow.review == review))
    (made,) = _shown(tx, [(row, sheet)], _to_look_at(tx, reader, row.draw))
    return msgspec.structs.replace(made, points=points)


def count(tx: Transaction, draw: str) -> DrawCount:
    """What came of a draw so far."""
    rows = tx.session.execute(
        select(
            ReviewRow.id,
            ReviewRow.clip,
            ReviewRow.recheck,
            ReviewRow.due,
            ReviewRow.void_entry,
            SheetRow.id.label("sheet"),
            SheetRow.passed,
        )
        .outerjoin(SheetRow, SheetRow.review == ReviewRow.id)
        .where(ReviewRow.draw == draw)
    ).all()
    now = stamp(tx.clock.now())
    first = [row for row in rows if not row.recheck]
    pairs = _pairs(rows)
    points, differ = _compared(tx, draw, pairs)
    return DrawCount(
        clips=len(first),
        filled=sum(row.sheet is not None for row in first),
        passed=sum(row.passed is True for row in first),
        empty=sum(row.sheet is not None and row.passed is None for row in first),
        void=sum(row.void_entry is not None for row in rows),
        rechecks=sum(row.recheck for row in rows),
        pairs=len(pairs),
        disagree=sum(pair.disagrees for pair in pairs),
        points=points,
        points_differ=differ,
        overdue=sum(row.due < now and row.sheet is None and row.void_entry is None for row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A clip that two persons looked at, and both found something that counts."""

    one: str
    """Id of the first review; then of the second."""
    other: str
    disagrees: bool


def _pairs(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[_Pair]:
    first = {row.clip: row for row in rows if not row.recheck and row.passed is not None}
    return [
        _Pair(one=one.id, other=row.id, disagrees=one.passed != row.passed)
        for row in rows
        if row.recheck and row.passed is not None and (one := first.get(row.clip)) is not None
    ]


def _compared(tx: Transaction, draw: str, pairs: Sequence[_Pair]) -> tuple[int, int]:
    """How many points both of a pair answered, and how many otherwise, of all *pairs*."""
    if not pairs:
        return 0, 0
    twice = select(ReviewRow.clip).where(ReviewRow.draw == draw, ReviewRow.recheck.is_(True))
    held = tx.session.execute(
        select(SheetRow.review, SheetRow.answers)
        .join(ReviewRow, ReviewRow.id == SheetRow.review)
        .where(ReviewRow.draw == draw, ReviewRow.clip.in_(twice))
    )
    said = {
        review: {each.point: each.verdict for each in _answers(answers)} for review, answers in held
    }
    points = sum(len(said[pair.one]) for pair in pairs)
    differ = sum(
        said[pair.other].get(point) != verdict
        for pair in pairs
        for point, verdict in said[pair.one].items()
    )
    return points, differ


def _to_look_at(tx: Transaction, reader: str, draw: str) -> set[str]:
    """The clips that *reader* has still to look at: what another found would not be for them."""
    rows = (
        select(ReviewRow.clip)
        .outerjoin(SheetRow, SheetRow.review == ReviewRow.id)
        .where(ReviewRow.draw == draw, ReviewRow.checker == reader, _TO_DO)
    )
    return set(tx.session.scalars(rows))


def _answers(text: str) -> list[Answered]:
    return msgspec.json.decode(text, type=list[Answered])


def _point(point: Point) -> SheetPoint:
    return SheetPoint(
        id=point.id,
        title=point.title,
        title_zh=point.title_zh,
        score=point.score,
        days=point.days,
    )


def _shown(
    tx: Transaction, rows: Sequence[tuple[ReviewRow, SheetRow | None]], shut: set[str]
) -> list[ReviewShown]:
    """Some reviews, each with its sheet; left out are sheets of clips that are *shut* still."""
    about = _About.of(tx, rows)
    return [
        ReviewShown(
            id=row.id,
            draw=row.draw,
            number=about.numbers[row.draw],
            clip=row.clip,
            name=about.clips.get(row.clip, ""),
            checker=row.checker,
            checker_name=about.names.get(row.checker, row.checker),
            place=row.place,
            recheck=row.recheck,
            due=row.due,
            void=about.void(row),
            sheet=None if sheet is None or row.clip in shut else about.sheet(sheet),
            points=[],
        )
        for row, sheet in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What other tables tell of some reviews."""

    numbers: Mapping[str, int]
    """Draw -> its number."""
    clips: Mapping[str, str]
    """Clip -> its name."""
    names: Mapping[str, str]
    """Person -> theirs."""
    times: Mapping[int, str]
    """Entry -> when it was written."""
    findings: Mapping[str, list[str]]
    """Sheet -> what it opened."""

    @classmethod
    def of(cls, tx: Transaction, rows: Sequence[tuple[ReviewRow, SheetRow | None]]) -> _About:
        run, drawn = tx.session.execute, [row for row, _ in rows]
        sheets = [sheet for _, sheet in rows if sheet is not None]
        numbers = select(DrawRow.id, DrawRow.number).where(
            DrawRow.id.in_({row.draw for row in drawn})
        )
        clips = select(ClipRow.id, ClipRow.name).where(ClipRow.id.in_({row.clip for row in drawn}))
        entries = {row.void_entry for row in drawn} | {sheet.by_entry for sheet in sheets}
        raws = select(EntryRow.seq, EntryRow.raw).where(EntryRow.seq.in_(entries - {None}))
        found: dict[str, list[str]] = {sheet.id: [] for sheet in sheets}
        opened = select(FindingRow.source, FindingRow.id).where(FindingRow.source.in_(found))
        for source, finding in run(opened.order_by(FindingRow.by_entry)):
            found[str(source)].append(finding)
        persons = {each for row in drawn for each in (row.checker, row.voider) if each}
        return cls(
            numbers=dict(run(numbers).all()),
            clips=dict(run(clips).all()),
            names=populations.names(tx, persons),
            times={seq: str(Entry(raw).fields["at"]) for seq, raw in run(raws)},
            findings=found,
        )

    def void(self, row: ReviewRow) -> VoidShown | None:
        if row.void_entry is None:
            return None
        return VoidShown(
            entry=row.void_entry,
            at=self.times[row.void_entry],
            by_name=self.names.get(row.voider or "", row.voider or ""),
            code=row.void_code or "",
            reason=row.void_reason or "",
        )

    def sheet(self, row: SheetRow) -> SheetShown:
        return SheetShown(
            id=row.id,
            entry=row.by_entry,
            at=self.times[row.by_entry],
            passed=row.passed,
            score=row.score,
            answers=_answers(row.answers),
            findings=self.findings[row.id],
        )
