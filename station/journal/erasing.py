"""What the journal says about erasing: the permission first, the deed after it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select, update

from evidence.clip import ClipState
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.digests import Digests
from evidence.erase_proof import EraseProof
from ingest.source import FileKey
from station.journal import tables
from station.journal.pages import Page

OWED = (ClipState.ARCHIVED.value, ClipState.RELEASED.value)


def owed(page: Page, docking: str) -> frozenset[str]:
    """Clips of this docking that are archived with a receipt: their files here may be erased."""
    clip, seen = tables.clip.c, tables.seen.c
    rows = page.db.scalars(
        select(clip.id)
        .join(tables.seen, seen.clip == clip.id)
        .where(seen.docking == docking, clip.state.in_(OWED), clip.receipt, ~clip.stopped)
    )
    return frozenset(rows)


def released(page: Page, clip: str, docking: str, proof: EraseProof) -> int:
    """The clip's file at this docking may be erased, on *proof*; number of the entry."""
    number = page.write(
        EntryKind.CLIP_RELEASED,
        clip,
        ClipState.RELEASED,
        docking=docking,
        **proof.digests.to_wire(),
        size=proof.file.size,
        archive_clip=proof.clip,
        archive_entry=proof.archived_entry,
        grant=proof.grant_entry,
        checkpoint_size=proof.checkpoint_size,
        witnesses=proof.witnesses,
        lock_until=stamp(proof.lock_until),
    )
    held, path = tables.erasure.c, proof.file.path
    if not page.db.scalar(select(held.clip).where(held.docking == docking, held.path == path)):
        page.db.execute(insert(tables.erasure).values(docking=docking, path=path, clip=clip))
    page.db.execute(
        update(tables.erasure)
        .where(held.docking == docking, held.path == path)
        .values(clip=clip, done=False)
    )
    return number


def erased(page: Page, docking: str, path: bytes, how: str) -> None:
    """The file at *path* is gone from its card; safe to repeat.

    *how*: ``erased``, ``unsynced`` (it is not certain that the card kept the removal), or
    ``found-gone``.
    """
    held = tables.erasure.c
    clip = page.db.scalar(
        select(held.clip).where(held.docking == docking, held.path == path, ~held.done)
    )
    if clip is None:
        return
    page.write(EntryKind.ERASE_DONE, clip, docking=docking, how=how)
    page.db.execute(
        update(tables.erasure).where(held.docking == docking, held.path == path).values(done=True)
    )


def found_gone(page: Page, docking: str, here: Collection[bytes]) -> None:
    """Files that were let go at this *docking*, and are not among those *here*, are erased.

    So a crash between the deed and its entry costs nothing but this word: ``found-gone``.  Of a
    docking that has ended nothing is said: another card may stand there by now.
    """
    held = tables.erasure.c
    rows = page.db.scalars(select(held.path).where(held.docking == docking, ~held.done)).all()
    for path in rows:
        if path not in here:
            erased(page, docking, path, "found-gone")


def refused(page: Page, clip: str, docking: str, fact: int | None, problem: str) -> None:
    """Nothing was erased, since *fact* was missing, or (None) the card does not let files go.

    *problem* is for people here, not for the log.
    """
    reason = "card" if fact is None else None
    page.write(EntryKind.ERASE_REFUSED, clip, docking=docking, fact=fact, reason=reason)
    page.db.execute(update(tables.clip).where(tables.clip.c.id == clip).values(problem=problem))


def differs(page: Page, clip: str, key: FileKey, found: Digests, docking: str) -> None:
    """The file with this *key* is not *clip*: read whole, it holds the bytes *found*.

    It is nobody's from now on, so it is found anew and pulled as a clip of its own.
    """
    page.write(EntryKind.ERASE_REFUSED, clip, None, docking=docking, fact=2, **found.to_wire())
    held, seen = tables.sighting.c, tables.seen.c
    page.db.execute(
        update(tables.sighting)
        .where(
            held.clip == clip,
            held.serial == key.serial,
            held.size == key.size,
            held.mtime_ns == key.mtime_ns,
            held.head == key.head.hex,
        )
        .values(mistaken=True)
    )
    page.db.execute(delete(tables.seen).where(seen.docking == docking, seen.clip == clip))
