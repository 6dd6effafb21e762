"""How far fixity and copies of a home are, whether it runs or rests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from archive.books import Books
from archive.catalogue.moves import Which
from archive.fixity.standing import Lacking, Reached, lacking, reached
from archive.service import Archive
from evidence.clock import SystemClock, stamp
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running

STATUS = "fixity"


def fixity_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """The operations of a running *archive*."""

    async def status(_request: Mapping[str, object]) -> control.Answer:
        upkeep = archive.upkeep
        told = await _told(archive.books, upkeep.copies_in)
        stopped = [work.failure for work in upkeep.works if work.failure is not None]
        return {**told, "problems": [*stopped, *upkeep.problems]}

    return {STATUS: status}


def ask_home(home: Home) -> Mapping[str, object]:
    """What *home* answers; at rest it knows of no problems but what is on record."""
    told = ask_if_running(home, STATUS)
    return asyncio.run(_at_rest(home)) if told is None else told


async def _at_rest(home: Home) -> Mapping[str, object]:
    settings = home.settings()
    second = settings.second_vault
    with home.locked():
        async with Archive.at_rest(settings, home.archive, SystemClock()) as books:
            told = await _told(books, None if second.kind == "none" else second.originals)
    return {**told, "problems": []}


async def _told(books: Books, bucket: str | None) -> dict[str, object]:
    vaults = [Which.FIRST] if bucket is None else list(Which)
    found = [await reached(books.catalogue, which) for which in vaults]
    behind = None if bucket is None else await lacking(books.catalogue, bucket)
    return {
        "rounds": [_round(each) for each in found],
        "copies": None if behind is None else _copies(behind),
        "words": [*(each.in_words() for each in found), *([behind.in_words()] if behind else [])],
    }


def _round(each: Reached) -> dict[str, object]:
    ended = each.tally.ended
    return {
        "vault": each.which.value,
        "clips": each.clips,
        "read": each.tally.read,
        "were_wrong": each.tally.wrong,
        "bytes": each.tally.size,
        "wrong_at_most": each.at_most,
        "ended": None if ended is None else stamp(ended),
        "are_wrong": each.wrong,
    }


def _copies(behind: Lacking) -> dict[str, object]:
    since = None if behind.since is None else stamp(behind.since)
    return {"lacking": behind.clips, "since": since}
