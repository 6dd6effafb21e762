"""How stations and cameras are: told by stations as they work, for those who keep them working.

None of it is evidence, and nothing here goes into the log.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from evidence.wire.message import Message

Line = Annotated[str, Meta(max_length=1000)]
Named = Annotated[str, Meta(min_length=1, max_length=512)]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")]
Amount = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Offset = Annotated[int, Meta(ge=-(10**14), le=10**14)]


class CameraState(Message, frozen=True, kw_only=True):
    """A camera as it was when it last stood at a station."""

    camera: Named
    """Its number, as its card or it itself claims."""
    seen: Moment
    """When it last stood there, by the station's clock."""
    profile: Annotated[str, Meta(max_length=64)] | None = None
    """None: it did not take commands, so only its files are known."""
    battery: Percent | None = None
    firmware: Line | None = None
    clock_offset_ms: Offset | None = None
    problems: Annotated[list[Line], Meta(max_length=20)] = []
    missing: Annotated[list[Line], Meta(max_length=20)] = []
    """File names, or spans of them, that its numbering lacks and this station never had."""


class StationState(Message, frozen=True, kw_only=True):
    """POST /v1/fleet: a station tells how it is, and of cameras that stood at it since then."""

    version: Annotated[str, Meta(max_length=64)]
    free_bytes: Amount
    """On the disk that its staging lies on."""
    docked: Amount
    """Cards that stand at it."""
    journal: Amount
    """Number of the last entry of its journal."""
    problems: Annotated[list[Line], Meta(max_length=50)] = []
    cameras: Annotated[list[CameraState], Meta(max_length=200)] = []


class StateHeard(Message, frozen=True, kw_only=True):
    """The answer to StationState."""

    at: str
    witnessed: str = ""
    """The checkpoint that witnesses cosigned last, as signed by them; empty: none, or none asked.

    Stations verify it: a log that nobody sees any more is told of at the dock, too."""


class StationShown(Message, frozen=True, kw_only=True):
    """A station as the fleet's page shows it."""

    id: str
    name: str
    heard: str | None
    """When it last told, by the archive's clock; None: never."""
    behind: int | None
    """Entries of its journal that the archive had not got when it told; None: it never told."""
    state: StationState | None


class CameraShown(Message, frozen=True, kw_only=True):
    """A camera as the fleet's page shows it."""

    station: str
    """Name of the station where it last stood."""
    state: CameraState


class FleetPage(Message, frozen=True, kw_only=True):
    """GET /v1/fleet: all stations, and all cameras, those that were seen longest ago first."""

    at: str
    """When this was so, by the archive's clock."""
    stations: list[StationShown]
    cameras: list[CameraShown]
