"""What the journal holds of calls for a supervisor.

One rule: a place has one open call at most; it stays open until somebody answers it.
A call is no act on evidence, so it has no custody entry.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select, update

from station.journal import tables
from station.journal.pages import Page

STATION = ""
"""The place of a call to the station as a whole."""


def call(page: Page, place: str) -> None:
    """Somebody calls a supervisor to *place*; safe to repeat."""
    if place not in open_calls(page):
        page.db.execute(insert(tables.call).values(place=place, called=page.now))


def answer(page: Page, place: str | None, by: str) -> list[str]:
    """*by* answers the call at *place*, or (None) all; the places that were open till now."""
    open_now = [each for each in open_calls(page) if place is None or each == place]
    held = tables.call.c
    page.db.execute(
        update(tables.call)
        .where(held.answered.is_(None), held.place.in_(open_now))
        .values(answered=page.now, answered_by=by)
    )
    return open_now


def open_calls(page: Page) -> Mapping[str, str]:
    """Place -> when it was called, of every call that nobody has answered."""
    held = tables.call.c
    rows = select(held.place, held.called).where(held.answered.is_(None)).order_by(held.id)
    return {row.place: row.called for row in page.db.execute(rows)}
