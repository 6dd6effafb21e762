"""What the journal says about changes: what is written to cameras beside their clocks.

One rule: that a change begins is on record before its first byte, so that one that was cut off is
told from one that never began.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from evidence.clip import ClipClass, ClipState
from evidence.custody import EntryKind
from station.change import Change, Lack, LastDocking, Outcome
from station.heard import Heard
from station.journal import tables
from station.journal.committing import commitments, opened, sealed
from station.journal.pages import Page
from station.journal.records import ChangeRecord

BEGUN, DONE, FAILED, REFUSED = "begun", "done", "failed", "refused"


def begun(page: Page, change: Change, heard: Heard, port: str) -> None:
    """*change* is about to be written to the camera that was *heard* at *port*."""
    _add(page, change, heard, port)


def refused(page: Page, change: Change, heard: Heard, port: str, lack: Lack) -> None:
    """Nothing of *change* was written, since a fact was missing."""
    _add(page, change, heard, port, lack)


def ended(page: Page, change: str, outcome: Outcome) -> None:
    """What came of a change that was to begin; safe to repeat."""
    held = tables.change
    how = DONE if outcome.done else FAILED if outcome.began else REFUSED
    row = page.db.execute(select(held).where(held.c.id == change)).one()
    if row.how != BEGUN:
        return
    page.write(
        EntryKind.CAMERA_CHANGE,
        None,
        change=change,
        what=row.what,
        how=how,
        read_back=outcome.read_back or None,
    )
    values = {"how": how, "problem": outcome.problem or None}
    page.db.execute(update(held).where(held.c.id == change).values(**values))


def last_change(page: Page, camera: str) -> ChangeRecord | None:
    """The last change of this camera, whatever came of it."""
    held = tables.change
    rows = select(held).where(held.c.camera == camera).order_by(held.c.number.desc()).limit(1)
    row = page.db.execute(rows).first()
    if row is None:
        return None
    return ChangeRecord(id=row.id, what=row.what, words=row.words, how=row.how, problem=row.problem)


def last_docking(page: Page, camera: str) -> LastDocking | None:
    """How the last docking went at which this camera was heard; None if it never was.

    Its files that were seen since then, at dockings where nobody knows that it was this camera,
    count as those of that docking: they may be on its card still.
    """
    stood, held = tables.docking, tables.heard
    rows = page.db.execute(
        select(stood.c.id, stood.c.docked, stood.c.undocked, held.c.told)
        .join(held, stood.c.heard == held.c.id)
        .order_by(stood.c.docked.desc())
    )
    for row in rows:
        if msgspec.json.decode(row.told, type=Heard).camera == camera:
            since = and_(stood.c.docked > row.docked, tables.clip.c.camera == camera)
            return _went(page, camera, row.undocked, stood.c.id == row.id, since)
    return None


def _went(
    page: Page,
    camera: str,
    ended: str | None,
    then: ColumnElement[bool],
    since: ColumnElement[bool],
) -> LastDocking:
    """How the docking went that is meant by *then*, with what was seen *since*."""
    clip, seen, gone = tables.clip.c, tables.seen.c, tables.erasure.c
    seen_at = tables.clip.join(tables.seen, seen.clip == clip.id)
    files = (
        select(func.count())
        .select_from(seen_at.join(tables.docking, seen.docking == tables.docking.c.id))
        .where(clip.same_as.is_(None))
    )
    here = files.where(or_(then, since))
    waiting = (
        select(func.count())
        .select_from(tables.clip)
        .where(clip.camera == camera, clip.state == ClipState.FOUND.value, clip.same_as.is_(None))
        .where(clip.clip_class != ClipClass.REFUSED.value)
    )
    erased = exists().where(gone.docking == seen.docking, gone.clip == clip.id, gone.done)
    left = exists().where(gone.docking == seen.docking, gone.clip == clip.id, ~gone.done)

    def none(rows: object) -> bool:
        return page.db.scalar(rows) == 0  # type: ignore[call-overload,no-any-return]

    return LastDocking(
        ended=ended,
        files=page.db.scalar(files.where(then)) or 0,
        waits=not none(waiting),
        all_archived=none(here.where(~clip.receipt | clip.archived.is_(None))),
        all_erased=none(here.where(~erased | left)),
    )


def _add(page: Page, change: Change, heard: Heard, port: str, lack: Lack | None = None) -> None:
    held, supply, how = tables.change, change.supply, BEGUN if lack is None else REFUSED
    if page.db.scalar(select(held.c.id).where(held.c.id == change.id)) is not None:
        return
    officer = None if change.wearer is None else change.wearer.officer
    openings = opened({"camera": heard.camera or None, "officer": officer or None})
    page.write(
        EntryKind.CAMERA_CHANGE,
        None,
        change=change.id,
        what=change.what.value,
        how=how,
        fact=None if lack is None else lack.fact,
        told=heard.id,
        port=port,
        profile=heard.profile,
        sha256=None if supply is None else supply.said.sha256.hex,
        statement=None if supply is None else supply.statement.hex,
        commitments=commitments(openings) or None,
    )
    page.db.execute(
        insert(held).values(
            id=change.id,
            camera=heard.camera or "",
            what=change.what.value,
            words=change.words,
            how=how,
            problem=None if lack is None else lack.words,
            openings=sealed(openings),
        )
    )
