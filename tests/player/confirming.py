"""Recordings of one officer before a player: proposed, linked, and of which nobody knows more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archive.catalogue import incidents
from evidence.clock import stamp
from tests.archive.house import START, Footage
from tests.archive.ledger import BUFFER, told
from tests.archive.test_choices import chosen
from tests.player.lapsing import LONG, Lapse, lapsing

OFFICER = "4711"
BEGAN = START - timedelta(hours=2)
LONG_NUMBER = "J350203-2026-11-23-00000001-" + "9" * 60
UNTOLD = "77-" + "x" * 61
"""What the officer typed at the dock, and no feed has told."""
_EVENTS = [
    replace(told("E-1", OFFICER, BEGAN), call_type="Burglary"),
    replace(told(LONG_NUMBER, OFFICER, BEGAN - timedelta(hours=3)), call_type="家庭纠纷 " * 9),
    replace(told("E-3", "0815", BEGAN), call_type="Noise"),
]
_AFTER = timedelta(minutes=62)
"""Two minutes after clearance: the rule is not sure."""
CLIPS = {
    "proposed.mp4": BEGAN + _AFTER,
    LONG: BEGAN - timedelta(hours=3) + _AFTER,
    "linked.mp4": BEGAN + timedelta(minutes=10),
    "alone.mp4": BEGAN + timedelta(hours=1, minutes=40),
    "lost.mp4": None,
}


@asynccontextmanager
async def confirming(folder: Path) -> AsyncIterator[Lapse]:
    """Archive and player with these clips, which ``otto`` recorded, each with a camera."""
    async with lapsing(folder) as lapse:
        await lapse.door.archive.books.catalogue.run(incidents.take, _EVENTS, BUFFER)
        for number, (name, start) in enumerate(CLIPS.items()):
            footage = Footage(
                data=name.encode(),
                path=b"DCIM/" + name.encode(),
                camera=f"BWC-{number}",
                officer=OFFICER,
                started=None if start is None else stamp(start),
            )
            lapse.clips[name] = (await lapse.station.archive(footage)).clip
        await chosen(lapse.station, lapse.clips[LONG], officer=OFFICER, number=UNTOLD)
        yield lapse
