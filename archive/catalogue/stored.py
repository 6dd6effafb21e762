"""Rows as they stand in the database, for whoever holds them against the log.

Nothing here interprets: a row is a map from column to value, whatever was done to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlalchemy.sql import Select

from archive.catalogue.case_tables import (
    CaseClipRow,
    CaseExportRow,
    DocumentRow,
    DocumentViewRow,
    DossierRow,
)
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.coverage_tables import ExcuseRow, OutageRow
from archive.catalogue.feed_tables import (
    AssignmentRow,
    CaseIncidentRow,
    CaseRow,
    DutyRow,
    FeedKeyRow,
    StayRow,
)
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.review_tables import (
    DrawRow,
    FindingActRow,
    FindingRow,
    ReviewRow,
    SheetRow,
)
from archive.catalogue.tables import (
    ClipRow,
    ClosingRow,
    CopyRow,
    DerivedRow,
    EntryRow,
    HoldRow,
    IncidentRow,
    JournalRow,
    LegalHoldRow,
    LinkRow,
    LookRow,
    OfferRow,
    PersonRow,
    ProposalRow,
    RejectedRow,
    RenditionRow,
    StationRow,
    Table,
    ViewReasonRow,
)

Row = Mapping[str, object]

TABLES: Mapping[str, type[Table]] = {
    table.__tablename__: table
    for table in (
        EntryRow,
        ClipRow,
        RenditionRow,
        DerivedRow,
        LookRow,
        LinkRow,
        CopyRow,
        LegalHoldRow,
        JournalRow,
        StationRow,
        IncidentRow,
        PersonRow,
        ViewReasonRow,
        HoldRow,
        ClosingRow,
        ProposalRow,
        CaseRow,
        CaseIncidentRow,
        DutyRow,
        AssignmentRow,
        StayRow,
        FeedKeyRow,
        DrawRow,
        ReviewRow,
        SheetRow,
        FindingRow,
        FindingActRow,
        CaseClipRow,
        DocumentRow,
        DocumentViewRow,
        DossierRow,
        CaseExportRow,
        ExcuseRow,
        MarkerRow,
        ChoiceRow,
        OutageRow,
    )
}
"""Every table whose rows the log binds, wholly or in part."""


def entries(tx: Transaction, first: int, end: int) -> list[Row]:
    """The entry rows from log index *first* to *end*, exclusive, in order."""
    return _all(tx, select(_table("entry")).where(EntryRow.seq >= first, EntryRow.seq < end))


def numbers_about(tx: Transaction, clips: Sequence[str]) -> list[int]:
    """The log indexes of the entry rows about *clips*, in order."""
    about = select(EntryRow.seq).where(EntryRow.clip.in_(clips)).order_by(EntryRow.seq)
    return list(tx.session.scalars(about))


def last_entry(tx: Transaction) -> int:
    """The highest number of an entry row; -1 without any."""
    found = tx.session.scalar(select(func.max(EntryRow.seq)))
    return -1 if found is None else found


def gapless(tx: Transaction, entries: int) -> bool:
    """Whether there is a row for each of the first so many *entries*."""
    held = select(func.count()).select_from(EntryRow).where(EntryRow.seq < entries)
    return tx.session.scalar(held) == entries


def of(tx: Transaction, table: str, column: str, values: Sequence[object]) -> list[Row]:
    """The rows of *table* that hold one of *values* in *column*, ordered by their primary key."""
    held = _table(table)
    return _all(tx, select(held).where(held.c[column].in_(values)))


def keys(tx: Transaction, table: str, column: str) -> list[object]:
    """Everything that stands in *column* of *table*, in order."""
    held = _table(table).c[column]
    return list(tx.session.scalars(select(held).order_by(held)))


def count(tx: Transaction, table: str) -> int:
    """How many rows *table* has."""
    return tx.session.scalar(select(func.count()).select_from(_table(table))) or 0


def rejected(tx: Transaction, versions: Sequence[str]) -> set[str]:
    """Those of *versions* that were read back and are known not to be what their key says."""
    found = select(RejectedRow.version_id).where(RejectedRow.version_id.in_(versions))
    return set(tx.session.scalars(found))


def offered_digests(tx: Transaction) -> set[str]:
    """The digests of clips that are on their way in: their objects may be there already."""
    return set(tx.session.scalars(select(OfferRow.sha256)))


def _table(name: str) -> SqlTable:
    return cast("SqlTable", TABLES[name].__table__)


def _all(tx: Transaction, wanted: Select[tuple[object, ...]]) -> list[Row]:
    (held,) = wanted.get_final_froms()
    key = cast("SqlTable", held).primary_key.columns
    return list(_mappings(tx, wanted.order_by(*key)))


def _mappings(tx: Transaction, wanted: Select[tuple[object, ...]]) -> Iterator[Row]:
    for row in tx.session.execute(wanted).mappings():
        yield dict(row)
