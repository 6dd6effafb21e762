"""The sample shift of a demo home: made once, docked card by card."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from evidence import durable
from evidence.clock import Clock, stamp, unstamp
from evidock.demo.cards import make_cards, sample_cards, write_dispatch
from evidock.demo.footage import RunFfmpeg
from evidock.home import Home
from ingest.rendition.run import Limits, collect
from ingest.rendition.tools import Tools

_BETWEEN_CARDS = 1.5
"""Seconds between two cameras being docked."""

_LIMITS = Limits(seconds=120, written=500_000_000)

_SETTINGS = """\
# Settings of a demonstration home; every key is explained in docs/settings.md.
[archive]
incident_feed = "{feed}"
"""


@dataclass(frozen=True, slots=True)
class SampleShift:
    """The sample cards of *home*, recorded during a shift that began at *began*."""

    home: Home
    began: datetime

    @classmethod
    def of(cls, home: Home, clock: Clock, *, wanted: bool) -> SampleShift | None:
        """The shift of a demo home; a new home gets one if *wanted*; None for other homes."""
        kept = home.sample_shift
        if kept.exists():
            began = unstamp(json.loads(kept.read_text(encoding="ascii"))["began"])
        elif not wanted or not home.is_new:
            return None
        else:
            began = shift_before(clock)
            _write_settings(home)  # before the home is marked: killed in between, it is still new
            durable.create(kept, json.dumps({"began": stamp(began)}).encode("ascii"))
        return cls(home, began) if wanted else None

    @property
    def folders(self) -> frozenset[bytes]:
        """Names of the folders in which this shift's own cards are docked."""
        return frozenset(os.fsencode(card.folder) for card in sample_cards(self.began))

    async def make(self, note: Callable[[str], None]) -> None:
        """Make the dispatch list and what is missing of the cards."""
        durable.make_folder(self.home.samples)
        durable.make_folder(self.home.docks)
        feed = _feed(self.home)
        if not feed.exists():
            durable.make_folder(feed.parent)
            write_dispatch(feed, self.began)
        docked = {entry.name for entry in self.home.docks.iterdir()}
        async for card in make_cards(
            self.home.samples.resolve(), self.began, encoder(), leave_out=docked
        ):
            note(f"made sample card {card.folder}")

    async def dock_one_after_another(self) -> None:
        """Dock each card that is not docked yet, as officers do at the end of a shift."""
        for card in sorted(self.home.samples.iterdir()):
            if card.name.endswith(".part"):
                continue
            card.rename(self.home.docks / card.name)
            durable.sync_folder(self.home.docks)
            await asyncio.sleep(_BETWEEN_CARDS)


def shift_before(clock: Clock) -> datetime:
    """When a shift began that has ended by now."""
    return (clock.now() - timedelta(hours=6)).replace(minute=0, second=0, microsecond=0)


def encoder() -> RunFfmpeg:
    """Runs this machine's ffmpeg."""
    tools = Tools.find()

    async def encode(arguments: Sequence[str], folder: Path) -> None:
        argv = (str(tools.ffmpeg), "-nostdin", "-hide_banner", "-v", "error", *arguments)
        await collect(tools.job(argv, folder, _LIMITS), most=0)

    return encode


def _feed(home: Home) -> Path:
    return home.folder / "dispatch" / "incidents.csv"


def _write_settings(home: Home) -> None:
    if not home.settings_file.exists():
        feed = json.dumps(str(_feed(home).resolve()))[1:-1]
        durable.create(home.settings_file, _SETTINGS.format(feed=feed).encode("utf-8"))
