"""Legal holds that nobody asked for: what carries one in a vault, by no record and for no need.

One rule: clips may share an original, so it is asked for all of them.  What must carry one, or does
so by the record, is no difference; what lies between two entries is not either.
"""

from __future__ import annotations

from archive.catalogue import legal_holds
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Which
from archive.fixity import Finding
from archive.fixity.objects import Objects


async def surplus(catalogue: Catalogue, which: Which, objects: Objects) -> list[Finding]:
    """Which of the legal holds that *objects* saw in *which* vault since the last time are such."""
    seen, objects.carrying = objects.carrying, []
    return [
        each.finding
        for each in seen
        if not await catalogue.run(legal_holds.is_wanted, which, each.clip, each.version)
    ]
