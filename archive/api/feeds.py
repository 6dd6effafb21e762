"""Feeds: what other systems push, and what people see of all feeds."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from archive.api.desk import DESK, feed_of, message_of
from archive.catalogue.feeds import RowProblem
from archive.feeds import standing
from archive.feeds.contract import Taken
from archive.feeds.push import IDEMPOTENCY
from evidence.wire import FeedPage, RowsPushed, RowsTaken, RowTaken

_HEADER = "Idempotency-Key"


async def push_rows(request: web.Request) -> web.Response:
    """Take in rows, each for itself: what became of each is in the answer."""
    key = feed_of(request)
    name = request.headers.get(_HEADER, "")
    if not IDEMPOTENCY.match(name):
        raise web.HTTPBadRequest(
            text=f"send a header {_HEADER} of 1 to 128 visible letters: another for other rows,"
            " the same for the same ones again"
        )
    pushed = await message_of(request, RowsPushed)
    body = await request.read()

    def answer(taken: Taken) -> bytes:
        return msgspec.json.encode(_answer(key.name, taken))

    told = await request.app[DESK].feeds.pushes.take(key, name, body, pushed.rows, answer)
    return web.Response(body=told, content_type="application/json")


async def show_feeds(request: web.Request) -> FeedPage:
    """How every feed is, which rows could not be used, and which event numbers are missing."""
    desk = request.app[DESK]
    return await desk.catalogue.run(standing.page, desk.feeds.settings)


async def problems_as_csv(request: web.Request) -> web.Response:
    """The rows that could not be used, of one feed or of all, as a file for whoever sent them."""
    found = await request.app[DESK].catalogue.run(standing.report, request.query.get("feed"))
    return web.Response(
        body=found,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="feed-problems.csv"'},
    )


def _answer(feed: str, taken: Taken) -> RowsTaken:
    used = [RowTaken(row=row, outcome=each.value) for row, each in taken.outcomes.items()]
    rows = sorted([*used, *_unused(taken.reading.problems)], key=lambda each: each.row)
    return RowsTaken(feed=feed, used=len(used), unused=taken.reading.unused, rows=rows)


def _unused(problems: Sequence[RowProblem]) -> list[RowTaken]:
    return [
        RowTaken(row=each.row, outcome="unused", field=each.field, reason=each.reason)
        for each in problems
    ]
