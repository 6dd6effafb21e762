"""Figures, and the lists behind them.  Officers are told their own only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web

from archive.api.desk import DESK, bad_request, number_of, person_of
from archive.catalogue import clip_facts, counted, statistics
from archive.catalogue.catalogue import Transaction
from archive.catalogue.counted import Part
from archive.catalogue.statistics import Asked
from evidence.rights import Subject, sees_own_figures_only
from evidence.statistics.figures import DELAYS
from evidence.statistics.periods import By, Span
from evidence.statistics.verdicts import Measure, Verdict
from evidence.wire import CountedPage, StatisticsShown

MOST_SHOWN = 200
_MINUTE = timedelta(minutes=1)
CodeT = TypeVar("CodeT", bound=StrEnum)
P = ParamSpec("P")
R = TypeVar("R")


async def figures(request: web.Request) -> StatisticsShown:
    """The figures of some days, by unit, officer, month or week, and of all together."""
    with bad_request():
        asked = _asked(request)
    return statistics.shown(await _read(request, asked, statistics.statistics))


async def counted_behind(request: web.Request) -> CountedPage:
    """The clips, or the incidents, that a figure counts."""
    query = request.query
    with bad_request():
        asked = _asked(request)
        part = Part(
            measure=_named(Measure, query.get("measure")),
            verdict=_named(Verdict, query.get("verdict")),
            delay=_class(query.get("delay", "")),
        )
        most = number_of(query.get("limit", "50"), MOST_SHOWN)
    after = query.get("after", "")
    return await _read(request, asked, counted.page, part, after, most)


async def _read(
    request: web.Request,
    asked: Asked,
    question: Callable[Concatenate[Transaction, Asked, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """What *question* finds; a bad request where it would keep everybody else waiting for long."""
    catalogue = request.app[DESK].catalogue

    def bounded(tx: Transaction) -> R:
        if catalogue.answers_one_at_a_time:
            clip_facts.must_be_few(tx, asked.span)
        return question(tx, asked, *args, **kwargs)

    with bad_request():
        return await catalogue.ask(bounded)


def _asked(request: web.Request) -> Asked:
    """What the query asks for, within what the person may see; ValueError for what it cannot be."""
    query, subject = request.query, person_of(request).subject
    minutes = request.app[DESK].rulebook.utc_offset // _MINUTE
    if "from" not in query or "to" not in query:
        raise ValueError("name the first day and the last: from=YYYY-MM-DD&to=YYYY-MM-DD")
    without = query.get("without", "")
    return Asked(
        span=Span.told(query["from"], query["to"], minutes),
        by=_named(By, query.get("by", By.MONTH.value)) or By.MONTH,
        unit=query.get("unit"),
        officer=_whose(subject, query.get("officer")),
        without=frozenset(each for each in [_named(By, without)] if each is not None),
    )


def _whose(subject: Subject, wanted: str | None) -> str | None:
    """Whose figures are told; None: everybody's.  Who has no number of their own sees nobody's."""
    if not sees_own_figures_only(subject):
        return wanted
    return subject.officer or ""


def _class(text: str) -> int | None:
    """The place of a class of delays, from 0 on; None for none, ValueError for what is none."""
    if text == "":
        return None
    places = [str(each) for each in range(len(DELAYS) + 1)]
    if text not in places:
        raise ValueError(f"delay={text[:40]!r} is none of {', '.join(places)}")
    return places.index(text)


def _named(codes: type[CodeT], text: str | None) -> CodeT | None:
    """The code that *text* is; None for none, ValueError for what is no such code."""
    if not text:
        return None
    try:
        return codes(text)
    except ValueError as error:
        known = ", ".join(each.value for each in codes)
        raise ValueError(f"{text[:40]!r} is none of {known}") from error
