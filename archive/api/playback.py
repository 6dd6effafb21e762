"""What a player needs to verify what it plays, and what it reports when it refuses to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from aiohttp import web

from archive import derived
from archive.api.desk import DESK, Desk, bad_request, message_of, person_of
from archive.catalogue import provenance
from archive.catalogue.provenance import Told
from archive.refused import Refusals
from evidence.wire import PlaybackRefusal, PlaybackRefused, Provenance, ProvenEntry

PATIENCE = 5.0
"""Seconds that an entry is waited for; entries are signed for several times a second."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 2**53


async def show(request: web.Request) -> Provenance:
    """The chain from the camera to the rendition, each link with its proof once it has one."""
    desk = request.app[DESK]
    links = await desk.catalogue.run(provenance.of_clip, request.match_info["clip"])
    await _sequenced(desk, links)
    return Provenance(
        log_key=str(desk.log.key), entries=await asyncio.to_thread(_proven, desk, links)
    )


async def refuse(request: web.Request) -> PlaybackRefused:
    """A person's player was given other bytes than those on record: put it on record."""
    desk = request.app[DESK]
    told = await message_of(request, PlaybackRefusal)
    with bad_request():
        _well_formed(told)
    person, clip = person_of(request).id, request.match_info["clip"]
    entry = await Refusals(catalogue=desk.catalogue, vault=desk.vault).take(person, clip, told)
    if entry is None:
        raise web.HTTPTooManyRequests(text="too many refusals of this clip within the hour")
    return PlaybackRefused(entry=entry)


async def _sequenced(desk: Desk, links: Sequence[Told]) -> None:
    """Wait a little for the newest of *links*: the sequencer is quick."""
    newest = max(link.index for link in links)
    try:
        async with asyncio.timeout(PATIENCE):
            await desk.sequencer.sequenced(newest)
    except TimeoutError:
        return  # the answer says which links have no proof yet


def _proven(desk: Desk, links: Sequence[Told]) -> list[ProvenEntry]:
    receipt, size = desk.witnesses.receipt, desk.log.size
    return [
        ProvenEntry(
            link=link.link.value,
            index=link.index,
            text=link.raw.decode("utf-8"),
            receipt=receipt(link.index).decode() if link.index < size else None,
        )
        for link in links
    ]


def _well_formed(told: PlaybackRefusal) -> None:
    numbers = (told.offset, told.length, told.received)
    if told.object not in derived.NAMES:
        raise ValueError("$.object: no object of a rendition")
    if not all(0 <= number < _LARGEST for number in numbers):
        raise ValueError("$: a number of the refusal is out of range")
    if not (_DIGEST.fullmatch(told.expected) and _DIGEST.fullmatch(told.found)):
        raise ValueError("$: a digest of the refusal has not the right form")
