"""What people say that a clip is, and what follows for how long it is kept.

One rule: the first word may shorten what was kept only because nobody had spoken; after it, nobody
shortens anything alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from archive.catalogue.catalogue import Transaction
from archive.catalogue.retentions import as_classified, record
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.errors import NotKnown, Refused
from evidence.law.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What a clip is, and until when it is kept by that."""

    clip: str
    categories: tuple[str, ...]
    retain_until: str
    retain_rule: str


def classify(
    tx: Transaction, person: str, clip: str, categories: Collection[str], book: Rulebook
) -> Classified:
    """Put on record that *person* says *clip* is of these *categories* of *book*.

    ValueError if *book* has no such category.  NotKnown without such a clip; OutOfTurn if its
    destruction has begun; Refused if it was classified before and would be kept for less.  Said
    again, nothing is recorded.
    """
    must_be_known(categories, book)
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_be_live(tx, clip)
    said = " ".join(sorted(set(categories)))
    if row.categories != said:
        _follow(tx, row, said, person, book)
    return Classified(
        clip=clip,
        categories=tuple(said.split()),
        retain_until=row.retain_until,
        retain_rule=row.retain_rule,
    )


def must_be_known(categories: Collection[str], book: Rulebook) -> None:
    """ValueError if *book* has no such category, or none is named."""
    known = {name for pack in (book.law, *book.rule_sets) for name in pack.categories}
    if strange := sorted(set(categories) - known):
        there = ", ".join(sorted(known)) or "none"
        raise ValueError(f"there is no category {strange[0][:80]!r}; the rules here know {there}")
    if not categories:
        raise ValueError("no category was named, and nobody can make a clip unclassified again")


def _follow(tx: Transaction, row: ClipRow, said: str, person: str, book: Rulebook) -> None:
    """Record it, and the date that follows; Refused if that may not be."""
    now = tx.clock.now()
    first = row.categories is None
    kept = as_classified(tx, row, said.split(), book, now)
    until = stamp(kept.until)
    if until < row.retain_until and not first:
        raise Refused(
            f"clip {row.id} is kept until {row.retain_until[:10]}; as that it would be kept until"
            f" {until[:10]} only",
            advice="Nobody shortens alone what footage was promised. Name the old categories, too:"
            " of several the longest counts. Or propose it: another person must agree.",
        )
    entry = tx.record(EntryKind.CLASSIFIED, person, clip=row.id, categories=said.split())
    row.categories, row.classified = said, stamp(now)
    if (until, kept.rule) != (row.retain_until, row.retain_rule):
        record(tx, row, kept, classified=entry)
    tx.session.flush()
