"""The fleet: how each station was when it last told, and each camera when it last stood at one."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import StationRow
from archive.catalogue.working_tables import CameraRow, StationStateRow
from evidence.clock import stamp
from evidence.wire import CameraShown, CameraState, FleetPage, StationShown, StationState


def take(tx: Transaction, station: str, told: StationState) -> str:
    """Keep what *station* told instead of what it told before; when that was.

    A camera that has stood elsewhere since stays as it was there.
    """
    now = stamp(tx.clock.now())
    through = tx.session.get_one(StationRow, station).journal_through
    alone = msgspec.structs.replace(told, cameras=[])
    row = StationStateRow(
        station=station,
        heard=now,
        behind=max(0, told.journal - through),
        details=msgspec.json.encode(alone),
    )
    tx.session.merge(row)
    for state in told.cameras:
        held = tx.session.get(CameraRow, state.camera)
        if held is None or held.seen <= state.seen:
            details = msgspec.json.encode(state)
            tx.session.merge(
                CameraRow(camera=state.camera, station=station, seen=state.seen, details=details)
            )
    return now


def page(tx: Transaction) -> FleetPage:
    """All stations by name, all cameras by when they were last seen."""
    states = {row.station: row for row in tx.session.scalars(select(StationStateRow))}
    stations = tx.session.scalars(select(StationRow).order_by(StationRow.name, StationRow.id)).all()
    cameras = tx.session.scalars(select(CameraRow).order_by(CameraRow.seen, CameraRow.camera))
    names = {row.id: row.name for row in stations}
    return FleetPage(
        at=stamp(tx.clock.now()),
        stations=[_station(row, states.get(row.id)) for row in stations],
        cameras=[
            CameraShown(
                station=names[row.station],
                state=msgspec.json.decode(row.details, type=CameraState),
            )
            for row in cameras
        ],
    )


def _station(row: StationRow, state: StationStateRow | None) -> StationShown:
    return StationShown(
        id=row.id,
        name=row.name,
        heard=None if state is None else state.heard,
        behind=None if state is None else state.behind,
        state=None if state is None else msgspec.json.decode(state.details, type=StationState),
    )
