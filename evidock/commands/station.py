"""``evidock station``: the board in the terminal, and what is done at the station by its owner."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

from rich.console import Console
from rich.live import Live

from evidence.clock import SystemClock
from evidence.errors import HomeBusy, SetupError
from evidock import control
from evidock.commands import assignments, dockings, staging
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running, ask_running
from evidock.station_operations import ANSWER, RECEIPT, STATUS, from_wire
from evidock.station_table import station_table
from station.docking_receipt import check_stored_receipt
from station.journal.calls import STATION
from station.slots import as_toml
from station.view import Word

FALSE = 1
_EVERY = 1.0
"""Seconds between two looks."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("station", help="the station's board in the terminal; its slots")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    status = verbs.add_parser("status", help="what the board shows, while the home runs")
    status.add_argument("--watch", action="store_true", help="go on until Ctrl-C")
    status.set_defaults(run=_status)
    slots = verbs.add_parser("slots", help="what is docked where now, as lines for the settings")
    slots.set_defaults(run=_slots)
    answer = verbs.add_parser("answer", help="a supervisor is here: end a call")
    where = answer.add_mutually_exclusive_group(required=True)
    where.add_argument("--slot", help="the call to this slot, by label or by name")
    where.add_argument("--station", action="store_true", help="the call to the station")
    where.add_argument("--all", action="store_true", help="every call")
    answer.add_argument("--by", required=True, metavar="NAME", help="who answers; kept with it")
    answer.set_defaults(run=_answer)
    receipt = verbs.add_parser("receipt", help="check the receipt of a docking, running or not")
    receipt.add_argument("text", metavar="TEXT", help="EVIDOCK:RECEIPT:1:…, as the QR code has it")
    receipt.set_defaults(run=_receipt)
    assignments.add_to(verbs)
    dockings.add_to(verbs)
    staging.add_to(verbs)
    for verb in (status, slots, answer, receipt):
        add_home(verb)
    for verb in (status, receipt):
        add_json(verb)


def _status(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home)
    seen = _watched(home) if chosen.watch else iter([ask_running(home, STATUS)])
    if chosen.json:
        for told in _changes(seen):
            print(json.dumps(told), flush=True)
        return 0
    console = Console(highlight=False)
    if not (chosen.watch and console.is_terminal):
        for told in _changes(seen):
            console.print(station_table(from_wire(told)))
        return 0
    with Live(console=console, auto_refresh=False, screen=True) as live:
        for told in seen:
            live.update(station_table(from_wire(told)), refresh=True)
    return 0


def _slots(chosen: argparse.Namespace) -> int:
    view = from_wire(ask_running(Home(chosen.home), STATUS))
    here = [card.slot for card in view.cards if card.word is not Word.EMPTY]
    if not here:
        raise SetupError(
            "nothing is docked now", advice="Put a camera into each slot, then ask again."
        )
    print("# In the order in which they stand on the rack; label: what is written beside the slot.")
    print(as_toml(here))
    return 0


def _answer(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home)
    place = None if chosen.all else STATION if chosen.station else _place(home, chosen.slot)
    told = ask_running(home, ANSWER, place=place, by=chosen.by)
    for each in cast("list[str]", told["answered"]):
        print(f"answered: {each or 'the call to the station'}")
    return 0


def _receipt(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home)
    told = ask_if_running(home, RECEIPT, text=chosen.text)
    if told is None:
        with home.locked():
            found = check_stored_receipt(home.station, home.receipts, chosen.text, SystemClock())
    else:
        found = cast("list[str]", told["problems"])
    if chosen.json:
        print(json.dumps({"genuine": not found, "problems": found}))
    else:
        print("\n".join(found) or "genuine: every clip of it is archived and its receipt verifies")
    return FALSE if found else 0


def _place(home: Home, named: str) -> str:
    """The slot that has *named* as its label, else as its name."""
    cards = from_wire(ask_running(home, STATUS)).cards
    found = [card.slot for card in cards if named and card.label == named]
    return found[0] if found else named or _no_slot()


def _no_slot() -> str:
    raise SetupError("--slot names no slot", advice="`evidock station status` shows them.")


def _watched(home: Home) -> Iterator[dict[str, object]]:
    """One look after the other, as long as the home runs."""
    yield ask_running(home, STATUS)
    while True:
        time.sleep(_EVERY)
        try:
            yield control.ask(home.socket, STATUS)
        except HomeBusy:
            print("evidock: the home has stopped", file=sys.stderr)
            return


def _changes(seen: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Those of *seen* that differ from the one before."""
    last = None
    for told in seen:
        if told != last:
            yield told
        last = told
