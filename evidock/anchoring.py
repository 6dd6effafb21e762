"""Anchoring the log of a home, whether it runs or rests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from archive.anchoring import anchored
from archive.service import Archive
from evidence.clock import SystemClock
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running, resting

ANCHOR = "anchor"


def anchor_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """The operation on the log of *archive*."""

    async def anchor(_request: Mapping[str, object]) -> control.Answer:
        return {ANCHOR: (await archive.anchor_now()).to_bytes().decode("ascii")}

    return {ANCHOR: anchor}


def anchor_home(home: Home) -> str:
    """Anchor the log of *home*; the anchor as it is handed to others, a line of JSON."""
    told = ask_if_running(home, ANCHOR)
    return asyncio.run(_at_rest(home)) if told is None else str(told[ANCHOR])


async def _at_rest(home: Home) -> str:
    async with resting(home, SystemClock()) as still:
        return (await anchored(still.archive)).to_bytes().decode("ascii")
