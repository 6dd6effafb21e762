"""How feeds stand, for people: what they told, what could not be used, and what they left out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from archive.catalogue import feeds, incidents
from archive.catalogue.catalogue import Transaction
from evidence.feed_settings import FeedSettings
from evidence.statistics.cells import neutral
from evidence.wire import FeedPage, FeedShown, GapShown, RowProblemShown

SHOWN = 500
"""Problems, and gaps, that a page has."""
MOST = 100_000
"""Rows of a report."""
COLUMNS = ("feed", "source", "row", "column", "reason")


def page(tx: Transaction, settings: Sequence[FeedSettings]) -> FeedPage:
    """How the feeds of *settings* are."""
    found = feeds.problems(tx, SHOWN)
    return FeedPage(
        feeds=[_shown(tx, each) for each in settings],
        problems=[
            RowProblemShown(
                feed=each.feed,
                source=each.source,
                row=each.row,
                field=each.field,
                reason=each.reason,
            )
            for each in found
        ],
        gaps=gaps(tx)[:SHOWN],
    )


def gaps(tx: Transaction) -> list[GapShown]:
    """The event numbers that no feed told, though it told others around them."""
    return [
        GapShown(first=each.first, last=each.last, missing=each.missing)
        for each in incidents.numbering_gaps(tx)
    ]


def report(tx: Transaction, feed: str | None = None) -> bytes:
    """The rows that cannot be used, of one *feed* or of all, as CSV (UTF-8 with its mark).

    No cell is a formula: what feeds tell comes from outside, and goes into spreadsheets.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in feeds.problems(tx, MOST, feed):
        cells = (each.feed, each.source, each.row, each.field, each.reason)
        writer.writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _shown(tx: Transaction, feed: FeedSettings) -> FeedShown:
    state = feeds.state(tx, feed.name)
    ignored = {
        name for file in feeds.sources(tx, feed.name) for name in file.ignored_columns.split(", ")
    }
    return FeedShown(
        name=feed.name,
        kind=feed.kind.value,
        how=feed.how,
        source=feed.path or feed.url.partition("?")[0],
        heard=state.heard,
        used=state.used,
        unused=state.unused,
        open_problems=feeds.problem_count(tx, feed.name),
        problem=state.problem,
        ignored_columns=sorted(ignored - {""}),
    )
