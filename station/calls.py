"""Calls for a supervisor: made at the board by whoever stands there, answered at the station.

One rule: a call that the board shows as made is in the journal, and it is shown until it is
answered, whatever becomes of the camera, the page or the power meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from evidence.errors import SetupError
from station.desk import Desk
from station.journal.calls import STATION
from station.journal.journal import Journal
from station.view import CardView, StationView, Word

LONGEST_NAME = 100
"""Letters of the name of who says something at the station."""


def named(by: str) -> str:
    """The name of who says something; SetupError if *by* is none."""
    name = by.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SetupError(f"--by is a name of 1 to {LONGEST_NAME} letters, not {by!r}")
    return name


class Calls:
    """The open calls of a station."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Lock()
        self._open: Mapping[str, str] = {}

    async def take_up(self) -> None:
        """See which calls are still open from before."""
        async with self._turn:
            self._open = await self._desk.ask(Journal.open_calls)

    async def call(self, place: str) -> None:
        """Call a supervisor to *place* (:data:`STATION`: to no slot).  Safe to repeat."""
        async with self._turn:
            self._open = await self._desk.tell(lambda journal: journal.call(place))

    async def answer(self, place: str | None, by: str) -> list[str]:
        """*by* answers the call at *place*, or (None) all of them; the places.

        SetupError if nobody called there, or *by* is no name.
        """
        name = named(by)
        async with self._turn:
            answered = await self._desk.tell(lambda journal: journal.answer(place, name))
            self._open = await self._desk.ask(Journal.open_calls)
        if not answered:
            where = "here" if place is None else place or "to the station"
            raise SetupError(
                f"no call is open: {where}", advice="`evidock station status` shows open calls."
            )
        return answered

    def marked(self, view: StationView) -> StationView:
        """*view* with every open call in it; a place that has no tile any more gets one."""
        cards = {card.slot: card for card in view.cards}
        for place, called in self._open.items():
            if place != STATION:
                card = cards.get(place) or CardView(slot=place, word=Word.EMPTY)
                cards[place] = replace(card, called=called)
        return replace(view, cards=tuple(cards.values()), called=self._open.get(STATION))
