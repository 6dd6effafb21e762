"""Markers for people: that a clip shows something, and that they no longer say so."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, person_of
from archive.catalogue import markers
from evidence.wire import MarkerShown, MarkerWanted

_LONGEST_NOTE = 2000


async def set_marker(request: web.Request) -> MarkerShown:
    """Put on record that a clip shows something, at a moment of it or as a whole."""
    wanted, run = await message_of(request, MarkerWanted), request.app[DESK].catalogue.run
    with bad_request():
        if len(wanted.note) > _LONGEST_NOTE:
            raise ValueError(f"note: at most {_LONGEST_NOTE} characters")
        clip = request.match_info["clip"]
        return await run(markers.set_marker, person_of(request).id, clip, wanted)


async def withdraw_marker(request: web.Request) -> MarkerShown:
    """Put on record that it is no longer said."""
    run, clip = request.app[DESK].catalogue.run, request.match_info["clip"]
    return await run(markers.withdraw, person_of(request), clip, request.match_info["marker"])
