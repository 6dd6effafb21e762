"""Verified playback, the server's part: proofs for the browser, and what the browser refused.

One rule: nothing is verified here.  The browser checks every proof and every byte itself, with a
key it was told to trust or has seen before; this process only passes on.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web

from evidence.errors import SetupError
from evidence.note import VerifierKey
from evidence.wire import PlaybackRefusal, ProvenEntry
from player.pages import language_of
from player.places import ARCHIVE, SETTINGS
from player.session import reader
from player.timeline import Act, act


class Proofs(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's script verifies before it plays anything."""

    log_key: str
    pinned: bool
    """Whether the key comes from this player's settings; else it is the archive's word."""
    entries: list[ProvenEntry]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the script learns when a refusal is on record."""

    entry: int
    act: Act | None


def pinned_key(text: str) -> None:
    """SetupError unless *text* is empty or a C2SP verifier key."""
    try:
        if text:
            VerifierKey.parse(text)
    except ValueError as error:
        raise SetupError(f"[player] log_key: {error}") from error


async def provenance(request: web.Request) -> web.Response:
    """GET /clips/{clip}/provenance."""
    who = await reader(request)
    told = await request.app[ARCHIVE].provenance(who.token, request.match_info["clip"])
    pinned = request.app[SETTINGS].player.log_key
    proofs = Proofs(log_key=pinned or told.log_key, pinned=bool(pinned), entries=told.entries)
    return web.Response(body=msgspec.json.encode(proofs), content_type="application/json")


async def refused(request: web.Request) -> web.Response:
    """POST /clips/{clip}/refusals: the browser did not show what it was given."""
    who = await reader(request)
    archive, clip = request.app[ARCHIVE], request.match_info["clip"]
    try:
        told = msgspec.json.decode(await request.read(), type=PlaybackRefusal)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest from error
    entry = (await archive.refused(who.token, clip, told)).entry
    entries, words = (await archive.clip(who.token, clip)).entries, language_of(request)
    written = Recorded(
        entry=entry,
        act=next((act(each, words) for each in entries if each.index == entry), None),
    )
    return web.Response(
        body=msgspec.json.encode(written),
        status=HTTPStatus.CREATED,
        content_type="application/json",
    )
