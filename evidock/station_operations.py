"""What may be asked of a running station over the home's socket.

One rule: the socket lies in the home, which only its owner may enter, so whoever asks here may do
what the station's owner may.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from evidock import control
from evidock.supply_operations import supply_operations
from station.assignment import Assignment
from station.service import Station
from station.view import StationView

STATUS, ANSWER, RECEIPT = "station-status", "station-answer", "station-receipt"
ASSIGN, UNASSIGN, ISSUE = "station-assign", "station-unassign", "station-issue"
BADGE, ASSIGNMENTS = "station-badge", "station-assignments"
DOCKINGS = "station-dockings"


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

    async def dockings(request: Mapping[str, object]) -> control.Answer:
        camera = request["camera"]
        named = None if camera is None else str(camera)
        found = await station.issuing.desk.ask(lambda journal: journal.dockings(named))
        return {"dockings": msgspec.to_builtins(found)}

    return {
        STATUS: status,
        ANSWER: answer,
        RECEIPT: receipt,
        DOCKINGS: dockings,
        **_who_wears_what(station),
        **supply_operations(station.supplies, station.clock),
    }


def _who_wears_what(station: Station) -> Mapping[str, control.Operation]:
    async def assign(request: Mapping[str, object]) -> control.Answer:
        camera, officer, by = (str(request[each]) for each in ("camera", "officer", "by"))
        return as_wire(await station.issuing.assign(camera, officer, by))

    async def unassign(request: Mapping[str, object]) -> control.Answer:
        return as_wire(await station.issuing.unassign(str(request["camera"]), str(request["by"])))

    async def issue(request: Mapping[str, object]) -> control.Answer:
        officer, by, camera = (request[each] for each in ("officer", "by", "camera"))
        wanted = None if camera is None else str(camera)
        made = await station.issuing.issue(station.snapshot, str(officer), str(by), wanted)
        slot = made.card.label or made.card.slot
        return {**as_wire(made.assignment), "slot": slot, "still_out": list(made.still_out)}

    async def badge(request: Mapping[str, object]) -> control.Answer:
        number, officer = str(request["number"]), request["officer"]
        if officer is None:
            await station.issuing.take_badge(number, str(request["by"]))
        else:
            await station.issuing.give_badge(number, str(officer), str(request["by"]))
        return {}

    async def assignments(request: Mapping[str, object]) -> control.Answer:
        camera = request["camera"]
        found = await station.issuing.history(None if camera is None else str(camera))
        return {"assignments": [as_wire(each) for each in found]}

    return {
        ASSIGN: assign,
        UNASSIGN: unassign,
        ISSUE: issue,
        BADGE: badge,
        ASSIGNMENTS: assignments,
    }


def as_wire(assignment: Assignment) -> dict[str, str | None]:
    """*assignment* as JSON holds it."""
    told: dict[str, str | None] = msgspec.to_builtins(assignment)
    return told


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
