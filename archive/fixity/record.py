"""The catalogue's rows, read so that one that cannot be read is named and hides no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive.catalogue import stored
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.stored import Row
from archive.fixity import ROWS, Finding, Step
from evidence.errors import TemporaryError

_KEYS = {
    "clip": ("id",),
    "rendition": ("clip",),
    "derived": ("clip", "name"),
    "look": ("clip",),
    "link": ("clip", "incident"),
    "copy": ("clip",),
    "legal_hold": ("clip", "vault", "version_id"),
    "journal": ("station", "number"),
    "station": ("id",),
    "person": ("id",),
    "incident": ("id",),
    "view_reason": ("entry",),
    "hold": ("id",),
    "closing": ("id",),
    "proposal": ("id",),
    "police_case": ("id",),
    "case_incident": ("case_id", "number"),
    "duty": ("id",),
    "assignment": ("id",),
    "stay": ("id",),
    "feed_key": ("id",),
    "draw": ("id",),
    "review": ("id",),
    "sheet": ("id",),
    "finding": ("id",),
    "finding_act": ("id",),
    "case_clip": ("id",),
    "document": ("id",),
    "document_view": ("id",),
    "dossier": ("id",),
    "case_export": ("id",),
    "excuse": ("id",),
    "marker": ("id",),
    "choice": ("id",),
    "outage": ("id",),
}
_STEPS = {"entry": Step.LOG, "clip": Step.CLIPS}


class Record:
    """Reads rows; what cannot be read becomes a finding."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    async def size(self) -> int:
        """How many entries the catalogue says there are."""
        return await self.catalogue.run(stored.last_entry) + 1

    async def entries(self, first: int, end: int) -> tuple[Mapping[int, Row], list[Finding]]:
        """Entry rows by their number, and what was found about those that cannot be read."""
        try:
            rows = await self.catalogue.run(stored.entries, first, end)
        except TemporaryError as error:
            if end - first == 1:
                return {}, [await self._unreadable("entry", f"entry {first}", error)]
            middle = (first + end) // 2
            low, of_low = await self.entries(first, middle)
            high, of_high = await self.entries(middle, end)
            return {**low, **high}, of_low + of_high
        return {int(str(row["seq"])): row for row in rows}, []

    async def entries_about(self, clips: Sequence[str]) -> list[Row]:
        """Those entry rows about *clips* that can be read; the others were found in their turn."""
        try:
            return await self.catalogue.run(stored.of, "entry", "clip", clips)
        except TemporaryError:
            numbers = await self.catalogue.run(stored.numbers_about, clips)
        each = [await self.entries(number, number + 1) for number in numbers]
        return [row for rows, _told_before in each for row in rows.values()]

    async def rows(
        self, table: str, column: str, values: Sequence[object]
    ) -> tuple[list[Row], list[Finding]]:
        """Rows of *table* with one of *values* in *column*; likewise."""
        try:
            return await self.catalogue.run(stored.of, table, column, values), []
        except TemporaryError as error:
            if len(values) == 1:
                return [], [await self._unreadable(table, f"{column} {values[0]}", error)]
            half = len(values) // 2
            low, of_low = await self.rows(table, column, values[:half])
            high, of_high = await self.rows(table, column, values[half:])
            return [*low, *high], of_low + of_high

    async def keys(
        self, table: str, column: str, wanted: Sequence[object]
    ) -> tuple[list[object], list[Finding]]:
        """What stands in *column* of *table*; without those that cannot be read, the *wanted*."""
        try:
            return await self.catalogue.run(stored.keys, table, column), []
        except TemporaryError as error:
            return list(wanted), [await self._unreadable(table, "(one of them)", error)]

    async def _unreadable(self, table: str, subject: str, error: TemporaryError) -> Finding:
        """That one row cannot be read; TemporaryError if the database answers nothing at all."""
        await self.size()
        return Finding(
            step=_STEPS.get(table, Step.ROWS),
            component=ROWS[table],
            subject=subject,
            problem=f"cannot be read: {error}",
        )


def subject_of(table: str, row: Row) -> str:
    """What people call *row* of *table*."""
    return " ".join(str(row[column]) for column in _KEYS[table])
