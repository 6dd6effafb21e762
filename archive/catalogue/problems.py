"""What a person in charge should look at, from every subject that knows of any."""

from __future__ import annotations

from archive.catalogue import incidents, jobs, judged, leases, offers, releases
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
    """Those, and problems with what is brought in and done in the background."""
    return [*of_evidence(tx), *incidents.feed_problems(tx), *jobs.problems(tx)]
