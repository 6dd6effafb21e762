"""Figures for others, in which no officer appears: counts by unit or period, with who is behind.

Who is behind a row is needed to see whether it may be told, and goes no further: see
:mod:`evidence.statistics.suppression`.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import CTE, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.statistics import Asked, facts, key_of
from evidence.statistics.periods import By
from evidence.statistics.suppression import Row, Told, suppress
from evidence.statistics.verdicts import CLIP_MEASURES, COUNTED, Measure

_UNKNOWN = "-"
"""Name of the row of what no unit is known of."""


def told(tx: Transaction, asked: Asked, k: int) -> Told:
    """The counts of *asked*, less what officers could be made out by.

    ValueError for figures by officer, for those of one officer or unit, which could be taken from
    those of all, and for *k* under 3.
    """
    if asked.by is By.OFFICER or asked.officer is not None or asked.without:
        raise ValueError("figures for others tell no officer apart: name unit, month or week")
    if asked.unit is not None:
        raise ValueError("figures for others are of all units: those of one tell what these hide")
    cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
    officers: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    clips, incidents = facts(asked)
    for found, measures in ((clips, CLIP_MEASURES), (incidents, (Measure.COVERAGE,))):
        for measure in measures:
            for key, officer, verdict, count in _counts(tx, found, asked, measure):
                row = _UNKNOWN if key is None else str(key)
                if verdict not in COUNTED:
                    continue
                cell = f"{measure.value}_{verdict}"
                cells[row][cell] += count
                if officer is not None:
                    officers[row][cell].add(officer)
    names = [f"{measure.value}_{each.value}" for measure in Measure for each in COUNTED]
    return suppress(
        [
            Row(
                name=row,
                cells={name: cells[row][name] for name in names},
                officers={name: frozenset(officers[row][name]) for name in names},
            )
            for row in sorted(cells)
        ],
        k,
    )


def _counts(
    tx: Transaction, found: CTE, asked: Asked, measure: Measure
) -> list[tuple[str | None, str | None, str, int]]:
    """Group, officer, verdict, and how often."""
    key = key_of(found, asked).label("key")
    verdict = found.c[measure.value].label("verdict")
    rows = select(key, found.c.officer_key, verdict, func.count()).group_by(
        key, found.c.officer_key, verdict
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.session.execute(rows)]
