"""What is selected, read from the record at one moment.

One rule: clips, entries and censuses are read in one transaction.  A census that is taken between
two of them would be in the log and in no statement, and the package would be false.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from archive.catalogue import censuses, entries, exports, filings, opened
from archive.catalogue.catalogue import Transaction
from archive.catalogue.censuses import Arrival
from archive.catalogue.censuses import Taken as TakenCensus
from archive.catalogue.exports import Taken
from archive.catalogue.filings import Filing
from archive.export.completeness import of_day
from archive.openings import AT_ONCE, of_row
from evidence.names import folded
from evidence.openings import Openings
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
    opened: tuple[Openings, ...]
    """With all clips: what opens the entries that no manifest opens; of a case: those of its
    documents and dossiers."""
    exports: tuple[str, ...]
    """With all clips: digests of the records of the exports before."""
    filings: tuple[Filing, ...]
    """With all clips, and of a case: documents and versions of dossiers."""


def read(
    tx: Transaction,
    selection: Selection,
    *,
    minutes: int,
    with_renditions: bool,
    counted_at: Collection[int] = (),
) -> Read:
    """*selection* as it is now.  NotKnown if it names what is not there, or holds nothing.

    Of an officer's day there may be no clip, nor of a case with a document or a dossier.  Where no
    census says when a day begins, it does *minutes* before that of UTC.  *counted_at* are the log
    indexes that censuses count among the clips of that day: whose clip was disposed of, no row
    tells any more.
    """
    counted: list[TakenCensus] = []
    if selection.kind in {"officer-day", "all"}:
        counted = censuses.of_all(tx)
    if selection.kind == "officer-day":
        selection = _officers_day(tx, selection, counted, minutes)
        gone = exports.gone(tx, counted_at)
        selection = msgspec.structs.replace(selection, clips=[*selection.clips, *gone])
    is_all, filed = selection.kind == "all", _filed(tx, selection)
    taken = exports.take(tx, selection, with_renditions=with_renditions, may_be_bare=bool(filed))
    opens = _opened(tx, taken.size) if is_all else map(of_row, filings.opening(tx, filed))
    return Read(
        selection=selection,
        taken=taken,
        censuses=tuple(each for each in counted if each.entry < taken.size),
        arrivals=censuses.arrivals(tx, 0, taken.size) if is_all else (),
        opened=tuple(opens),
        exports=tuple(exports.records(tx, taken.size)) if is_all else (),
        filings=tuple(filed),
    )


def _filed(tx: Transaction, selection: Selection) -> list[Filing]:
    size = entries.count(tx)
    if selection.kind == "case":
        return filings.of_case(tx, selection.subject or "", size)
    return filings.of_all(tx, size) if selection.kind == "all" else []


def _opened(tx: Transaction, size: int) -> Iterator[Openings]:
    """What opens entries below *size* and is in no manifest."""
    after = -1
    while (part := opened.since(tx, after, size, AT_ONCE)).through > after:
        yield from map(of_row, part.found)
        after = part.through


def _officers_day(
    tx: Transaction, selection: Selection, counted: Sequence[TakenCensus], minutes: int
) -> Selection:
    """The selection with the clips of that officer's day; there may be none."""
    officer, day = folded(selection.subject or ""), selection.day or ""
    found = of_day(exports.aged(tx, officer), day, counted, minutes)
    return msgspec.structs.replace(selection, subject=officer, clips=found)
