"""What is selected, read from the record at one moment.

One rule: clips, entries and censuses are read in one transaction.  A census that is taken between
two of them would be in the log and in no statement, and the package would be false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from archive.catalogue import censuses, exports
from archive.catalogue.catalogue import Transaction
from archive.catalogue.censuses import Arrival
from archive.catalogue.censuses import Taken as TakenCensus
from archive.catalogue.exports import Taken
from archive.export.completeness import of_day
from evidence.errors import NotKnown
from evidence.names import folded
from evidence.package import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A selection, and all that the record says of it."""

    selection: Selection
    """With an officer's day: with the clips of it, and the officer number folded."""
    taken: Taken
    censuses: tuple[TakenCensus, ...]
    """Those that the package shows; none unless it is of all clips or of an officer's day."""
    arrivals: tuple[Arrival, ...]
    """With all clips: each that came in."""


def read(tx: Transaction, selection: Selection, *, minutes: int, with_renditions: bool) -> Read:
    """*selection* as it is now.  NotKnown if it holds no clip, or names what is not there.

    Where no census says when a day begins, it does *minutes* before that of UTC.
    """
    counted: list[TakenCensus] = []
    if selection.kind in {"officer-day", "all"}:
        counted = censuses.of_all(tx)
    if selection.kind == "officer-day":
        selection = _officers_day(tx, selection, counted, minutes)
    taken = exports.take(tx, selection, with_renditions=with_renditions)
    return Read(
        selection=selection,
        taken=taken,
        censuses=tuple(each for each in counted if each.entry < taken.size),
        arrivals=censuses.arrivals(tx, 0, taken.size) if selection.kind == "all" else (),
    )


def _officers_day(
    tx: Transaction, selection: Selection, counted: Sequence[TakenCensus], minutes: int
) -> Selection:
    """The selection with the clips of that officer's day; NotKnown if there is none."""
    officer, day = folded(selection.subject or ""), selection.day or ""
    found = of_day(exports.aged(tx, officer), day, counted, minutes)
    if not found:
        raise NotKnown(
            f"no clip of officer {officer!r} on {day} is known: there is nothing to export",
            advice="Look at the number and the day (evidock clips); a day begins"
            f" {minutes} minutes before that of UTC ([archive] utc_offset_minutes).",
        )
    return msgspec.structs.replace(selection, subject=officer, clips=found)
