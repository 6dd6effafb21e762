"""Footage for simulated cameras: the sample cards of the demonstration, of several days."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path

from evidence import durable
from evidence.clock import Clock, stamp, unstamp
from evidock.demo.cards import make_cards
from evidock.demo.shift import encoder, shift_before
from evidock.home import Home

SHIFT = 4
"""Sample cards of one day."""
MOST = 64
"""Simulated cameras at once."""


async def samples(home: Home, count: int, clock: Clock, note: Callable[[str], None]) -> list[Path]:
    """The folders of so many sample cards; what is missing of them is made."""
    durable.make_folder(home.samples)
    began, found = _began(home, clock), list[Path]()
    for day in range(-(-count // SHIFT)):
        into = home.samples.resolve() / f"day-{day}"
        durable.make_folder(into)
        making = make_cards(into, began - timedelta(days=day), encoder(), leave_out=())
        async with aclosing(making) as cards:
            async for card in cards:
                note(f"sample card {len(found) + 1}: {card.folder}")
                found.append(into / card.folder)
                if len(found) == count:
                    return found
    return found


def _began(home: Home, clock: Clock) -> datetime:
    """When the shift began whose samples these are: kept, so that they are the same next time."""
    kept = home.samples / "began"
    if not kept.exists():
        durable.create(kept, stamp(shift_before(clock)).encode("ascii"))
    return unstamp(kept.read_text(encoding="ascii"))
