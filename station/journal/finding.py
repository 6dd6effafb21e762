"""From a file on a card to a clip of the journal: is it known, is it new, is it another's twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select, update

from evidence.clip import ClipClass, ClipState, new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.names import shown
from ingest.source import FileKey
from station.claims import Told
from station.journal import cameras, reading, tables
from station.journal.committing import commitments
from station.journal.pages import Page
from station.journal.records import ClipRecord, Finding, Openings


def known(page: Page, what: Finding) -> str | None:
    """The clip that this file is by its key, or an unfinished one that it may continue.

    A clip whose row is gone is none: its file is found anew.
    """
    sighting, key = tables.sighting.c, what.key
    by_key = page.db.scalars(
        select(sighting.clip)
        .join(tables.clip, tables.clip.c.id == sighting.clip)
        .where(
            sighting.camera == key.camera,
            sighting.serial == key.serial,
            sighting.path == key.path,
            sighting.size == key.size,
            sighting.mtime_ns == key.mtime_ns,
            sighting.head == key.head.hex,
            ~sighting.mistaken,
        )
    ).all()
    return _first_so(page, by_key, what) or _first_so(page, _begun(page, what), what)


def _first_so(page: Page, clips: Sequence[str], what: Finding) -> str | None:
    return next((clip for clip in clips if _handed_in_so(page, clip, what)), None)


def _handed_in_so(page: Page, clip: str, what: Finding) -> bool:
    """Whether *clip* may be what is handed in now, by what was said of it.

    Until its bytes are known, the record of an import must not name somebody else's word for them.
    """
    if what.handed_in is None or reading.clip(page.db, clip).state is not ClipState.FOUND:
        return True
    held = reading.openings(page.db, clip)
    return all(
        (None if name not in held else held[name].value.decode("utf-8")) == said
        for name, said in what.handed_in.facts.items()
    )


def _begun(page: Page, what: Finding) -> Sequence[str]:
    """Unfinished clips of this camera and path: nothing is kept of them, or they began like this.

    Size or time differ, since the card was copied or the file grew; the pull compares bytes and
    starts anew where they differ.
    """
    if what.clip_class is ClipClass.REFUSED:
        return ()
    clip, sighting = tables.clip.c, tables.sighting.c
    alike = select(sighting.clip).where(sighting.head == what.key.head.hex)
    return page.db.scalars(
        select(clip.id)
        .where(clip.camera == what.key.camera, clip.path == what.key.path)
        .where(clip.state == ClipState.FOUND.value, clip.same_as.is_(None), ~clip.stopped)
        .where(clip.clip_class != ClipClass.REFUSED.value)
        .where((clip.got == 0) | clip.id.in_(alike))
    ).all()


def add(page: Page, what: Finding) -> str:
    """A new clip, with its openings and its entry."""
    new = new_id("c")
    offset = _offset(page, what)
    openings = _openings(what)
    refused = what.clip_class is ClipClass.REFUSED
    number = page.write(
        EntryKind.CLIP_REFUSED if refused else EntryKind.CLIP_FOUND,
        new,
        ClipState.FOUND,
        docking=what.docking,
        size=what.key.size,
        reason=what.reason,
        profile=what.profile,
        important=what.claims.important or None,
        clock_offset_ms=offset,
        camera_told=what.claims.camera_told.value,
        officer_told=what.claims.officer_told.value if what.claims.officer_told else None,
        acquisition=what.acquisition.value,
        commitments=commitments(openings),
        **{"class": what.clip_class.value},
    )
    columns = {"id": new, "by_entry": number, "clock_offset_ms": offset, **_columns(what)}
    page.db.execute(insert(tables.clip).values(**columns))
    for name, held in openings.items():
        page.db.execute(
            insert(tables.opening).values(clip=new, name=name, value=held.value, salt=held.salt)
        )
    note_seen(page, what.docking, new)
    return new


def note_sighting(page: Page, what: Finding, clip: str) -> None:
    """Remember under which key, and in which folder, *clip* was seen."""
    values = {
        "clip": clip,
        "folder": what.folder,
        "camera": what.key.camera,
        "serial": what.key.serial,
        "path": what.key.path,
        "size": what.key.size,
        "mtime_ns": what.key.mtime_ns,
        "head": what.key.head.hex,
    }
    columns = tables.sighting.c
    same = [columns[name] == value for name, value in values.items()]
    same.append(~columns.mistaken)
    if page.db.scalar(select(columns.id).where(*same)) is None:
        page.db.execute(insert(tables.sighting).values(**values))
    waiting = tables.clip.c
    page.db.execute(
        update(tables.clip)
        .where(waiting.id == clip, waiting.state == ClipState.FOUND.value)
        .where(waiting.size != what.key.size)
        .values(size=what.key.size)
    )


def settle_key(page: Page, clip: str, key: FileKey) -> None:
    """The bytes of *clip* are those of the file with this *key*: forget its other keys."""
    held = tables.sighting.c
    page.db.execute(
        delete(tables.sighting)
        .where(held.clip == clip)
        .where(
            (held.size != key.size)
            | (held.mtime_ns != key.mtime_ns)
            | (held.head != key.head.hex)
            | (held.serial != key.serial)
        )
    )


def note_seen(page: Page, docking: str, clip: str) -> bool:
    """Remember that *clip* was seen at this docking; whether that is news."""
    held = tables.seen.c
    if page.db.scalar(select(held.clip).where(held.docking == docking, held.clip == clip)):
        return False
    page.db.execute(insert(tables.seen).values(docking=docking, clip=clip))
    return True


def given(openings: Openings) -> str | None:
    """The digest that the giver of a clip with these *openings* named, if one was."""
    held = openings.get("import_sha256")
    return None if held is None else held.value.decode("ascii")


def namesakes(page: Page, held: ClipRecord) -> list[ClipRecord]:
    """Other clips of the same camera and path whose digest is known."""
    clip = tables.clip.c
    rows = page.db.scalars(
        select(clip.id).where(
            clip.camera == held.camera,
            clip.path == held.path,
            clip.sha256.is_not(None),
            clip.id != held.id,
        )
    )
    return [reading.clip(page.db, other) for other in rows.all()]


def merge(page: Page, clip: str, into: str) -> None:
    """*clip* proved to be the known clip *into*: its sightings are that clip's from now on."""
    page.write(EntryKind.DOCK_SEEN, into, how="digest", found_as=clip)
    for docking in page.db.scalars(
        select(tables.seen.c.docking).where(tables.seen.c.clip == clip)
    ).all():
        note_seen(page, docking, into)
    page.db.execute(update(tables.sighting).where(tables.sighting.c.clip == clip).values(clip=into))
    page.db.execute(update(tables.clip).where(tables.clip.c.id == clip).values(same_as=into))


def _offset(page: Page, what: Finding) -> int | None:
    """How far the clock was off that wrote the file's times, as heard at this very docking.

    A later one tells nothing of it: the clock may have been set in between.
    """
    named = None if what.claims.camera_told is Told.FOLDER else what.claims.camera
    return cameras.offset_of(page, what.docking, named)


def _openings(what: Finding) -> Openings:
    claims = what.claims
    values: dict[str, bytes | str | None] = {
        "path": what.key.path,
        "camera": claims.camera,
        "officer": claims.officer,
        "started": None if claims.started is None else stamp(claims.started),
        **({} if what.handed_in is None else what.handed_in.facts),
    }
    return {name: Opening.fresh(value) for name, value in values.items() if value is not None}


def _columns(what: Finding) -> Mapping[str, object]:
    return {
        "state": ClipState.FOUND.value,
        "clip_class": what.clip_class.value,
        "camera": what.key.camera,
        "path": what.key.path,
        "size": what.key.size,
        "profile": what.profile,
        "officer": what.claims.officer,
        "started": None if what.claims.started is None else stamp(what.claims.started),
        "important": what.claims.important,
        "problem": what.problem,
        "acquisition": what.acquisition.value,
    }


def alarm(held: ClipRecord, others: list[ClipRecord], wrong: str | None) -> str | None:
    """What a person should look at; *wrong*: the digest its giver named, which it has not."""
    told = []
    if wrong is not None:
        told.append(f"its giver says that {shown(held.path)} has SHA-256 {wrong}: it has another")
    if others:
        names = ", ".join(other.name for other in others)
        told.append(
            f"camera {held.camera} gave other bytes under the name {shown(held.path)} before"
            f" ({names}): both are kept"
        )
    return "; ".join(told) or None
