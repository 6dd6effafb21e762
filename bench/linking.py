"""Which clips belong to which events: the product's rule beside the plain join, on synthetic days.

    python -m bench.linking --json

The days are those of :mod:`bench.city` at the size of Xiamen, thirty of them, shared out over three
seeds that were not used when the weights were set (those were 1, 2 and 3).  Every pair of clip and
event that is so counts, also where nobody could know it.  The peer is what is usual, and what the
product did before: the officer whom the clip names, and a start between dispatch and clearance or
within five minutes of it, by the same corrected clocks.  What is told, and compared, are the pairs
that are wrong or missing for each thousand that are so: below 1 ours makes fewer mistakes.

These are figures on synthetic data: see :mod:`bench.city` and :mod:`bench.city.rates`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.city import City, Day, Rates
from bench.judges import Unit
from bench.machine import machine
from bench.tally import Tally
from evidence.clock import SystemClock, stamp

SEEDS = (101, 102, 103)
PEER = "officer + window join"


@dataclass(slots=True)
class Outcome:
    """What was counted in one city."""

    ours: Tally = field(default_factory=Tally)
    without_places: Tally = field(default_factory=Tally)
    peer: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    """That ours took."""

    @property
    def each(self) -> Iterator[tuple[str, Tally]]:
        yield "ours", self.ours
        yield "ours, without GPS", self.without_places
        yield PEER, self.peer


def measured(seed: int, days: int, rates: Rates) -> Outcome:
    """Every unit of the city made by *seed*, for so many *days*."""
    city, found = City(seed, rates), Outcome()
    for unit in city.units():
        _count(found, [city.day(unit, day) for day in range(days)])
    return found


def _count(found: Outcome, days: Sequence[Day]) -> None:
    clips = [clip for day in days for clip in day.clips]
    started = time.perf_counter()
    said = list(Unit(days).ours())
    found.seconds += time.perf_counter() - started
    found.ours.count(clips, said)
    found.without_places.count(clips, Unit(days, with_places=False).ours())
    found.peer.count(clips, Unit(days).plain())


def report(outcomes: dict[int, Outcome], days: int) -> dict[str, object]:
    """The contract's fields, of the worst seed, and all the rest."""
    worst = max(outcomes.values(), key=lambda each: each.ours.wrong / each.peer.wrong)
    clips = sum(each.ours.clips for each in outcomes.values())
    return {
        "bench": "linking",
        "ours": round(worst.ours.wrong, 3),
        "peer": round(worst.peer.wrong, 3),
        "peer_name": PEER,
        "ratio": round(worst.ours.wrong / worst.peer.wrong, 3),
        "unit": "pairs wrong or missing in 1000",
        "data": "synthetic (bench.city)",
        "days_of_each_seed": days,
        "clips": clips,
        "clips_a_second": round(clips / sum(each.seconds for each in outcomes.values())),
        "seeds": {
            str(seed): {name: tally.to_wire() for name, tally in found.each}
            for seed, found in outcomes.items()
        },
        "thresholds": {str(seed): each.ours.thresholds() for seed, each in outcomes.items()},
    }


def main() -> int:
    """0; the report as tables on stderr, and as JSON on stdout."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.linking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, last line")
    parser.add_argument("--days", type=int, default=30, help="of all seeds together (default: 30)")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), metavar="SEED")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is Xiamen: so many of its units (default: 1)"
    )
    chosen = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    usual = Rates()
    units = max(1, round(usual.units * chosen.scale))
    events = usual.events_a_day * units / usual.units
    rates = Rates(units=units, events_a_day=events)
    days = max(1, chosen.days // len(chosen.seeds))
    outcomes: dict[int, Outcome] = {}
    for seed in chosen.seeds:
        outcomes[seed] = measured(seed, days, rates)
        console.print(_table(seed, outcomes[seed]))
    told = report(outcomes, days)
    told |= {"at": stamp(SystemClock().now()), "machine": machine(Path())}
    if chosen.json:
        print(json.dumps(told), flush=True)
    return 0


def _table(seed: int, found: Outcome) -> Table:
    table = Table(title=f"seed {seed}", title_justify="left", box=None, pad_edge=False)
    for name in ("", "precision", "recall", "with people", "clips asked about", "wrong in 1000"):
        table.add_column(name, justify="left" if not name else "right")
    for name, tally in found.each:
        told = tally.to_wire()
        table.add_row(
            name,
            f"{tally.precision:.4f}",
            f"{tally.recall:.4f}",
            f"{told['recall_with_people']:.4f}",
            f"{told['clips_left_to_people']:.2%}",
            f"{tally.wrong:.1f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
