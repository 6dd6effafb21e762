"""An archive put back from a copy of its catalogue and the head its log had.

One rule: nothing is signed here.  The log's files are made anew from the entries and must give the
signed root; what was open (sign-ins, enrolment codes) is closed, since it may have been used since.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from archive.catalogue import closing, database, entries
from archive.catalogue.catalogue import Catalogue
from archive.log.store import TileStore
from archive.restored import RestoredMark
from evidence import durable
from evidence.clock import Clock
from evidence.errors import LogBroken
from evidence.note import Checkpoint
from evidence.settings import Settings
from evidence.tiles import WIDTH, check_growth, grow

_AT_ONCE = 256 * WIDTH


async def put_back(settings: Settings, folder: Path, note: bytes, clock: Clock) -> Checkpoint:
    """Make the archive in *folder*, which holds its catalogue, ready to catch up; its log's head.

    *note* is that head as it was just before the catalogue was copied.  Its signature is seen to
    when the archive is opened.  LogBroken if the entries do not give its root.
    """
    head = Checkpoint.parse(_text_of(note))
    store = TileStore(folder / "log")
    await asyncio.to_thread(RestoredMark(folder).set, clock.now(), head.size)
    catalogue = await Catalogue.opened(database.place(settings.archive, folder), clock)
    try:
        held = await catalogue.run(entries.count)
        if held < head.size:
            raise LogBroken(
                f"the catalogue holds {held} entries, and {head.size} were signed for",
                advice="This copy is not whole: use another backup, or evidock rebuild.",
            )
        for first in range(0, head.size, _AT_ONCE):
            many = min(_AT_ONCE, head.size - first)
            found = await catalogue.run(entries.since, first, many)
            await asyncio.to_thread(_write, store, first, found)
        await asyncio.to_thread(check_growth, 0, head.size, head.root, store.read)
        await asyncio.to_thread(store.publish, note)
        await catalogue.run(closing.close_what_was_open)
    finally:
        await catalogue.close()
    return head


def mark_restored(folder: Path, clock: Clock) -> None:
    """Say that the archive's database was put back by other means."""
    durable.make_folder(folder)
    note = TileStore(folder / "log").read("checkpoint")
    size = 0 if note is None else Checkpoint.parse(_text_of(note)).size
    RestoredMark(folder).set(clock.now(), size)


def _write(store: TileStore, first: int, found: list[bytes]) -> None:
    for tile, data in grow(first, found, store.read):
        store.write(tile, data)


def _text_of(note: bytes) -> str:
    text, blank, _ = note.partition(b"\n\n")
    try:
        return (text + b"\n" if blank else note).decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogBroken(f"the log's head is no text: {error}") from error
