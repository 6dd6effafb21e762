"""Intake: originals and renditions on their way from a station into the vault."""

from __future__ import annotations

import re

from aiohttp import web

from archive import derived, offered
from archive.api.desk import DESK, bad_request, message_of, station_of
from archive.intake import MOST_PARTS
from evidence.vault import SINGLE_PUT_MAX
from evidence.wire import (
    Archived,
    ClipOffer,
    IntakeAnswer,
    PartWanted,
    RenditionAnswer,
    RenditionOffer,
    RenditionShown,
    UploadDone,
    WireRequest,
)

_DIGEST = re.compile(r"[0-9a-f]{64}")


async def offer(request: web.Request) -> IntakeAnswer:
    """A station has a verified copy: say what of it must be sent, if anything."""
    told = await message_of(request, ClipOffer)
    with bad_request():
        offered.well_formed(told)
    return await request.app[DESK].intake.offer(station_of(request), told)


async def part(request: web.Request) -> WireRequest:
    """Sign the PUT of one part of a large original."""
    wanted = await message_of(request, PartWanted)
    with bad_request():
        _see_part(wanted.number, wanted.size, wanted.sha256)
    clip = request.match_info["clip"]
    return await request.app[DESK].intake.part(station_of(request), clip, wanted)


async def complete(request: web.Request) -> Archived:
    """The bytes were sent: read them back, and vouch for them."""
    done = await message_of(request, UploadDone)
    with bad_request():
        for sent in done.parts:
            _see_part(sent.number, 0, sent.sha256)
    clip = request.match_info["clip"]
    return await request.app[DESK].intake.complete(station_of(request), clip, done)


async def offer_rendition(request: web.Request) -> RenditionAnswer:
    """A station derived something to watch: say what of it must be sent."""
    told = await _rendition(request)
    clip = request.match_info["clip"]
    return await request.app[DESK].renditions.offer(station_of(request), clip, told)


async def complete_rendition(request: web.Request) -> RenditionShown:
    """The derived objects were sent: see them there, and show them from now on."""
    told = await _rendition(request)
    clip = request.match_info["clip"]
    return await request.app[DESK].renditions.complete(station_of(request), clip, told)


async def _rendition(request: web.Request) -> RenditionOffer:
    told = await message_of(request, RenditionOffer)
    with bad_request():
        derived.well_formed(told)
    return told


def _see_part(number: int, size: int, sha256: str) -> None:
    if not 1 <= number <= MOST_PARTS or not 0 <= size <= SINGLE_PUT_MAX:
        raise ValueError(f"part {number} of {size} bytes is not one S3 would take")
    if _DIGEST.fullmatch(sha256) is None:
        raise ValueError(f"part {number}: the digest is not 64 hexadecimal digits")
