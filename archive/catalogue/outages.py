"""Outages: that recorders were known to be down, as people say and other people agree.

As every answer (:mod:`archive.catalogue.answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from archive.catalogue import answers, paging
from archive.catalogue.answers import AnswerKind
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage_tables import OutageRow
from evidence.clip import new_id
from evidence.clock import stamp, unstamp
from evidence.commitment import Opening
from evidence.coverage import OUTAGE_CODES, Down, Outage, RoomTerms
from evidence.custody import EntryKind
from evidence.names import folded
from evidence.wire import OutagePage, OutageShown

LONGEST = timedelta(days=31)
"""What lasts longer is said again: a recorder that is never mended is no outage."""
_KIND = AnswerKind(
    name="outage",
    table=OutageRow,
    agreed=EntryKind.OUTAGE_AGREED,
    ended=EntryKind.OUTAGE_ENDED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageTold:
    """What a person says."""

    what: str
    name: str
    """Of the recorder, or ``recorder/channel``; empty: the area."""
    code: str
    since: datetime
    until: datetime
    reason: str


def say(tx: Transaction, person: str, told: OutageTold, terms: RoomTerms) -> OutageShown:
    """Put on record that recorders were, are or will be down; it waits for another person.

    ValueError naming what is no code, no recorder of the settings, or no span of time.
    """
    if told.code not in OUTAGE_CODES:
        raise ValueError(f"{told.code[:40]!r} is none of {', '.join(OUTAGE_CODES)}")
    if not timedelta(0) < told.until - told.since <= LONGEST:
        raise ValueError(f"since must lie before until, by no more than {LONGEST.days} days")
    if told.what not in {*Down}:
        raise ValueError(f"{told.what[:40]!r} is none of {', '.join(Down)}")
    down = Down(told.what)
    if channels_of(down, told.name, terms.channels) == frozenset():
        raise ValueError(f"[coverage] rooms knows no {down.value} {told.name[:80]!r}")
    name = "" if down is Down.AREA else told.name.strip()
    outage, named, why = new_id("b"), Opening.fresh(name), Opening.fresh(told.reason)
    span = {"since": stamp(told.since), "until": stamp(told.until)}
    facts = {"what": down.value, "code": told.code, **span}
    commitments = {"name": named.commitment.hex, "reason": why.commitment.hex}
    entry = tx.record(
        EntryKind.OUTAGE_SAID, person, outage=outage, commitments=commitments, **facts
    )
    row = OutageRow(
        id=outage,
        by_entry=entry,
        asker=person,
        name=name,
        name_salt=named.salt,
        reason=told.reason,
        reason_salt=why.salt,
        **facts,
    )
    tx.session.add(row)
    tx.session.flush()
    return _shown(tx, row)


def approve(tx: Transaction, person: str, outage: str) -> OutageShown:
    """Put on record that *person* agrees; errors as :func:`answers.open_one` and ``agree``."""
    row = answers.open_one(tx, _KIND, outage)
    answers.agree(tx, _KIND, person, row)
    return _shown(tx, row)


def end(tx: Transaction, person: str, outage: str, reason: str) -> OutageShown:
    """Put on record that it does not count; errors as :func:`answers.open_one`."""
    row = answers.open_one(tx, _KIND, outage)
    answers.end(tx, _KIND, person, row, reason)
    return _shown(tx, row)


def page(tx: Transaction, minutes: int, after: str, most: int) -> OutagePage:
    """The next *most* behind the place *after* (empty: the newest); ValueError if it is none.

    *minutes*: how far the agency's clocks are ahead of UTC.
    """
    wanted: list[ColumnElement[bool]] = []
    if after:
        since, outage = paging.place(after)
        earlier = and_(OutageRow.since == since, OutageRow.id < outage)
        wanted = [or_(OutageRow.since < since, earlier)]
    order = (OutageRow.since.desc(), OutageRow.id.desc())
    rows = tx.session.scalars(
        select(OutageRow).where(*wanted).order_by(*order).limit(most + 1)
    ).all()
    last = rows[most - 1] if len(rows) > most else None
    return OutagePage(
        outages=[_shown(tx, row) for row in rows[:most]],
        utc_offset_minutes=minutes,
        next=None if last is None else paging.cursor((last.since, last.id)),
    )


def between(tx: Transaction, since: datetime, until: datetime) -> dict[str, OutageShown]:
    """Id -> those that touch that time and that nobody ended, the earliest first."""
    rows = tx.session.scalars(
        select(OutageRow)
        .where(
            OutageRow.ended_entry.is_(None),
            OutageRow.since <= stamp(until),
            OutageRow.since >= stamp(since - LONGEST),
            OutageRow.until >= stamp(since),
        )
        .order_by(OutageRow.since, OutageRow.id)
    )
    return {row.id: _shown(tx, row) for row in rows}


def judged_by(shown: OutageShown, channels: Mapping[str, frozenset[str]]) -> Outage:
    """The outage as the rules take it."""
    return Outage(
        outage=shown.id,
        since=unstamp(shown.since),
        until=unstamp(shown.until),
        channels=channels_of(Down(shown.what), shown.name, channels),
        agreed=answers.counts(shown),
    )


def channels_of(
    down: Down, name: str, channels: Mapping[str, frozenset[str]]
) -> frozenset[str] | None:
    """Which of *channels* (of each room) are down; None: the whole area."""
    if down is Down.AREA:
        return None
    key = folded(name)
    every = frozenset[str]().union(*channels.values())
    if down is Down.CHANNEL:
        return every & {key}
    return frozenset(each for each in every if each.partition("/")[0] == key)


def _shown(tx: Transaction, row: OutageRow) -> OutageShown:
    return OutageShown(
        what=row.what, name=row.name, since=row.since, until=row.until, **answers.said(tx, row)
    )
