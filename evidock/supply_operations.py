"""What is done with a station's supplies for cameras, in a home that runs or rests.

One rule: both are done by the same lines; who asks over the socket names files by absolute paths.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from evidence.clock import Clock, stamp
from evidence.errors import SetupError
from evidock import control
from station.change import Supply
from station.signed import Kind
from station.supplies import Supplies

STAGE, STAGED, ORDER = "station-stage", "station-staged", "station-order"
_Request = Mapping[str, object]


def supply_operations(supplies: Supplies, clock: Clock) -> Mapping[str, control.Operation]:
    """Those of a running station, by name."""

    def of(name: str) -> control.Operation:
        async def operation(request: _Request) -> control.Answer:
            return await asyncio.to_thread(do, name, supplies, clock, request)

        return operation

    return {name: of(name) for name in _WAYS}


def do(name: str, supplies: Supplies, clock: Clock, request: _Request) -> dict[str, object]:
    """The answer to the operation *name*.  Blocks; raises as :class:`Supplies`."""
    return _WAYS[name](supplies, clock, request)


def _stage(supplies: Supplies, _clock: Clock, request: _Request) -> dict[str, object]:
    file, note = Path(str(request["file"])), Path(str(request["note"]))
    kind, profile = Kind(str(request["kind"])), str(request["profile"])
    return _told(supplies.take(file, note, kind=kind, profile=profile))


def _staged(supplies: Supplies, _clock: Clock, _request: _Request) -> dict[str, object]:
    orders = [
        {"camera": each.camera, "supply": each.supply, "ordered": each.ordered}
        for each in supplies.orders()
    ]
    return {"staged": [_kept(supplies, each) for each in supplies.ids()], "orders": orders}


def _order(supplies: Supplies, clock: Clock, request: _Request) -> dict[str, object]:
    camera, supply = str(request["camera"]), request["supply"]
    if supply is None:
        return {"withdrawn": supplies.withdraw(camera)}
    order = supplies.order(camera, str(supply), stamp(clock.now()))
    return {"camera": order.camera, "supply": order.supply, "ordered": order.ordered}


def _kept(supplies: Supplies, supply: str) -> dict[str, object]:
    try:
        return _told(supplies.get(supply))
    except SetupError as error:
        return {"id": supply, "problem": str(error)}


def _told(supply: Supply) -> dict[str, object]:
    said = supply.said
    return {
        "id": supply.id,
        "what": supply.what.value,
        "name": said.name,
        "profile": said.profile,
        "from": said.before,
        "to": said.after,
        "bytes": len(supply.data),
        "sha256": said.sha256.hex,
        "signed_by": supply.by,
        "problem": None,
    }


_WAYS: Mapping[str, Callable[[Supplies, Clock, _Request], dict[str, object]]] = {
    STAGE: _stage,
    STAGED: _staged,
    ORDER: _order,
}
