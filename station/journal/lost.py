"""Clips whose row is gone from the journal: what their entries and sightings still tell of them.

One rule: no verb of ours removes a row, and the guards let nobody; so one that is gone is told of
by name, and everything else goes on as if it had never been.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass, ClipState
from evidence.digest import Sha256
from evidence.errors import IntegrityError
from station.journal import tables
from station.journal.records import ItemRow

_TELLS = ("class", "acquisition", "sha256", "size", "archive_clip")
"""What entries say of a clip in the clear, the newest word counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where a clip was seen."""

    clip: str
    camera: str
    folder: bytes
    path: bytes
    size: int


def lost_item(db: Connection, seen: Sighting) -> ItemRow:
    """The file of a clip that has no row: what is not told any more is None, or as it was seen."""
    entry = tables.entry.c
    rows = db.execute(
        select(entry.state, entry.raw).where(entry.clip == seen.clip).order_by(entry.seq)
    ).all()
    states = [str(row.state) for row in rows if row.state is not None]
    told: dict[str, object] = {}
    for row in rows:
        with suppress(msgspec.DecodeError):  # whoever removed a row may have hurt entries, too
            fields = msgspec.json.decode(row.raw, type=dict[str, object])
            told |= {name: fields[name] for name in _TELLS if name in fields}
    digest = told.get("sha256")
    return ItemRow(
        id=str(told.get("archive_clip", seen.clip)),
        camera=seen.camera,
        officer=None,
        folder=seen.folder,
        path=seen.path,
        size=int(str(told.get("size", seen.size))),
        sha256=None if digest is None else Sha256.from_hex(str(digest)),
        state=ClipState(states[-1]) if states else ClipState.FOUND,
        clip_class=ClipClass(str(told.get("class", ClipClass.QUARANTINE.value))),
        acquisition=Acquisition(str(told.get("acquisition", Acquisition.DOCKED.value))),
        receipt=None,
        rendition=None,
        segments=None,
        problem=f"{_gone(seen.clip)}; it has {len(rows)} signed entries. Dock its card again",
    )


def gone(clip: str) -> IntegrityError:
    """What is said to whoever works on *clip* when its row is gone."""
    return IntegrityError(
        _gone(clip),
        advice="Keep the journal as it is, and tell the evidence clerk: its guards were removed or"
        " its file is damaged. Docked again, the file is taken for a new one.",
    )


def _gone(clip: str) -> str:
    return f"the row of clip {clip} is gone from the station's journal"
