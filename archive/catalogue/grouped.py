"""The cameras of one event: derived from its links whenever somebody asks."""

from __future__ import annotations

from sqlalchemy import exists, select

from archive.catalogue import linkable
from archive.catalogue.catalogue import Transaction
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clip import FOOTAGE
from evidence.clock import stamp
from evidence.errors import NotKnown
from evidence.linking import groups
from evidence.wire import EventGroups, GroupedClip


def of_event(tx: Transaction, event: str) -> EventGroups:
    """The clips of *event* (its number) that several cameras saw; NotKnown without it."""
    if not tx.session.scalar(select(exists().where(IncidentRow.number == event))):
        raise NotKnown(f"there is no event {event[:80]!r}")
    linked = (
        select(LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(IncidentRow.number == event, IncidentRow.withdrawn_entry.is_(None), counts())
    )
    found = linkable.clips(tx, ClipRow.id.in_(linked), ClipRow.clip_class.in_(sorted(FOOTAGE)))
    rows = tx.session.execute(
        select(ClipRow.id, ClipRow.camera, ClipRow.officer).where(ClipRow.id.in_(linked))
    )
    names = {clip: (camera, officer) for clip, camera, officer in rows}
    return EventGroups(
        event=event,
        groups=[
            [
                GroupedClip(
                    clip=each.clip,
                    camera=names[each.clip][0],
                    officer=names[each.clip][1],
                    begins=stamp(each.begin),
                )
                for each in group
            ]
            for group in groups(found)
        ],
    )
