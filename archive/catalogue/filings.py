"""What cases have on file, for packages: documents and versions of dossiers, and what goes along.

One rule: a package of a case holds the entries by which its dossier's items came and went as far as
they are about no clip or about one of its own; of a clip that the case has no more, only the entry
by which it went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from archive.catalogue import opened
from archive.catalogue.case_tables import DocumentRow, DossierRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.opened import Told
from archive.catalogue.tables import EntryRow
from evidence.custody import Entry

_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A document, or one version of a dossier, as it is on record."""

    kind: Literal["document", "dossier"]
    entry: int
    """Log index of its ``document.add`` or ``dossier.made`` entry."""
    sha256: str
    size: int | None
    """Of a document."""


def of_all(tx: Transaction, size: int) -> list[Filing]:
    """Those of every case below log index *size*, by entry."""
    return _found(tx, size, None)


def of_case(tx: Transaction, number: str, size: int) -> list[Filing]:
    """Those of case *number*, likewise."""
    return _found(tx, size, number)


def opening(tx: Transaction, filings: Collection[Filing]) -> list[Told]:
    """What opens their entries: titles, file names, and the number of the case."""
    found: list[Told] = []
    for some in _parts(sorted(each.entry for each in filings)):
        rows = tx.session.execute(
            select(EntryRow.seq, EntryRow.raw).where(EntryRow.seq.in_(some)).order_by(EntryRow.seq)
        )
        found += opened.told(tx, {seq: Entry(raw) for seq, raw in rows})
    return found


def going_along(
    tx: Transaction, named: Collection[int], clips: Collection[str], size: int
) -> list[int]:
    """Those of the entries *named* below *size* that are about no clip or about one of *clips*."""
    theirs, found = set(clips), []
    for some in _parts(sorted(named)):
        rows = select(EntryRow.seq, EntryRow.clip).where(
            EntryRow.seq.in_(some), EntryRow.seq < size
        )
        found += [seq for seq, clip in tx.session.execute(rows) if clip is None or clip in theirs]
    return sorted(found)


def _found(tx: Transaction, size: int, number: str | None) -> list[Filing]:
    documents = select(DocumentRow.by_entry, DocumentRow.sha256, DocumentRow.size).where(
        DocumentRow.by_entry < size, *([] if number is None else [DocumentRow.case_id == number])
    )
    dossiers = select(DossierRow.by_entry, DossierRow.sha256).where(
        DossierRow.by_entry < size, *([] if number is None else [DossierRow.case_id == number])
    )
    found = [
        Filing(kind="document", entry=entry, sha256=sha256, size=of)
        for entry, sha256, of in tx.session.execute(documents)
    ]
    found += [
        Filing(kind="dossier", entry=entry, sha256=sha256, size=None)
        for entry, sha256 in tx.session.execute(dossiers)
    ]
    return sorted(found, key=lambda each: each.entry)


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
