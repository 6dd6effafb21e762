"""The routes of statistics."""

from __future__ import annotations

from archive.api import statistics
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

_SPAN = ("from", "to", "by", "unit", "officer", "without")

ROUTES_OF_FIGURES = (
    Route(
        method="GET",
        path="/v1/statistics",
        handler=statistics.figures,
        who=Who.PERSON,
        gives=wire.StatisticsShown,
        action=Action.SEE_STATISTICS,
        query=_SPAN,
    ),
    Route(
        method="GET",
        path="/v1/statistics/counted",
        handler=statistics.counted_behind,
        who=Who.PERSON,
        gives=wire.CountedPage,
        action=Action.SEE_STATISTICS,
        query=(*_SPAN, "measure", "verdict", "delay", "after", "limit"),
    ),
)
