"""What a disposal, or a shorter date, rests on besides the clip's own entries: for packages.

One rule: the same rules that later judge say what they need (:mod:`evidence.trails`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow
from evidence.trails import KINDS, MATTERS, Trails

_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliedOn:
    """Entries and files that a package holds beside those of its clips."""

    entries: tuple[int, ...]
    """Log indexes, in order; none with the whole log."""
    packs: tuple[str, ...]
    """SHA-256 of law packs and rule sets."""


def relied_on(tx: Transaction, clips: Sequence[str], size: int, *, is_whole: bool) -> ReliedOn:
    """What a package of *clips*, or of all, rests on below *size*."""
    trails = Trails(pack=lambda _: None)
    for row in tx.session.scalars(
        select(EntryRow)
        .where(EntryRow.kind.in_(KINDS), EntryRow.clip.is_(None), EntryRow.seq < size)
        .order_by(EntryRow.seq)
    ):
        trails.hear(row.seq, row.raw)
    entries: set[int] = set()
    for some in [] if is_whole else _parts(clips):
        about = _mattering(tx, some, size)
        entries.update(index for index, _ in trails.of(about).beside)
    packs = {
        each.digests.sha256: None for index, each in trails.packs() if is_whole or index in entries
    }
    return ReliedOn(entries=tuple(sorted(entries)), packs=tuple(packs))


def _mattering(tx: Transaction, clips: Sequence[str], size: int) -> list[tuple[int, bytes]]:
    """The entries about *clips* for which there is anything to work out."""
    rows = tx.session.execute(
        select(EntryRow.seq, EntryRow.raw)
        .where(EntryRow.clip.in_(clips), EntryRow.kind.in_(MATTERS), EntryRow.seq < size)
        .order_by(EntryRow.seq)
    )
    return [(seq, raw) for seq, raw in rows]


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE)]
