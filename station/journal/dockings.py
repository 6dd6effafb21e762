"""What the journal says about dockings: cards that came, what stood on them, and that they left."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlalchemy import ColumnElement, func, insert, literal_column, select, update

from evidence.clip import new_id
from evidence.commitment import check_opening
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.names import shown
from station.continuity import CardState, Continuity, Departure
from station.heard import Heard
from station.journal import cameras, tables
from station.journal.arrivals import of_docking
from station.journal.committing import commitments, opened, sealed, unsealed
from station.journal.pages import Page
from station.journal.records import Docking, DockingRecord


def docked(page: Page, folder: bytes, identity: str, heard: Heard | None) -> Docking:
    """The docking of the card *identity* in *folder*: the one that goes on, or a new one."""
    held = tables.docking
    standing = select(held).where(held.c.folder == folder, held.c.undocked.is_(None))
    for docking in page.db.execute(standing).all():
        if docking.identity == identity:
            known = cameras.heard_of(page, docking.id)
            return Docking(id=docking.id, continued=True, docked=docking.docked, heard=known)
        ended(page, docking.id, Departure.UNSEEN, Continuity())
    new = new_id("d")
    page.db.execute(insert(held).values(id=new, folder=folder, identity=identity, docked=page.now))
    if heard is not None:
        cameras.joined(page, heard, new)
    return Docking(id=new, continued=False, docked=page.now, heard=heard)


def begun(page: Page, docking: str, before: CardState, profile: str, camera: str | None) -> None:
    """What stood on the card when it was listed first; safe to repeat, and then the first stays."""
    held = tables.docking
    row = page.db.execute(select(held.c.begun, held.c.heard).where(held.c.id == docking)).one()
    if row.begun is not None:
        return
    openings = opened({"camera": camera, "listing": before.listing})
    number = page.write(
        EntryKind.DOCK_BEGUN,
        None,
        docking=docking,
        told=row.heard,
        profile=profile,
        files=before.files,
        size=before.size,
        commitments=commitments(openings),
    )
    _set(page, docking, begun=number, begin_openings=sealed(openings))


def ended(page: Page, docking: str, how: Departure, last: Continuity) -> None:
    """The card has left; once.  *last*: what is known of it, nothing if nobody saw it leave."""
    held = tables.docking.c
    row = page.db.execute(
        select(held.begun, held.heard, held.undocked, held.docked).where(held.id == docking)
    ).one()
    if row.undocked is not None:
        return
    heard = last.heard or cameras.heard_of(page, docking)
    openings = opened(
        {
            "camera": last.camera,
            "firmware": None if heard is None else heard.firmware,
            "listing": None if last.after is None else last.after.listing,
            "gaps": "\n".join(last.gaps) or None,
        }
    )
    files = of_docking(page.db, docking)
    number = page.write(
        EntryKind.DOCK_ENDED,
        None,
        None,
        docking=docking,
        how=how.value,
        began=row.docked,
        begin=row.begun,
        told=row.heard,
        profile=last.profile or None,
        **({} if heard is None else _told_by(heard)),
        files=None if last.after is None else last.after.files,
        size=None if last.after is None else last.after.size,
        seen=files.files,
        archived=files.archived,
        refused=files.refused,
        lacking=files.lacking,
        erased=_erased(page, docking),
        gaps=None if last.after is None else len(last.gaps),
        commitments=commitments(openings) or None,
    )
    _set(page, docking, undocked=page.now, ended=number, end_openings=sealed(openings))


def _told_by(heard: Heard) -> dict[str, object]:
    """What a camera told of its charge and its clock, as fields of an entry."""
    return {
        "battery": heard.battery,
        "clock_offset_ms": heard.offset_ms,
        "clock_within_ms": None if heard.clock is None else heard.clock.within_ms,
        "clock_set": heard.was_set or None,
    }


def all_but_left(page: Page, folders: Collection[bytes]) -> None:
    """Of all cards that stood here, only those in *folders* still do."""
    held = tables.docking.c
    gone: ColumnElement[bool] = held.folder.not_in(folders)
    for docking in page.db.scalars(select(held.id).where(held.undocked.is_(None), gone)).all():
        ended(page, docking, Departure.UNSEEN, Continuity())


def records(page: Page, camera: str | None) -> list[DockingRecord]:
    """Every docking (of *camera*) with its record, the newest first.

    DigestMismatch if an opening does not open what its entry commits to.
    """
    held = tables.docking
    first, last = tables.entry.alias("first"), tables.entry.alias("last")
    rows = page.db.execute(
        select(held, first.c.raw.label("first_raw"), last.c.raw.label("last_raw"))
        .outerjoin(first, first.c.seq == held.c.begun)
        .outerjoin(last, last.c.seq == held.c.ended)
        .order_by(literal_column("docking.rowid").desc())
    ).all()
    found = [
        DockingRecord(
            docking=row.id,
            slot=shown(row.folder),
            docked=row.docked,
            undocked=row.undocked,
            begin=_fields(row.first_raw),
            end=_fields(row.last_raw),
            begin_words=_words(row.first_raw, row.begin_openings),
            end_words=_words(row.last_raw, row.end_openings),
        )
        for row in rows
    ]
    return [each for each in found if camera in {None, each.camera}]


def _fields(raw: bytes | None) -> dict[str, object] | None:
    return None if raw is None else dict(Entry(raw).fields)


def _words(raw: bytes | None, sealed_: bytes | None) -> dict[str, str]:
    """What is committed to in the entry *raw*, in the clear."""
    committed = cast("dict[str, str]", (_fields(raw) or {}).get("commitments", {}))
    openings = unsealed(sealed_)
    for name, digest in committed.items():
        check_opening(name, openings[name], Sha256.from_hex(digest))
    return {name: openings[name].value.decode("utf-8") for name in committed}


def _erased(page: Page, docking: str) -> int:
    """Files of the docking that are known to be gone from the card."""
    held = tables.erasure.c
    where = held.docking == docking, held.done
    return page.db.scalar(select(func.count()).select_from(tables.erasure).where(*where)) or 0


def _set(page: Page, docking: str, **values: object) -> None:
    held = tables.docking
    page.db.execute(update(held).where(held.c.id == docking).values(**values))
