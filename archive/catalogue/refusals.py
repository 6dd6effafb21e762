"""Playback refusals: bytes that a person's player was given and did not show, put on record."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from archive.catalogue import jobs
from archive.catalogue.catalogue import Transaction
from archive.catalogue.jobs import JobKind
from archive.catalogue.tables import DerivedRow, EntryRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.errors import NotKnown
from evidence.wire import PlaybackRefusal

AGAIN = timedelta(hours=1)
"""How long the same refusal, told again, is the one on record already: the log is for ever."""


def refuse(tx: Transaction, person: str, clip: str, told: PlaybackRefusal) -> int:
    """Record what *person*'s player refused of *clip*, and ask for a new comparison; the log index.

    NotKnown if the clip's rendition has no such object.
    """
    if tx.session.get(DerivedRow, (clip, told.object)) is None:
        raise NotKnown(f"clip {clip} has no rendition with an object {told.object}")
    fields: dict[str, object] = {
        "object": told.object,
        "offset": told.offset,
        "length": told.length,
        "received": told.received,
        "expected": {"sha256": told.expected},
        "found": {"sha256": told.found},
    }
    standing = _standing(tx, person, clip, fields)
    if standing is not None:
        return standing
    jobs.put(tx, JobKind.CHECK_RENDITION, clip)
    return tx.record(EntryKind.VIEW_REFUSED, person, clip=clip, **fields)


def _standing(tx: Transaction, person: str, clip: str, fields: dict[str, object]) -> int | None:
    rows = tx.session.scalars(
        select(EntryRow)
        .where(EntryRow.clip == clip, EntryRow.kind == EntryKind.VIEW_REFUSED.value)
        .where(EntryRow.by == person)
        .order_by(EntryRow.seq.desc())
        .limit(64)
    )
    for row in rows:
        told = Entry(row.raw).fields
        if tx.clock.now() - unstamp(str(told["at"])) > AGAIN:
            return None
        if all(told[name] == value for name, value in fields.items()):
            return row.seq
    return None
