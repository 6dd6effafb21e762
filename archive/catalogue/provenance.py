"""Where a clip's rendition comes from, as entries of the log: the links of one chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from archive.catalogue import judged
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow, EntryRow, RenditionRow
from evidence.custody import Entry, EntryKind
from evidence.errors import NotKnown

_READ = frozenset({EntryKind.CLIP_PULLED.value, EntryKind.CLIP_VERIFIED.value})


class Link(StrEnum):
    """What an entry tells of the way from the camera to the reader."""

    DOCK = "dock"
    """A station's act: the digest of what it read from the camera."""
    ARCHIVE = "archive"
    """The digest of what was read back from the vault, its version and lock."""
    COMPARED = "compared"
    """What the archive found when it compared the rendition with the original."""
    DERIVED = "derived"
    """The objects of the rendition, and the root over its segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One link and the entry that tells it."""

    link: Link
    index: int
    raw: bytes


def of_clip(tx: Transaction, clip: str) -> list[Told]:
    """The links there are, in the order of :class:`Link`; NotKnown without the clip."""
    original, made = tx.session.get(ClipRow, clip), tx.session.get(RenditionRow, clip)
    if original is None:
        raise NotKnown(f"there is no archived clip {clip}")
    places = {
        Link.DOCK: _read_at_the_dock(tx, clip),
        Link.ARCHIVE: original.archived_entry,
        Link.COMPARED: judged.newest(tx, clip),
        Link.DERIVED: None if made is None else made.by_entry,
    }
    return [
        Told(link=link, index=index, raw=tx.session.get_one(EntryRow, index).raw)
        for link, index in places.items()
        if index is not None
    ]


def _read_at_the_dock(tx: Transaction, clip: str) -> int | None:
    """The first act of a station that tells the digest of what it read."""
    acts = tx.session.scalars(
        select(EntryRow)
        .where(EntryRow.clip == clip, EntryRow.kind == EntryKind.STATION_ACT.value)
        .order_by(EntryRow.seq)
    )
    for row in acts:
        act = json.loads(str(Entry(row.raw).fields["act"]))
        if act["kind"] in _READ and "sha256" in act:
            return row.seq
    return None
