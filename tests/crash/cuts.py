"""Which power cuts are made, and what they showed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.crash.disk import Model
from tests.crash.mounted import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One power cut, after so many operations; torn with a *seed*."""

    after: int
    model: Model
    seed: int | None = None


@dataclass(slots=True, kw_only=True)
class Found:
    """What cuts showed."""

    cuts: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, cut: Cut, problems: Sequence[str]) -> None:
        self.cuts += 1
        self.problems += [f"{cut}: {problem}" for problem in problems]


def distinct(points: Mapping[Model, Points], model: Model) -> list[Cut]:
    """A cut for every state a power cut can leave; all other operations leave one of these."""
    return [Cut(after=after, model=model) for after in points[model].changes]


def torn(points: Mapping[Model, Points], seed: int, number: int) -> list[Cut]:
    """Cuts anywhere, after which some of what was not synced is there and some is not."""
    chance = random.Random(seed)
    upto = points[Model.STRICT].operations
    return [
        Cut(after=chance.randint(0, upto), model=Model.STRICT, seed=chance.randrange(1 << 32))
        for _ in range(number)
    ]
