"""Days and moments as people type and read them: in the zone of ``[archive] utc_offset_minutes``.

One rule: what a browser sends without a zone is of the agency's zone, never of UTC by accident.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from aiohttp import web

from evidence.clock import stamp, unstamp
from player.places import SETTINGS

_END = timedelta(hours=23, minutes=59, seconds=59)


def end_of_day(request: web.Request, name: str, told: str) -> str:
    """The last second of the day *told*, stamped; answers 400 for what is none."""
    return _stamped(request, name, told, "%Y-%m-%d", _END)


def moment_of(request: web.Request, name: str, told: str) -> str:
    """The minute *told*, stamped; answers 400 for what is none."""
    return _stamped(request, name, told, "%Y-%m-%dT%H:%M", timedelta())


def zoned(stamped: str, minutes: int) -> str:
    """A time as it is in the zone that is *minutes* ahead of UTC, which is not named."""
    return f"{unstamp(stamped).astimezone(timezone(timedelta(minutes=minutes))):%Y-%m-%d %H:%M:%S}"


def zone_name(minutes: int) -> str:
    """``UTC+08:00``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def zone_of(request: web.Request) -> str:
    """The agency's zone, as :func:`zone_name` writes it."""
    return zone_name(request.app[SETTINGS].archive.utc_offset_minutes)


def _stamped(request: web.Request, name: str, told: str, written: str, later: timedelta) -> str:
    minutes = request.app[SETTINGS].archive.utc_offset_minutes
    try:
        local = datetime.strptime(told, written).replace(tzinfo=UTC) + later
        return stamp(local - timedelta(minutes=minutes))
    except (ValueError, OverflowError) as error:
        raise web.HTTPBadRequest(text=f"{name}: {error}") from error
