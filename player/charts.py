"""Where the lines and bars of a chart lie; templates draw them, and a table says the same.

One rule: nothing is told by colour alone.  Each measure has a panel of its own, what is late is
hatched, and every number that is drawn stands in a table on the same page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.statistics.figures import SMALL
from evidence.wire import RateShown

WIDTH = 360
"""Units of every picture's width: about as many as pixels of a phone."""
MOST_BARS = 20
_TOP, _BOTTOM, _LEFT, _RIGHT = 12, 132, 44, 348
_ROW, _NAME = 24, 118
_NAME_CELLS = 15
_WIDE = {"W", "F"}
_LABELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a line."""

    x: float
    y: float
    low: float
    high: float
    """Where its interval ends; the same as *y* where it is not drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A rate over periods: pieces of line, broken where there is no value."""

    pieces: Sequence[Sequence[Point]]
    labels: Sequence[tuple[float, str]]
    grid: Sequence[tuple[float, int]]
    """Height and per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One unit's or officer's bar, or the bar of one class."""

    name: str
    """Cut to what fits; whole in the table."""
    at: float
    length: float
    low: float
    high: float
    value: float | None
    count: int


def line(names: Sequence[str], rates: Sequence[RateShown]) -> Line:
    """The *rates* of the periods called *names*, in their order."""
    step = (_RIGHT - _LEFT) / max(1, len(names) - 1)
    start = _LEFT if len(names) > 1 else (_LEFT + _RIGHT) / 2
    pieces: list[list[Point]] = [[]]
    for n, rate in enumerate(rates):
        if rate.value is None:
            pieces.append([])
            continue
        low, high = _interval(rate)
        place = (start + n * step, _height(rate.value), _height(low), _height(high))
        pieces[-1].append(Point(x=place[0], y=place[1], low=place[2], high=place[3]))
    every = max(1, -(-len(names) // _LABELS))
    return Line(
        pieces=[each for each in pieces if each],
        labels=[(start + n * step, name) for n, name in enumerate(names) if n % every == 0],
        grid=[(_height(each / 100), each) for each in (0, 50, 100)],
    )


def bars(names: Sequence[str], rates: Sequence[RateShown]) -> list[Bar]:
    """The first :data:`MOST_BARS` *rates*, one below the other, from x :data:`_NAME` on."""
    made = []
    for n, (name, rate) in enumerate(zip(names[:MOST_BARS], rates, strict=False)):
        low, high = _interval(rate)
        made.append(
            Bar(
                name=cut(name),
                at=n * _ROW,
                length=_across(rate.value or 0.0) - _NAME,
                low=_across(low),
                high=_across(high),
                value=rate.value,
                count=rate.whole,
            )
        )
    return made


def columns(names: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    """How many fall into each class, side by side, the highest as high as the picture."""
    most, step = max([*counts, 1]), (_RIGHT - 8) / max(1, len(counts))
    return [
        Bar(
            name=name,
            at=8 + n * step,
            length=(_BOTTOM - _TOP) * count / most,
            low=_BOTTOM,
            high=_BOTTOM - (_BOTTOM - _TOP) * count / most,
            value=None,
            count=count,
        )
        for n, (name, count) in enumerate(zip(names, counts, strict=True))
    ]


def cut(name: str) -> str:
    """*name* as long as there is room for, in columns of a terminal: Chinese takes two each."""
    room, kept = _NAME_CELLS, ""
    for letter in name:
        room -= 2 if unicodedata.east_asian_width(letter) in _WIDE else 1
        if room < 1:
            return kept + "…"
        kept += letter
    return kept


def percent(value: float | None) -> str:
    """*value* for people; never 0 % of something, nor 100 % where something lacks."""
    if value is None:
        return ""
    shown = f"{100 * value:.1f}"
    if value < 1 and shown == "100.0":
        return "> 99.9 %"
    return "< 0.1 %" if value > 0 and shown == "0.0" else f"{shown} %"


def _interval(rate: RateShown) -> tuple[float, float]:
    """What is drawn beside the value: its interval if it is of few, else nothing."""
    value = rate.value or 0.0
    if rate.low is None or rate.high is None or rate.whole >= SMALL:
        return value, value
    return rate.low, rate.high


def _height(share: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * share, 2)


def _across(share: float) -> float:
    return round(_NAME + (_RIGHT - 50 - _NAME) * share, 2)
