"""``evidock fleet``: how the stations and cameras of a home are."""

from __future__ import annotations

import argparse
import asyncio
import json

import msgspec

from evidence.clock import SystemClock
from evidence.wire import FleetPage
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running, resting
from evidock.tables import shown_bytes, table


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("fleet", help="tell how stations and cameras are")
    add_home(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print stations and cameras; 0."""
    home = Home(chosen.home)
    found = ask_if_running(home, "fleet") or asyncio.run(_read(home))
    if chosen.json:
        print(json.dumps(found))
    else:
        print(_shown(msgspec.convert(found, FleetPage)))
    return 0


async def _read(home: Home) -> dict[str, object]:
    async with resting(home, SystemClock()) as still:
        return await still.fleet()


def _shown(found: FleetPage) -> str:
    stations = table(
        ("station", "last heard", "docked", "behind", "free", "version", "problems"),
        [
            (each.name, "never", None, None, None, None, None)
            if each.state is None
            else (
                *(each.name, each.heard, each.state.docked, each.behind),
                *(shown_bytes(each.state.free_bytes), each.state.version, each.state.problems),
            )
            for each in found.stations
        ],
    )
    cameras = table(
        ("camera", "last docked", "station", "battery", "firmware", "clock", "missing", "problems"),
        [
            (
                *(each.state.camera, each.state.seen, each.station, _percent(each.state.battery)),
                *(each.state.firmware, _seconds(each.state.clock_offset_ms)),
                *(each.state.missing, each.state.problems),
            )
            for each in found.cameras
        ],
    )
    return f"{stations}\n{cameras}"


def _percent(charge: int | None) -> str | None:
    return None if charge is None else f"{charge} %"


def _seconds(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else f"{milliseconds / 1000:+.1f} s"
