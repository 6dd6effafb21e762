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

    ValueError for figures by officer or of one, and for *k* under 3.
    """
    if asked.by is By.OFFICER or asked.officer is not None or By.OFFICER in asked.without:
        raise ValueError("figures for others tell no officer apart: name unit, month or week")
    cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
    officers: defaultdict[str, set[str]] = defaultdict(set)
    clips, incidents = facts(asked)
    for found, measures in ((clips, CLIP_MEASURES), (incidents, (Measure.COVERAGE,))):
        for measure in measures:
            for key, officer, verdict, count in _counts(tx, found, asked, measure):
                row = _UNKNOWN if key is None else str(key)
                if verdict in COUNTED:
                    cells[row][f"{measure.value}_{verdict}"] += count
                if officer is not None:
                    officers[row].add(officer)
    names = [f"{measure.value}_{verdict.value}" for measure in Measure for verdict in COUNTED]
    return suppress(
        [
            Row(
                name=row,
                cells={name: cells[row][name] for name in names},
                officers=frozenset(officers[row]),
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
