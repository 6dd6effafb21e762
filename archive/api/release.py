"""Release: a station asks the archive to vouch for its copy before it lets a camera forget."""

from __future__ import annotations

import re

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, station_of
from evidence.wire import ReleaseGranted, ReleaseWanted

_CHALLENGE = re.compile(r"[0-9a-f]{32}")


async def grant(request: web.Request) -> ReleaseGranted:
    """Read the copy back, put the outcome on record, and say so."""
    wanted = await message_of(request, ReleaseWanted)
    with bad_request():
        if _CHALLENGE.fullmatch(wanted.challenge) is None:
            raise ValueError("$.challenge: not 32 hexadecimal digits")
    clip = request.match_info["clip"]
    return await request.app[DESK].releases.grant(station_of(request), clip, wanted)
