"""Openings of what no clip's manifest opens, kept in the vault: incidents, views, people.

One rule: an object here is never locked, since it holds names; whoever removes it forgets them, and
the log stays whole.  ``evidock rebuild`` takes from here what entries only commit to.  What goes
with a clip is kept in its turn (:mod:`archive.turns`), and not once the clip's destruction began.
"""

from __future__ import annotations

import asyncio

from archive.catalogue import opened, sealed
from archive.catalogue.catalogue import Catalogue
from archive.originals import Bytes, see_same
from archive.turns import Turns, openings_of, to_its_end
from evidence.digest import Sha256
from evidence.openings import Openings
from evidence.vault import Bucket, Vault

AT_ONCE = 200
PREFIX = "{agency}/openings/"
"""Where they lie in ``records``."""


def key_of(agency: str, entry: int) -> str:
    """Where the openings of *entry* lie in ``records``."""
    return f"{PREFIX.format(agency=agency)}{entry}.json"


def of_row(told: opened.Told) -> Openings:
    """What is kept of what a row tells."""
    return Openings(entry=told.entry, openings=told.openings, columns=told.columns)


class OpeningsKeeper:
    """Copies openings from the catalogue into a vault, in the order of the log.

    How far it is, is kept under the name of its *work*: each vault has one of its own.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        vault: Vault,
        agency: str,
        turns: Turns,
        *,
        work: str = opened.WORK,
    ) -> None:
        self._work = work
        self._turns = turns
        self._catalogue = catalogue
        self._vault = vault
        self._agency = agency

    async def run(self, size: int) -> int:
        """Copy what the first *size* entries commit to and is not copied yet; how many it were.

        Killed on the way, it begins again where it was; an object may then have two versions that
        are equal.
        """
        kept = 0
        while True:
            after = await self._catalogue.run(opened.through, self._work)
            part = await self._catalogue.run(opened.since, after, size, AT_ONCE)
            if part.through <= after:
                return kept
            for each in part.found:
                kept += await self._keep(each)
            await self._catalogue.run(opened.reached, part.through, self._work)

    async def _keep(self, told: opened.Told) -> bool:
        """Store what is *told*; False, and nothing is, if it went with its clip or is going."""
        if told.clip is None:
            await asyncio.to_thread(self._put, told)
            return True
        async with self._turns.at(openings_of(told.clip)):
            if not await self._catalogue.run(sealed.live_of, [told.clip]):
                return False
            await to_its_end(self._put, told)
            return True

    def _put(self, told: opened.Told) -> None:
        data = of_row(told).to_bytes()
        stored = self._vault.put(
            Bucket.RECORDS,
            key_of(self._agency, told.entry),
            data,
            content_type="application/json",
        )
        see_same(self._vault, stored, Bytes(sha256=Sha256.of(data), size=len(data)))
