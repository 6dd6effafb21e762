"""What a station knows while it does not run: its journal, asked where it lies.

One rule: the caller holds the home's lock, so nobody writes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.clock import Clock
from evidence.note import VerifierKey
from station.assignment import Assignment
from station.enrol import pinned_log_key, stored_key
from station.journal.journal import FILE, Journal
from station.journal.records import DockingRecord, ItemRow


def stored_items(folder: Path, clock: Clock) -> list[ItemRow]:
    """Every file ever seen, from the journal in *folder* while no station runs there.  Blocks."""
    with _stored_journal(folder, clock) as journal:
        return [] if journal is None else journal.items()


def stored_assignments(folder: Path, camera: str | None, clock: Clock) -> list[Assignment]:
    """Who wore which *camera* (None: any) when, the same way.  Blocks."""
    with _stored_journal(folder, clock) as journal:
        return [] if journal is None else journal.assignments(camera)


def stored_public_key(folder: Path) -> VerifierKey | None:
    """The log's key that the station in *folder* trusts; None if no station ever enrolled there."""
    return None if stored_key(folder) is None else pinned_log_key(folder)


def stored_dockings(folder: Path, camera: str | None, clock: Clock) -> list[DockingRecord]:
    """Every docking (of *camera*) with its record, the same way.  Blocks."""
    with _stored_journal(folder, clock) as journal:
        return [] if journal is None else journal.dockings(camera)


@contextmanager
def _stored_journal(folder: Path, clock: Clock) -> Iterator[Journal | None]:
    """The journal in *folder*; None if no station ever worked there."""
    key = stored_key(folder)
    if key is None or not (folder / FILE).exists():
        yield None
        return
    journal = Journal.open(folder / FILE, key, clock)
    try:
        yield journal
    finally:
        journal.close()
