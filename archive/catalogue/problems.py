"""What a person in charge should look at, from every subject that knows of any."""

from __future__ import annotations

from archive.catalogue import (
    draws,
    feeds,
    findings,
    jobs,
    judged,
    leases,
    offers,
    releases,
    reviews,
)
from archive.catalogue.catalogue import Transaction

MOST = 1000
"""Rows of feeds that could not be used, of those listed here; ``evidock feeds`` tells of all."""


def of_evidence(tx: Transaction) -> list[str]:
    """Problems with what the archive keeps."""
    return [
        *offers.problems(tx),
        *releases.problems(tx),
        *judged.problems(tx),
        *leases.problems(tx),
    ]


def of_all(tx: Transaction) -> list[str]:
    """Those, and with what is brought in, done in the background, drawn and to be answered."""
    return [
        *of_evidence(tx),
        *map(str, feeds.problems(tx, MOST)),
        *jobs.problems(tx),
        *draws.problems(tx),
        *reviews.problems(tx),
        *findings.problems(tx),
    ]
