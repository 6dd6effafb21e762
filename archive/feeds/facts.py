"""Rows read as facts: a pure reader for each kind of feed.

Every row ends as a fact or as a problem with its place, none is dropped silently, and a bad one
holds up no other.  A sheet of nothing but bad rows must not fill the memory either: beyond
:data:`MOST_PROBLEMS` they are only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from archive.catalogue.assignments import AssignmentTold, AssignmentWithdrawn
from archive.catalogue.duties import DutyTold, DutyWithdrawn
from archive.catalogue.feeds import RowProblem
from archive.catalogue.incidents import Told, Withdrawn
from archive.catalogue.stays import StayTold, StayWithdrawn
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn
from archive.feeds.cells import Cells
from archive.feeds.contract import Fact, Raw, Reading, Sheet
from archive.feeds.mapping import FeedMapping
from archive.feeds.settled import settled
from evidence.clock import stamp
from evidence.feed_settings import FeedKind
from evidence.linking import window_problem
from evidence.names import folded

MOST_PROBLEMS = 1000
LONGEST_DUTY = timedelta(days=7)
"""A duty this long is a feed error: nobody is rostered for a week on end."""


def read(sheet: Sheet, mapping: FeedMapping) -> Reading:
    """All that *sheet* says, right or wrong."""
    problem = None if sheet.columns is None else _header_problem(sheet.columns, mapping)
    if problem is not None:
        return Reading(
            facts=(), problems=(RowProblem(row=0, reason=problem),), unused=1, ignored_columns=()
        )
    facts: list[tuple[int, Fact]] = []
    problems: list[RowProblem] = []
    columns = dict.fromkeys(sheet.columns or ())
    unused = 0
    for raw in sheet.rows:
        found = fact(raw, mapping) if isinstance(raw, Raw) else raw
        if sheet.columns is None and isinstance(raw, Raw):
            columns |= dict.fromkeys(raw.cells)
        if not isinstance(found, RowProblem):
            facts.append((raw.row, found))
            continue
        unused += 1
        if len(problems) < MOST_PROBLEMS:
            problems.append(found)
    if unused > MOST_PROBLEMS:
        more = f"{unused - MOST_PROBLEMS} more rows cannot be used"
        problems.append(RowProblem(row=0, reason=more))
    return Reading(
        facts=settled(facts),
        problems=tuple(problems),
        unused=unused,
        ignored_columns=tuple(name for name in columns if name and name not in mapping.known),
    )


def fact(raw: Raw, mapping: FeedMapping) -> Fact | RowProblem:
    """What one row tells, or why it cannot be used."""
    cells = Cells(raw, mapping)
    found = _READERS[mapping.kind](cells)
    return found if found is not None and cells.problem is None else _problem(cells, raw)


def _problem(cells: Cells, raw: Raw) -> RowProblem:
    return cells.problem or RowProblem(row=raw.row, reason="tells nothing")


def _header_problem(columns: tuple[str, ...], mapping: FeedMapping) -> str | None:
    """Why nothing can be read under these *columns*, or None."""
    missing = [mapping.column(name, columns) for name in mapping.required]
    missing = [name for name in missing if name not in columns]
    if missing:
        return f"columns missing: {', '.join(missing)}"
    double = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    double = [name for name in double if name in mapping.known]
    return f"columns there twice: {', '.join(double)}" if double else None


def _incident(cells: Cells) -> Fact | None:
    if cells.withdrawn:
        return Withdrawn(
            number=cells.needed("number"),
            officer=cells.code("officer"),
            nth=cells.count("nth"),
            dispatched=cells.moment("dispatched"),
        )
    number, officer = cells.needed("number"), cells.needed("officer")
    dispatched, cleared = cells.needed_moment("dispatched"), cells.needed_moment("cleared")
    if dispatched is None or cleared is None:
        return None
    if (problem := window_problem(dispatched, cleared)) is not None:
        cells.object("cleared", problem, said=problem)
    latitude, longitude = cells.degrees("latitude", 90), cells.degrees("longitude", 180)
    if (latitude is None) != (longitude is None):
        cells.object("longitude", "and latitude: one stands without the other")
    return Told(
        number=number,
        officer=officer,
        nth=cells.count("nth") or 0,
        dispatched=dispatched,
        cleared=cleared,
        call_type=cells.text("call_type"),
        case_id=cells.code("case_id"),
        unit=cells.code("unit"),
        latitude=latitude,
        longitude=longitude,
        place=cells.text("place"),
    )


def _case(cells: Cells) -> Fact | None:
    number = cells.needed("number")
    if cells.withdrawn:
        return CaseWithdrawn(number=number)
    return CaseTold(
        number=number,
        title=cells.text("title"),
        kind=cells.text("kind"),
        stage=cells.text("stage"),
        unit=cells.code("unit"),
        opened=cells.moment("opened", day=True),
        incidents=cells.codes("incidents"),
    )


def _duty(cells: Cells) -> Fact | None:
    reference, gone = cells.code("reference"), cells.withdrawn
    if gone and reference is not None:
        return DutyWithdrawn(reference=reference)
    officer, since = cells.needed("officer"), cells.needed_moment("since")
    if since is None:
        return None
    reference = reference or _reference(officer, since)
    if gone:
        return DutyWithdrawn(reference=reference)
    until = cells.needed_moment("until")
    if until is None:
        return None
    _ordered(cells, since, until)
    if until - since > LONGEST_DUTY:
        cells.object("until", f"is more than {LONGEST_DUTY.days} days after since")
    return DutyTold(
        reference=reference, officer=officer, unit=cells.code("unit"), since=since, until=until
    )


def _assignment(cells: Cells) -> Fact | None:
    reference, gone = cells.code("reference"), cells.withdrawn
    if gone and reference is not None:
        return AssignmentWithdrawn(reference=reference)
    camera, since = cells.needed("camera"), cells.needed_moment("since")
    if since is None:
        return None
    reference = reference or _reference(camera, since)
    if gone:
        return AssignmentWithdrawn(reference=reference)
    until = cells.moment("until")
    if until is not None:
        _ordered(cells, since, until)
    return AssignmentTold(
        reference=reference,
        camera=camera,
        officer=cells.needed("officer"),
        since=since,
        until=until,
    )


def _stay(cells: Cells) -> Fact | None:
    reference, gone = cells.code("reference"), cells.withdrawn
    if gone and reference is not None:
        return StayWithdrawn(reference=reference)
    session, room = cells.needed("session"), cells.needed("room")
    since = cells.needed_moment("enters")
    if since is None:
        return None
    reference = reference or _reference(f"{session} {room}", since)
    if gone:
        return StayWithdrawn(reference=reference)
    until = cells.moment("leaves")
    if until is not None and until < since:
        cells.object("leaves", "is before the entry")
    return StayTold(
        reference=reference,
        session=session,
        number=cells.code("number"),
        room=room,
        person=cells.code("person"),
        purpose=cells.text("purpose"),
        since=since,
        until=until,
    )


def _reference(whose: str, since: datetime) -> str:
    """What a span is known by that the feed gives no name: a blank parts it from given ones."""
    return f"{folded(whose)} {stamp(since)}"


def _ordered(cells: Cells, since: datetime, until: datetime) -> None:
    if until <= since:
        cells.object("until", "is not after since")


_READERS: Mapping[FeedKind, Callable[[Cells], Fact | None]] = {
    FeedKind.INCIDENTS: _incident,
    FeedKind.CASES: _case,
    FeedKind.DUTIES: _duty,
    FeedKind.ASSIGNMENTS: _assignment,
    FeedKind.STAYS: _stay,
}
