"""What the journal holds of assignments and badges.

One rule: a camera has one standing assignment at most, and an ended one is never changed again:
the history is kept.  So it is of badges.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import Row, insert, select, update

from evidence.clip import new_id
from evidence.custody import EntryKind
from station.assignment import Assignment, How
from station.journal import tables
from station.journal.committing import commitments, opened, sealed
from station.journal.pages import Page


def assign(page: Page, camera: str, officer: str, how: How, by: str) -> Assignment:
    """*officer* wears *camera* from now on; ends what stood before.  Safe to repeat."""
    standing = _standing(page, camera)
    if standing is not None:
        if (standing.officer, standing.how) == (officer, how):
            return standing
        _end(page, standing.id)
    new = Assignment(id=new_id("a"), camera=camera, officer=officer, how=how, since=page.now, by=by)
    told = {"camera": camera, "officer": officer, "said_by": by}
    openings = _said(page, EntryKind.CAMERA_ASSIGNED, told, assignment=new.id, how=how.value)
    values = msgspec.to_builtins(new) | {"openings": openings}
    page.db.execute(insert(tables.assignment).values(**values))
    return new


def unassign(page: Page, camera: str, by: str) -> Assignment | None:
    """*by* says that nobody wears *camera* from now on; what stood till now, if anything did."""
    standing = _standing(page, camera)
    if standing is None:
        return None
    openings = _said(page, EntryKind.CAMERA_UNASSIGNED, {"said_by": by}, assignment=standing.id)
    _end(page, standing.id, ended_by=by, end_openings=openings)
    return standing


def came_back(page: Page, docking: str, camera: str) -> Assignment | None:
    """The card of *docking* is *camera*'s: under which assignment it was worn, if under any.

    It is the one that stood when the camera was docked; one that ends at the dock has ended.
    """
    stood = tables.docking.c
    row = page.db.execute(select(stood.docked, stood.assignment).where(stood.id == docking)).one()
    if row.assignment is not None:
        return _one(page, row.assignment)
    held = tables.assignment.c
    worn = page.db.execute(
        select(tables.assignment)
        .where(held.camera == camera, held.since < row.docked)
        .where(held.until.is_(None) | (held.until > row.docked))
    ).first()
    if worn is None:
        return None
    found = _read(worn)
    page.write(EntryKind.CAMERA_RETURNED, None, docking=docking, assignment=found.id)
    page.db.execute(update(tables.docking).where(stood.id == docking).values(assignment=found.id))
    if found.how.ends_at_dock and found.until is None:
        _end(page, found.id)
    return found


def standing(page: Page) -> list[Assignment]:
    """Every assignment that stands now, by camera."""
    held = tables.assignment
    rows = page.db.execute(select(held).where(held.c.until.is_(None)).order_by(held.c.camera))
    return [_read(row) for row in rows]


def history(page: Page, camera: str | None) -> list[Assignment]:
    """Every assignment there ever was (of *camera*), the oldest first."""
    held = tables.assignment
    asked = select(held).order_by(held.c.since, held.c.id)
    rows = page.db.execute(asked if camera is None else asked.where(held.c.camera == camera))
    return [_read(row) for row in rows]


def give_badge(page: Page, number: str, officer: str, by: str) -> None:
    """*by* says that badge *number* is *officer*'s from now on; ends whose it was.

    Safe to repeat.
    """
    if officer_of(page, number) == officer:
        return
    _end_badge(page, number)
    told = {"badge": number, "officer": officer, "said_by": by}
    openings = _said(page, EntryKind.BADGE_GIVEN, told)
    values = {"number": number, "officer": officer, "given": page.now, "openings": openings}
    page.db.execute(insert(tables.badge).values(**values))


def take_badge(page: Page, number: str, by: str) -> bool:
    """*by* says that badge *number* is nobody's any more; whether it was somebody's."""
    if officer_of(page, number) is None:
        return False
    openings = _said(page, EntryKind.BADGE_TAKEN, {"badge": number, "said_by": by})
    return _end_badge(page, number, end_openings=openings)


def officer_of(page: Page, number: str) -> str | None:
    """Whose badge *number* is."""
    held = tables.badge.c
    return page.db.scalar(select(held.officer).where(held.number == number, held.ended.is_(None)))


def _standing(page: Page, camera: str) -> Assignment | None:
    held = tables.assignment
    row = page.db.execute(
        select(held).where(held.c.camera == camera, held.c.until.is_(None))
    ).first()
    return None if row is None else _read(row)


def _one(page: Page, assignment: str) -> Assignment:
    held = tables.assignment
    return _read(page.db.execute(select(held).where(held.c.id == assignment)).one())


def _end(page: Page, assignment: str, **values: object) -> None:
    held = tables.assignment
    ended = {"until": page.now, **values}
    page.db.execute(update(held).where(held.c.id == assignment).values(**ended))


def _end_badge(page: Page, number: str, **values: object) -> bool:
    """Badge *number* is nobody's any more; whether it was somebody's."""
    held = tables.badge
    standing = update(held).where(held.c.number == number, held.c.ended.is_(None))
    return page.db.execute(standing.values(ended=page.now, **values)).rowcount > 0


def _said(page: Page, kind: EntryKind, words: Mapping[str, str], **more: str) -> bytes:
    """Write that somebody said *words*, which the entry commits to; what opens that, as JSON."""
    openings = opened(words)
    page.write(kind, None, None, commitments=commitments(openings), **more)
    return sealed(openings)


def _read(row: Row[*tuple[object, ...]]) -> Assignment:
    return msgspec.convert(row, Assignment, from_attributes=True)
