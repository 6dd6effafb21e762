"""What the journal is asked: nothing here changes anything.

One rule: an answer is what stands in the tables at one moment, and never a guess.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from evidence.clock import Clock
from evidence.guards import snapshot
from evidence.wire import ActOpenings, StationAct
from ingest.archive_client import StationKey
from station.assignment import Assignment
from station.change import LastDocking
from station.choosing import OwnClip
from station.forecast import Taken
from station.journal import arrivals, assigning, changes, choosing, dockings, mail, reading
from station.journal.arrivals import Arrived, HandedFile
from station.journal.pages import Page, acts, open_page
from station.journal.records import (
    ChangeRecord,
    ClipRecord,
    DockingRecord,
    ItemRow,
    MailedDocking,
    Openings,
)
from station.view import Totals


class Questions:
    """The questions to the journal of one station.  All block; ask them from one thread."""

    def __init__(self, engine: Engine, key: StationKey, clock: Clock) -> None:
        self._engine = engine
        self._key = key
        self._clock = clock

    def snapshot(self, into: Path) -> None:
        """Write a whole copy of the journal to the new file *into*."""
        snapshot(self._engine, into)

    def clip(self, clip: str) -> ClipRecord:
        with self._page() as page:
            return reading.clip(page.db, clip)

    def openings(self, clip: str) -> Openings:
        """What opens the clip's commitments."""
        with self._page() as page:
            return reading.openings(page.db, clip)

    def travelling(self) -> list[ClipRecord]:
        """Every clip whose journey goes on without its card."""
        with self._page() as page:
            return reading.travelling(page.db)

    def waiting_for_card(self, folder: bytes | None = None) -> list[ClipRecord]:
        """Every clip that is not pulled yet; with *folder*, of the card that stood there last."""
        with self._page() as page:
            return reading.waiting_for_card(page.db, folder)

    def items(self) -> list[ItemRow]:
        """Every file ever seen, in the order in which they were found."""
        with self._page() as page:
            return reading.items(page.db)

    def handed_in(self, slot: bytes, identity: str) -> list[HandedFile]:
        """Every file seen when the import *identity* stood at *slot* last, by path."""
        with self._page() as page:
            return arrivals.handed_in(page.db, slot, identity)

    def arrived(self, slot: bytes, identity: str) -> Arrived:
        """How far the files came that were seen when *identity* stood at *slot* last."""
        with self._page() as page:
            return arrivals.arrived(page.db, slot, identity)

    def paths_of(self, camera: str) -> list[bytes]:
        """The paths of every file that was ever seen of *camera*."""
        with self._page() as page:
            return reading.paths_of(page.db, camera)

    def taken_since(self, since: datetime) -> list[Taken]:
        """What was copied from cards since then, the newest first."""
        with self._page() as page:
            return reading.taken_since(page.db, since)

    def standing_assignments(self) -> list[Assignment]:
        """Who is said to wear which camera now, by camera."""
        with self._page() as page:
            return assigning.standing(page)

    def dockings(self, camera: str | None = None) -> list[DockingRecord]:
        """Every docking (of *camera*) with the record of its continuity, the newest first."""
        with self._page() as page:
            return dockings.records(page, camera)

    def assignments(self, camera: str | None = None) -> list[Assignment]:
        """Every assignment there ever was (of *camera*), the oldest first."""
        with self._page() as page:
            return assigning.history(page, camera)

    def officer_of(self, badge: str) -> str | None:
        """Whose *badge* that is; None: nobody's."""
        with self._page() as page:
            return assigning.officer_of(page, badge)

    def of_officer(self, officer: str, since: datetime) -> list[OwnClip]:
        """The recordings of *officer* of which something became known *since* then."""
        with self._page() as page:
            return choosing.of_officer(page, officer, since)

    def openings_of(self, numbers: Collection[int]) -> list[ActOpenings]:
        """What opens those of these entries of which the archive is to know the words."""
        with self._page() as page:
            return choosing.openings_of(page, numbers)

    def totals(self) -> Totals:
        """How many clips came how far."""
        with self._page() as page:
            return reading.totals(page.db)

    def archived_at(self, docking: str) -> list[ClipRecord] | None:
        """The clips seen at *docking*; None while one of them is not archived with its receipt."""
        with self._page() as page:
            return reading.archived_at(page.db, docking)

    def dockings_since(self, since: datetime) -> list[MailedDocking]:
        """The dockings that stand, or ended *since* then, and what was mailed of each."""
        with self._page() as page:
            return mail.dockings_since(page, since)

    def last_change(self, camera: str) -> ChangeRecord | None:
        """The last thing that was written to this camera, or was to be."""
        with self._page() as page:
            return changes.last_change(page, camera)

    def last_docking(self, camera: str) -> LastDocking | None:
        """How the last docking went at which this camera was heard; None if it never was."""
        with self._page() as page:
            return changes.last_docking(page, camera)

    def last_number(self, clip: str | None = None) -> int:
        """Number of the last entry (about *clip*, if given); 0 if there is none."""
        with self._page() as page:
            return reading.last_number(page.db, clip)

    def acts_after(self, number: int, limit: int) -> list[StationAct]:
        """The entries that follow *number*, at most *limit*, as the station signed them."""
        with self._page() as page:
            return acts(reading.entries_after(page.db, number, limit))

    def _page(self) -> AbstractContextManager[Page]:
        return open_page(self._engine, self._key, self._clock)
