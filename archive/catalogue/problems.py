"""What a person in charge should look at, from every subject that knows of any."""

from __future__ import annotations

from archive.catalogue import feeds, jobs, judged, leases, offers, releases
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
    """Those, and problems with what is brought in and done in the background."""
    return [*of_evidence(tx), *map(str, feeds.problems(tx, MOST)), *jobs.problems(tx)]
