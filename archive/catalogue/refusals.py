"""Playback refusals: bytes that a person's player was given and did not show, put on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from sqlalchemy import select

from archive.catalogue import jobs
from archive.catalogue.catalogue import Transaction
from archive.catalogue.jobs import JobKind
from archive.catalogue.judged import Part
from archive.catalogue.tables import DerivedRow, EntryRow, RenditionRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.wire import PlaybackRefusal

AGAIN = timedelta(hours=1)
"""How long the same refusal, told again, is the one on record already: the log is for ever."""


MOST = 100
"""So many of one person about one clip are taken within that time: ``found`` may be anything."""


def recorded(tx: Transaction, clip: str) -> Mapping[str, Part]:
    """The objects of the clip's rendition by name, with the digests of its ``derive`` entry."""
    made = tx.session.get(RenditionRow, clip)
    if made is None:
        return {}
    raw = tx.session.get_one(EntryRow, made.by_entry).raw
    told = msgspec.json.decode(raw, type=_Made).objects
    rows = tx.session.scalars(select(DerivedRow).where(DerivedRow.clip == clip))
    return {
        row.name: Part(
            name=row.name,
            key=row.key,
            version_id=row.version_id,
            size=row.size,
            sha256=Sha256.from_hex(told[row.name].sha256),
        )
        for row in rows
        if row.name in told
    }


def refuse(tx: Transaction, person: str, clip: str, told: PlaybackRefusal) -> int | None:
    """Record what *person*'s player refused of *clip*, and ask for a new comparison; the log index.

    The entry that stands already if it is told again, None if there are too many.
    """
    fields: dict[str, object] = {
        "object": told.object,
        "offset": told.offset,
        "length": told.length,
        "received": told.received,
        "expected": {"sha256": told.expected},
        "found": {"sha256": told.found},
    }
    standing = _standing(tx, person, clip)
    for seq, held in standing:
        if all(held[name] == value for name, value in fields.items()):
            return seq
    if len(standing) == MOST:
        return None
    jobs.put(tx, JobKind.CHECK_RENDITION, clip)
    return tx.record(EntryKind.VIEW_REFUSED, person, clip=clip, **fields)


def _standing(tx: Transaction, person: str, clip: str) -> list[tuple[int, Mapping[str, object]]]:
    """The refusals of *person* about *clip* within AGAIN, newest first, at most MOST."""
    rows = tx.session.scalars(
        select(EntryRow)
        .where(EntryRow.clip == clip, EntryRow.kind == EntryKind.VIEW_REFUSED.value)
        .where(EntryRow.by == person)
        .order_by(EntryRow.seq.desc())
        .limit(MOST)
    )
    told = [(row.seq, Entry(row.raw).fields) for row in rows]
    return [each for each in told if tx.clock.now() - unstamp(str(each[1]["at"])) <= AGAIN]


class _Digest(msgspec.Struct, frozen=True):
    sha256: str


class _Made(msgspec.Struct, frozen=True):
    """What is read of a ``derive`` entry."""

    objects: dict[str, _Digest]
