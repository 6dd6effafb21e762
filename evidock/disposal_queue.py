"""What of a home is on its way out, and what is wanted of it, whether it runs or rests.

One rule: this only looks.  Who wants or approves something signs in at the player, so that two
persons are two, and never two commands of whoever owns the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from archive import wiring
from archive.books import Books
from archive.catalogue import proposed
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.settings import ArchiveSettings
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running

OPERATION = "disposal-queue"
RESTS = "the home does not run"
_AT_ONCE = 200


def disposal_operation(
    archive: Archive, chosen: ArchiveSettings
) -> Mapping[str, control.Operation]:
    """What a running home answers."""

    async def answer(_request: Mapping[str, object]) -> control.Answer:
        standing = await archive.disposal_standing()
        told = await _told(archive.books, chosen)
        return {
            **told,
            "done_today": standing.done_today,
            "limit_today": standing.limit_today,
            "stopped": standing.stopped,
        }

    return {OPERATION: answer}


def ask(home: Home) -> Mapping[str, object]:
    """What *home* answers; at rest it destroys nothing, and says so."""
    told = ask_if_running(home, OPERATION)
    return asyncio.run(_at_rest(home)) if told is None else told


async def _at_rest(home: Home) -> Mapping[str, object]:
    settings = home.settings()
    with home.locked():
        async with Archive.at_rest(settings, home.archive, SystemClock()) as books:
            told = await _told(books, settings.archive)
    return {**told, "done_today": None, "limit_today": None, "stopped": RESTS}


async def _told(books: Books, chosen: ArchiveSettings) -> dict[str, object]:
    outside = await asyncio.to_thread(wiring.outside(books).newest)
    until = SystemClock().now() + timedelta(days=chosen.notice_days)
    return {
        "clips": [*await _clips(books, None), *await _clips(books, until)],
        "proposals": await _shorter(books),
        "outside_at": None if outside is None else outside.at,
        "outside_by": None if outside is None else outside.name,
    }


async def _clips(books: Books, until: datetime | None) -> list[object]:
    """Those that are proposed; or those whose time ends by *until* and are not."""
    found: list[object] = []
    after: str | None = ""
    while after is not None:
        page = await books.catalogue.run(proposed.queue, until, after, _AT_ONCE)
        found += [
            msgspec.to_builtins(each)
            for each in page.clips
            if until is None or each.proposal is None
        ]
        after = page.next
    return found


async def _shorter(books: Books) -> list[object]:
    """What somebody wants kept for less."""
    found: list[object] = []
    after: str | None = ""
    while after is not None:
        page = await books.catalogue.run(
            proposed.shown, after, _AT_ONCE, is_open=True, act="shorten"
        )
        found += map(msgspec.to_builtins, page.proposals)
        after = page.next
    return found
