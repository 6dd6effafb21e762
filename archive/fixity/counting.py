"""The daily count: is there an original in each vault for every clip that the log knows?

One rule: the vaults are asked for what they list, and not for what we expect; nothing is read.
That the bytes are right is for the rounds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice

from archive.catalogue import counts
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.counts import Place
from archive.catalogue.moves import Which
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, Vault

EVERY = timedelta(days=1)
LOOK_AGAIN = 60.0
_AT_ONCE = 500
NAMED = 20
"""Missing clips that are named; of more only the number is told."""
_log = logging.getLogger(__name__)


class Counting:
    """Counts once a day."""

    def __init__(
        self, catalogue: Catalogue, vaults: Mapping[Which, Vault], clock: Clock, *, agency: str
    ) -> None:
        self._catalogue = catalogue
        self._vaults = vaults
        self._clock = clock
        self._prefix = f"{agency}/"
        self.problems: list[str] = []
        """What was missing at the last count."""
        self.work = Supervised("count of clips", self._step, clock)

    async def start(self) -> None:
        """Begin."""
        self.work.start()

    async def stop(self) -> None:
        """End the work."""
        await self.work.stop()

    async def count_now(self) -> None:
        """Count, name what is missing, and put it on record.

        VaultUnreachable if the first vault does not answer; without the second it is counted alone.
        """
        clips, problems, shown, missing = await self._catalogue.run(counts.by_log), [], {}, 0
        for which, vault in self._vaults.items():
            try:
                shown[which], lacking = await self._shown(which, vault)
            except VaultUnreachable as error:
                if which is Which.FIRST:
                    raise
                problems.append(f"the copies in the second vault were not counted: {error}")
                continue
            missing += len(lacking)
            problems += _named(which, lacking)
        rows = await self._catalogue.run(counts.held, Which.FIRST)
        if rows != clips:
            problems.append(f"the log knows {clips} clips and the catalogue {rows}: run fsck")
        await self._catalogue.run(counts.counted, clips, shown, missing)
        for problem in problems:
            _log.critical("%s", problem)
        self.problems = problems

    async def _shown(self, which: Which, vault: Vault) -> tuple[int, list[str]]:
        """How many clips *vault* shows the original of, and those that it does not."""
        due = await self._catalogue.run(counts.held, which)
        listed, shown = self._listed(vault), 0
        while page := await asyncio.to_thread(lambda: set(islice(listed, _AT_ONCE))):
            shown += await self._catalogue.run(counts.at, page, which)
        # Clips that came in meanwhile may be shown beyond what was due.
        lacking = await self._lacking(which, vault) if shown < due else []
        return max(shown, due - len(lacking)), lacking

    def _listed(self, vault: Vault) -> Iterator[Place]:
        for version in vault.versions(Bucket.ORIGINALS, self._prefix):
            yield version.key, version.version_id

    async def _lacking(self, which: Which, vault: Vault) -> list[str]:
        """The clips whose original is not there, one by one."""
        after, found = "", list[str]()
        while some := await self._catalogue.run(counts.some, which, after, _AT_ONCE):
            for clip, (key, version) in some:
                there = await asyncio.to_thread(vault.find, Bucket.ORIGINALS, key, version)
                found += [clip] if there is None else []
            after = some[-1][0]
        return found

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        last = await self._catalogue.run(counts.last)
        # What was missing before a start is named again.
        again = last is not None and last.missing > 0 and not self.problems
        if last is None or again or self._clock.now() >= last.at + EVERY:
            await self.count_now()


def _named(which: Which, lacking: list[str]) -> list[str]:
    of = "original" if which is Which.FIRST else "copy of the original"
    told = [
        f"count: the {which} vault does not show the {of} of clip {clip}"
        for clip in lacking[:NAMED]
    ]
    if len(lacking) > NAMED:
        told.append(f"count: nor of {len(lacking) - NAMED} more clips")
    return told
