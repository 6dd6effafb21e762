"""The routes of feeds: rows that other systems push, and how feeds are for people."""

from __future__ import annotations

from archive.api import feeds
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

ROUTES_OF_FEEDS = (
    Route(
        method="POST",
        path="/v1/feeds/rows",
        handler=feeds.push_rows,
        who=Who.FEED,
        takes=wire.RowsPushed,
        gives=wire.RowsTaken,
    ),
    Route(
        method="GET",
        path="/v1/feeds",
        handler=feeds.show_feeds,
        who=Who.PERSON,
        gives=wire.FeedPage,
        action=Action.SEE_FEEDS,
    ),
    Route(
        method="GET",
        path="/v1/feeds/problems.csv",
        handler=feeds.problems_as_csv,
        who=Who.PERSON,
        gives="text/csv",
        action=Action.SEE_FEEDS,
        query=("feed",),
    ),
)
