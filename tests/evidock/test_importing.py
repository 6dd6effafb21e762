"""An order that is asked for over the home's socket."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from evidence.settings import StationSettings
from evidock.importing import order_of
from station.imports.names import ImportNames

LONGEST = 10.0
"""Seconds; only a broken home waits so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangingPlace(os.PathLike[str]):
    """A path that is found only once the event loop has gone on, as on a share that hangs."""

    path: Path
    gone_on: Event = field(default_factory=Event)

    def __fspath__(self) -> str:
        if not self.gone_on.wait(LONGEST):
            raise OSError("the event loop stood still while this path was looked at")
        return str(self.path)


async def test_a_place_that_hangs_does_not_stop_the_event_loop(tmp_path: Path) -> None:
    place = HangingPlace(path=tmp_path)
    asyncio.get_running_loop().call_soon(place.gone_on.set)
    said = {"by": "Clerk Li", "reason": "case 7", "source": None, "camera": None}

    order = await order_of(
        {"paths": [place], "as_files": False, "sums": {}, **said},
        never=[Path("/nowhere")],
        names=lambda name: ImportNames.of(name, StationSettings()),
    )

    assert order.paths == (tmp_path.resolve(),)
