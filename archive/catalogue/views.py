"""Views: what a person was given to watch, recorded before it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.sealed import is_going, must_not_be_sealed
from archive.catalogue.tables import ClipRow, DerivedRow, ViewReasonRow
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn

THUMBNAIL = "thumbnail.jpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one derived object lies."""

    clip: str
    name: str
    key: str
    version_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A recorded view: its log index and what may be read for it."""

    entry: int
    places: tuple[Place, ...]


def watch(tx: Transaction, person: str, clip: str, reason: str | None) -> View:
    """Record that *person* watches *clip*.

    OutOfTurn if it is sealed, or has no rendition to watch.
    """
    must_not_be_sealed(tx, [clip])
    rows = tx.session.scalars(select(DerivedRow).where(DerivedRow.clip == clip))
    places = _places(rows.all())
    if not places:
        raise OutOfTurn(f"clip {clip} has no rendition to watch")
    opening = None if reason is None else Opening.fresh(reason)
    committed = None if opening is None else {"reason": opening.commitment.hex}
    entry = tx.record(EntryKind.VIEWED, person, clip=clip, commitments=committed)
    if opening is not None and reason is not None:
        tx.session.add(ViewReasonRow(entry=entry, reason=reason, salt=opening.salt))
    return View(entry=entry, places=places)


def glance(tx: Transaction, person: str, clips: Sequence[str]) -> View:
    """Record that *person* sees the thumbnails of *clips*; NotKnown if none has one.

    Those of sealed clips are not shown: a page of clips is not refused for one of them.
    """
    rows = tx.session.scalars(
        select(DerivedRow)
        .join(ClipRow, ClipRow.id == DerivedRow.clip)
        .where(DerivedRow.clip.in_(clips), DerivedRow.name == THUMBNAIL, ~is_going())
    )
    places = _places(rows.all())
    if not places:
        raise NotKnown("none of these clips has a thumbnail")
    seen = sorted(place.clip for place in places)
    return View(entry=tx.record(EntryKind.THUMBNAILS_VIEWED, person, clips=seen), places=places)


def _places(rows: Sequence[DerivedRow]) -> tuple[Place, ...]:
    return tuple(
        Place(clip=row.clip, name=row.name, key=row.key, version_id=row.version_id) for row in rows
    )
