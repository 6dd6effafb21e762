"""Until when clips are kept by the record, and the one way in which that is changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from archive.catalogue import closings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.portions import portions
from archive.catalogue.sealed import is_live, live_of
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.law.decision import CaseFact, ClipFacts
from evidence.law.rulebook import Rulebook
from evidence.retention import Retention

DATED = (EntryKind.ARCHIVED.value, EntryKind.RETAINED.value)
"""The entries that say until when a clip is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """How one clip is kept by the record."""

    clip: str
    entry: int
    """Log index of its ``archive.verified`` entry: the order of all clips."""
    facts: ClipFacts
    retention: Retention


def page(tx: Transaction, after: int, most: int) -> Sequence[Retained]:
    """The next *most* clips archived by entries behind *after*, without those that are gone."""
    rows = tx.session.scalars(
        select(ClipRow)
        .where(ClipRow.archived_entry > after, is_live())
        .order_by(ClipRow.archived_entry)
        .limit(most)
    ).all()
    cases = closings.facts(tx, [row.id for row in rows])
    return [
        Retained(
            clip=row.id,
            entry=row.archived_entry,
            facts=facts_of(row, cases.get(row.id, ())),
            retention=Retention(until=unstamp(row.retain_until), rule=row.retain_rule),
        )
        for row in rows
    ]


def facts_of(row: ClipRow, cases: Sequence[CaseFact]) -> ClipFacts:
    """What the rules of a date may look at of the clip in *row*, which is in these *cases*."""
    return ClipFacts(
        archived=unstamp(row.received),
        categories=frozenset((row.categories or "").split()),
        classified=None if row.classified is None else unstamp(row.classified),
        cases=cases,
    )


def as_classified(
    tx: Transaction, row: ClipRow, categories: Collection[str], book: Rulebook, now: datetime
) -> Retention:
    """How *book* would keep the clip in *row*, were it said *now* that it is of *categories*."""
    facts = ClipFacts(
        archived=unstamp(row.received),
        categories=frozenset(categories),
        classified=now,
        cases=closings.facts(tx, [row.id]).get(row.id, ()),
    )
    return book.retention(facts, now)


def follow(tx: Transaction, clips: Sequence[str], book: Rulebook) -> None:
    """Put on record what *book* wants kept for longer of these *clips*, by the facts of now."""
    now = tx.clock.now()
    for some in portions(clips):
        cases = closings.facts(tx, some)
        for clip in live_of(tx, some):
            row = tx.session.get_one(ClipRow, clip)
            kept = book.retention(facts_of(row, cases.get(clip, ())), now)
            if stamp(kept.until) > row.retain_until:
                record(tx, row, kept)
    tx.session.flush()


def tell_anew(
    tx: Transaction, clips: Sequence[str], such: ColumnElement[bool] | None = None
) -> None:
    """See that no notice counts that people were given of the end of *clips*, or *such* of them.

    They are kept until the same date, which is decided anew: whoever reads the log sees, too, that
    people have to be told again before anything is destroyed.
    """
    for some in portions(clips):
        noticed = [ClipRow.id.in_(some), ClipRow.noticed_entry.is_not(None), is_live()]
        if such is not None:
            noticed.append(such)
        for row in tx.session.scalars(select(ClipRow).where(*noticed).order_by(ClipRow.id)).all():
            record(tx, row, Retention(until=unstamp(row.retain_until), rule=row.retain_rule))
    tx.session.flush()


def lengthen(tx: Transaction, found: Sequence[tuple[str, Retention]]) -> None:
    """Put on record that these clips are kept until then; those that are gone are left out.

    ValueError for a date before the one on record: nothing here shortens.
    """
    live = set(live_of(tx, [clip for clip, _ in found]))
    for clip, retention in found:
        if clip not in live:
            continue
        row = tx.session.get_one(ClipRow, clip)
        until = stamp(retention.until)
        if until < row.retain_until:
            raise ValueError(f"clip {clip} is kept until {row.retain_until}, not only {until}")
        record(tx, row, retention)
    tx.session.flush()


def record(
    tx: Transaction,
    row: ClipRow,
    retention: Retention,
    *,
    classified: int | None = None,
    proposal: int | None = None,
) -> None:
    """Put on record how the clip in *row* is kept from now on, whichever date that is.

    People have to be told anew, even if they were told of the same date before.
    *classified* and *proposal*: log indexes of the ``clip.classify`` and ``proposal.make`` entries
    from which it follows.
    """
    until = stamp(retention.until)
    tx.record(
        EntryKind.RETAINED,
        ARCHIVE,
        clip=row.id,
        retain_until=until,
        retain_rule=retention.rule,
        classified=classified,
        proposal=proposal,
    )
    row.retain_until, row.retain_rule, row.noticed_entry = until, retention.rule, None


def publish(tx: Transaction, book: Rulebook) -> None:
    """Put on record by what rules footage is kept from now on, unless that is on record."""
    if published(tx, book) is None:
        tx.record(EntryKind.LAW_PUBLISHED, ARCHIVE, clip=None, **_fields(book))


def published(tx: Transaction, book: Rulebook) -> int | None:
    """Log index of the ``law.publish`` entry in force; None if that is not about *book*."""
    row = tx.session.scalar(
        select(EntryRow)
        .where(EntryRow.kind == EntryKind.LAW_PUBLISHED.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    wanted, held = _fields(book), {} if row is None else Entry(row.raw).fields
    same = {name: held.get(name) for name in wanted} == wanted
    return row.seq if row is not None and same else None


def _fields(book: Rulebook) -> dict[str, object]:
    """What is told of a rulebook: with the packs' files anybody can work out every date."""
    return {
        "law": _named(book.law.reference, book.law.digest.hex),
        "rule_sets": [_named(each.reference, each.digest.hex) for each in book.rule_sets],
        "utc_offset_minutes": round(book.utc_offset.total_seconds() / 60),
        "floor_days": book.at_least.days,
    }


def _named(reference: str, sha256: str) -> dict[str, object]:
    return {"pack": reference, "digests": {"sha256": sha256}}
