"""The record itself: receipts, the public log, and how the archive is doing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from archive.api.desk import CALLER, DESK, bad_request
from archive.catalogue import clips, entries, offers, problems
from evidence.errors import TemporaryError
from evidence.note import MAX_DIGITS
from evidence.tiles import Tile
from evidence.wire import Health

#: Seconds a receipt is waited for; entries are signed for several times a second.
PATIENCE = 5.0
#: Seconds for which whoever has a tile need not ask again.
UNCHANGING = 365 * 24 * 3600


async def receipt(request: web.Request) -> web.Response:
    """The C2SP tlog-proof that the clip's ``archive.verified`` entry is in the log."""
    return await _receipt(request, None)


async def receipt_of(request: web.Request) -> web.Response:
    """The C2SP tlog-proof that one named entry about the clip is in the log."""
    with bad_request():
        wanted = _number(request.match_info["entry"])
    return await _receipt(request, wanted)


async def _receipt(request: web.Request, wanted: int | None) -> web.Response:
    desk, clip = request.app[DESK], request.match_info["clip"]
    with bad_request():
        witnesses = _number(request.query.get("witnesses", "0"))
    station = request[CALLER].station
    entry = await desk.catalogue.run(clips.entry_about, clip, wanted)
    if station is not None:
        await desk.catalogue.run(offers.must_hold, station, clip)
    try:
        async with asyncio.timeout(PATIENCE):
            await desk.sequencer.sequenced(entry)
    except TimeoutError as error:
        raise TemporaryError(f"entry {entry} is recorded but not signed for yet") from error
    if witnesses:
        with suppress(TimeoutError):  # the receipt says itself how many have seen it
            async with asyncio.timeout(PATIENCE):
                await desk.witnesses.covering(entry, witnesses)
    proof = await asyncio.to_thread(desk.witnesses.receipt, entry)
    return web.Response(body=proof, content_type="text/plain", charset="utf-8")


def _number(text: str) -> int:
    """The log index written in *text*; ValueError for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS - 1):
        raise ValueError(f"{text[:40]!r} is no index of an entry")
    return int(text)


async def static(request: web.Request) -> web.Response:
    """A file of the log, as C2SP tlog-tiles serves them: tiles never change, heads do."""
    path, desk = request.match_info["path"], request.app[DESK]
    data = await asyncio.to_thread(desk.log.read, path)
    if data is None:
        raise web.HTTPNotFound(text=f"the log has no file {path}")
    if Tile.parse(path) is None:
        headers = {"Cache-Control": "no-cache", "Content-Type": "text/plain; charset=utf-8"}
        return web.Response(body=data, headers=headers)
    whose = "public" if desk.public_log else "private"
    headers = {"Cache-Control": f"{whose}, max-age={UNCHANGING}, immutable"}
    return web.Response(body=data, headers=headers, content_type="application/octet-stream")


async def health(request: web.Request) -> Health:
    """Whether the archive does its work."""
    desk = request.app[DESK]
    found = await desk.catalogue.run(problems.of_evidence)
    stopped = await desk.intake.problems()
    sequenced = desk.sequencer.size  # before the other, which only grows: never more than that
    committed = await desk.catalogue.run(entries.count)
    return Health(
        status="failing" if desk.sequencer.work.failure or stopped else "ok",
        entries=committed,
        sequenced=sequenced,
        problems=len(found)
        + len(stopped)
        + len(desk.upkeep.problems)
        + len(desk.witnesses.problems()),
    )
