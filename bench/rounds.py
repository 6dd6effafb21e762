"""Rounds: contestants run in turn, so that whatever disturbs the machine disturbs them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Contestant(Protocol):
    """What takes part in a race: only :meth:`run` is timed."""

    @property
    def name(self) -> str:
        """What the contestant is called in tables."""
        ...

    def prepare(self, number: int) -> None:
        """Lay out what round *number* needs; no round reads what an earlier one left behind."""
        ...

    def run(self) -> None:
        """Do the work."""
        ...

    def check(self) -> None:
        """Raise WrongResult unless the work was done right, and clear it away."""
        ...


class WrongResult(Exception):
    """A contestant was fast and wrong: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of every counted run of one contestant, in order."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def to_wire(self) -> dict[str, object]:
        """As JSON: seconds."""
        return {
            "median": round(self.median, 6),
            "min": round(min(self.runs), 6),
            "max": round(max(self.runs), 6),
            "runs": [round(run, 6) for run in self.runs],
        }


def race(
    contestants: Sequence[Contestant], rounds: int, tell: Callable[[str], None]
) -> dict[str, Times]:
    """Seconds of each contestant by name: one round that is not counted, then *rounds* that are.

    Every other round goes backwards, so that nobody always runs after the same neighbour.
    """
    runs: dict[str, list[float]] = {each.name: [] for each in contestants}
    for number in range(rounds + 1):
        for each in contestants if number % 2 == 0 else reversed(contestants):
            each.prepare(number)
            tell(f"{'warm-up' if number == 0 else f'round {number} of {rounds}'}: {each.name}")
            started = time.perf_counter()
            each.run()
            took = time.perf_counter() - started
            each.check()
            if number:
                runs[each.name].append(took)
    return {name: Times(tuple(taken)) for name, taken in runs.items()}


def pairs(ours: Times, peer: Times) -> dict[str, float]:
    """The ratio ours / peer round by round: its median and its range."""
    found = [mine / other for mine, other in zip(ours.runs, peer.runs, strict=True)]
    return {
        "median": round(statistics.median(found), 3),
        "min": round(min(found), 3),
        "max": round(max(found), 3),
    }
