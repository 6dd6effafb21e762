"""What a person in charge should look at, from every subject that knows of any."""

from __future__ import annotations

from archive.catalogue import (
    draws,
    findings,
    incidents,
    jobs,
    judged,
    leases,
    offers,
    releases,
    reviews,
)
from archive.catalogue.catalogue import Transaction


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
        *incidents.feed_problems(tx),
        *jobs.problems(tx),
        *draws.problems(tx),
        *reviews.problems(tx),
        *findings.problems(tx),
    ]
