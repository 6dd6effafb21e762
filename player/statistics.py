"""The page of figures, the lists behind them, and the same as a file for a spreadsheet.

One rule: each number is a link to what it counts, narrowed to exactly that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from yarl import URL

from evidence import spreadsheet
from evidence.rights import Action, Role, Subject, sees_own_figures_only
from evidence.statistics.figures import DELAYS
from evidence.statistics.periods import By, day_at
from evidence.statistics.verdicts import Measure, Verdict
from evidence.wire import FiguresShown, RateShown, StatisticsShown
from player import charts
from player.languages import Language
from player.pages import language_of, page
from player.places import ARCHIVE, GRANTS, SETTINGS, Reader
from player.session import reader

HERE, COUNTED = "/statistics", "/statistics/counted"
PAGE = 50
"""Clips or incidents on one page of a list."""
_HOUR, _DAY_HOURS, _WEEK = timedelta(hours=1), 24, 168
_NARROWING = ("unit", "officer", "without")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One rate of one row, with the addresses of the lists behind it."""

    measure: str
    rate: RateShown
    met: str
    unmet: str
    counted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table."""

    name: str | None
    figures: FiguresShown
    cells: Sequence[Cell]
    clips: str
    """Address of the list of all its clips."""
    narrowed: str | None
    """Address of this page for it alone."""


async def show(request: web.Request) -> web.Response:
    """GET /statistics?from=&to=&by=&unit=&officer=."""
    who, asked = await _asker(request)
    found = await request.app[ARCHIVE].statistics(who.token, asked)
    words, by = language_of(request), By(found.by)
    names = [_name(each, by, words) for each in found.groups]
    return page(
        request,
        "statistics",
        asked=asked,
        ways=[each.value for each in By if not (_is_own(who) and each is By.OFFICER)],
        own=_is_own(who),
        found=found,
        is_empty=not found.total.clips and not found.total.rates[Measure.COVERAGE].whole,
        over_time=by in {By.MONTH, By.WEEK},
        panels=_panels(names, found, over_time=by in {By.MONTH, By.WEEK}),
        most_bars=charts.MOST_BARS,
        rows=[_line(each, asked, by) for each in found.groups],
        total=_line(found.total, asked, None),
        left_out=_left_out(found.total, asked),
        delays=charts.columns(_classes(words), found.total.delays),
        classes=[
            (name, count, _address(COUNTED, asked | {"delay": str(n)}))
            for n, (name, count) in enumerate(zip(_classes(words), found.total.delays, strict=True))
        ],
        late_from=sum(each <= _HOUR * _DAY_HOURS for each in DELAYS),
        csv=_address(f"{HERE}.csv", asked),
        xlsx=_address(f"{HERE}.xlsx", asked),
    )


async def counted(request: web.Request) -> web.Response:
    """GET /statistics/counted?…&measure=&verdict=&after=: what a figure counts."""
    who, asked = await _asker(request)
    part = {name: request.query.get(name, "") for name in ("measure", "verdict", "delay")}
    asked |= {name: each for name, each in part.items() if each}
    after = request.query.get("after", "")
    found = await request.app[ARCHIVE].counted(who.token, asked, after, PAGE)
    return page(
        request,
        "counted",
        found=found,
        asked=asked,
        measure=part["measure"],
        verdict=part["verdict"],
        delay=_class(part["delay"], language_of(request)),
        back=_address(HERE, {name: asked[name] for name in ("from", "to", "by") if name in asked}),
        first_page=_address(COUNTED, asked) if after else None,
        next_page=_address(COUNTED, asked | {"after": found.next}) if found.next else None,
    )


async def as_csv(request: web.Request) -> web.Response:
    """GET /statistics.csv: the table of the page."""
    who, asked = await _asker(request)
    found = await request.app[ARCHIVE].statistics(who.token, asked)
    return _file(spreadsheet.csv_of(spreadsheet.of_figures(found)), "text/csv", asked, "csv")


async def as_xlsx(request: web.Request) -> web.Response:
    """GET /statistics.xlsx: likewise."""
    who, asked = await _asker(request)
    found = await request.app[ARCHIVE].statistics(who.token, asked)
    return _file(
        spreadsheet.xlsx_of(spreadsheet.of_figures(found)), spreadsheet.XLSX, asked, "xlsx"
    )


def _file(data: bytes, media: str, asked: Mapping[str, str], ending: str) -> web.Response:
    name = f"evidock-statistics-{asked['from']}-{asked['to']}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{_plain(name)}"'}
    return web.Response(body=data, content_type=media, headers=headers)


def _plain(name: str) -> str:
    return "".join(letter for letter in name if letter.isascii() and letter not in '"\\\r\n')


async def _asker(request: web.Request) -> tuple[Reader, dict[str, str]]:
    """Who asks, and for what: by default for this month and the two before."""
    who = await reader(request)
    if not who.may(Action.SEE_STATISTICS):
        raise web.HTTPForbidden
    minutes = request.app[SETTINGS].archive.utc_offset_minutes
    today = day_at(request.app[GRANTS].clock.now(), minutes)
    first = today.replace(day=1)
    for _ in range(2):
        first = (first - timedelta(days=1)).replace(day=1)
    query = {name: value.strip() for name, value in request.query.items() if value.strip()}
    asked = {"from": first.isoformat(), "to": today.isoformat(), "by": By.MONTH.value}
    narrowing = ("unit", "without") if _is_own(who) else _NARROWING
    wanted = {name: query[name] for name in ("from", "to", "by", *narrowing) if name in query}
    return who, asked | wanted


def _is_own(who: Reader) -> bool:
    return sees_own_figures_only(Subject(id=who.person.id, role=Role(who.person.role)))


def _name(group: FiguresShown, by: By, words: Language) -> str:
    return words.coded("statistics.nobody", by.value) if group.name is None else group.name


def _panels(
    names: Sequence[str], found: StatisticsShown, *, over_time: bool
) -> list[tuple[str, object]]:
    """Of each measure its chart."""
    draw = charts.line if over_time else charts.bars
    return [
        (each.value, draw(names, [group.rates[each.value] for group in found.groups]))
        for each in Measure
    ]


def _line(figures: FiguresShown, asked: Mapping[str, str], by: By | None) -> Line:
    """A row; *by* None: that of all together."""
    narrowed = dict(asked)
    if by in {By.MONTH, By.WEEK}:
        narrowed |= {"from": figures.since, "to": figures.until}
    elif by is not None:
        if figures.name is None:
            narrowed |= {"without": by.value}
        else:
            narrowed |= {by.value: figures.name}
    cells = [_cell(each, figures.rates[each.value], narrowed) for each in Measure]
    closer = narrowed | {"by": By.OFFICER.value if by is By.UNIT else By.MONTH.value}
    return Line(
        name=figures.name,
        figures=figures,
        cells=cells,
        clips=_address(COUNTED, narrowed),
        narrowed=_address(HERE, closer) if by in {By.UNIT, By.OFFICER} else None,
    )


def _cell(measure: Measure, rate: RateShown, narrowed: Mapping[str, str]) -> Cell:
    of = {**narrowed, "measure": measure.value}
    return Cell(
        measure=measure.value,
        rate=rate,
        met=_address(COUNTED, of | {"verdict": Verdict.MET.value}),
        unmet=_address(COUNTED, of | {"verdict": Verdict.UNMET.value}),
        counted=_address(COUNTED, of),
    )


def _left_out(total: FiguresShown, asked: Mapping[str, str]) -> list[tuple[str, str, int, str]]:
    """Measure, why, how many, and the address of their list."""
    return [
        (
            each.value,
            why,
            count,
            _address(COUNTED, {**asked, "measure": each.value, "verdict": why}),
        )
        for each in Measure
        for why, count in total.rates[each.value].left_out.items()
    ]


def _classes(words: Language) -> list[str]:
    """What the classes of delay are called."""
    ends = [int(each / _HOUR) for each in DELAYS]
    named = [
        words("statistics.delay.hours", n=n)
        if n < _WEEK
        else words("statistics.delay.days", n=n // _DAY_HOURS)
        for n in ends
    ]
    return [*(f"≤{each}" for each in named), f">{named[-1]}"]


def _class(text: str, words: Language) -> str | None:
    """What the class of delays is called whose place is *text*; None if it is no such place."""
    names = {str(n): name for n, name in enumerate(_classes(words))}
    return names.get(text)


def _address(path: str, query: Mapping[str, str]) -> str:
    return str(URL(path).with_query(query))
