"""What may be asked of a running station over the home's socket.

One rule: the socket lies in the home, which only its owner may enter, so whoever asks here may do
what the station's owner may.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from evidock import control
from evidock.supply_operations import supply_operations
from station.service import Station
from station.view import StationView

STATUS, ANSWER, RECEIPT = "station-status", "station-answer", "station-receipt"


def station_operations(station: Station) -> Mapping[str, control.Operation]:
    """The operations of *station*, by name."""

    async def status(_request: Mapping[str, object]) -> control.Answer:
        return to_wire(station.snapshot())

    async def answer(request: Mapping[str, object]) -> control.Answer:
        place = request["place"]
        answered = await station.answer(None if place is None else str(place), str(request["by"]))
        return {"answered": answered}

    async def receipt(request: Mapping[str, object]) -> control.Answer:
        return {"problems": await station.check_receipt(str(request["text"]))}

    own = {STATUS: status, ANSWER: answer, RECEIPT: receipt}
    return {**own, **supply_operations(station.supplies, station.clock)}


def to_wire(view: StationView) -> dict[str, object]:
    """*view* as JSON holds it, with what follows from the numbers."""
    told: dict[str, object] = msgspec.to_builtins(view)
    cards = [
        msgspec.to_builtins(card) | {"percent": card.percent, "minutes_left": card.minutes_left}
        for card in view.cards
    ]
    return told | {"cards": cards}


def from_wire(told: Mapping[str, object]) -> StationView:
    """The view that :func:`to_wire` made."""
    return msgspec.convert(told, StationView)
