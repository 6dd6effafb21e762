"""The care for what the vaults hold: read again and again, held, copied, counted and mended.

One rule: every part has work of its own, so that a second vault which is away holds up neither
intake nor the rounds of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from archive.books import Books
from archive.catalogue.moves import Which
from archive.copies import Side
from archive.copies.proven import Means
from archive.copies.records import RecordCopies
from archive.copies.repairing import Repairs
from archive.copies.replicating import CopyRules, Replication
from archive.fixity.counting import Counting
from archive.fixity.pace import Pace
from archive.fixity.rounds import How, Mend, Rounds, nobody_mends
from archive.legal_holds import LegalHolds, Looked
from archive.mirroring import LogCopy
from archive.parts import ArchiveParts
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from archive.turns import Turns
from evidence.digests import maker_if
from evidence.vault import Bucket, Lock, Vault


class Upkeep:
    """What keeps evidence whole; :attr:`second` is None without a second vault."""

    def __init__(
        self, parts: ArchiveParts, held: Books, watch: ClockWatch, lease: Callable[[], Lock]
    ) -> None:
        self.turns = Turns()
        """Between whoever copies, repairs and destroys."""
        self._repairs: Repairs | None = None
        self._second = None if parts.second is None else parts.second.vault
        self.second: Replication | None = None
        mend: Mend = nobody_mends
        vaults = {Which.FIRST: parts.vault}
        if parts.second is not None:
            vaults[Which.SECOND] = parts.second.vault
            means = replace(_means(parts, held, watch, parts.second), turns=self.turns)
            self._repairs = Repairs(means)
            mend = self._repairs.mend
            copy = LogCopy(held, parts.second.vault, watch, read_back=True)
            records = RecordCopies(means=means, copy_log=copy.run, lease=lease)
            wanted = parts.settings.second_vault
            rules = CopyRules(
                behind=timedelta(hours=wanted.behind_hours),
                records=records,
                parallel=wanted.parallel_copies,
            )
            self.second = Replication(means, rules)
        agency = parts.settings.agency.name
        self.rounds: Mapping[Which, Rounds] = {
            how.which: Rounds(held.catalogue, vaults[how.which], parts.clock, how, agency=agency)
            for how in _hows(parts, list(vaults), mend)
        }
        self.legal_holds: Mapping[Which, LegalHolds] = {
            which: LegalHolds(
                catalogue=held.catalogue,
                vault=vault,
                which=which,
                clock=parts.clock,
                agency=agency,
            )
            for which, vault in vaults.items()
        }
        self.counting = Counting(held.catalogue, vaults, parts.clock, agency=agency)

    async def start(self, stack: AsyncExitStack) -> None:
        """Begin; *stack* ends it, the newest first."""
        for each in self.rounds.values():
            await each.start()
            stack.push_async_callback(each.stop)
        for legal_holds in self.legal_holds.values():
            legal_holds.work.start()
            stack.push_async_callback(legal_holds.work.stop)
        await self.counting.start()
        stack.push_async_callback(self.counting.stop)
        if self.second is not None:
            self.second.work.start()
            stack.push_async_callback(self.second.stop)

    @property
    def works(self) -> list[Supervised]:
        """The background work of it."""
        works = [each.work for each in self.rounds.values()]
        works += [each.work for each in self.legal_holds.values()]
        return [*works, self.counting.work, *([self.second.work] if self.second else [])]

    @property
    def problems(self) -> list[str]:
        """What a person in charge should look at."""
        wrong = {clip for each in self.rounds.values() for clip in each.wrong}
        return [
            *([] if self._repairs is None else self._repairs.problems(wrong)),
            *(problem for each in self.rounds.values() for problem in each.problems),
            *(problem for each in self.legal_holds.values() for problem in each.problems),
            *self.counting.problems,
            *([] if self.second is None else self.second.problems),
        ]

    async def look_now(self) -> int:
        """Look at the originals whose turn it is now; how many clips these were."""
        return await self.rounds[Which.FIRST].share_now()

    async def set_legal_holds_now(self) -> Mapping[Which, Looked]:
        """Bring the legal holds in each vault in step with the record."""
        return {which: await each.look_now() for which, each in self.legal_holds.items()}

    @property
    def copies(self) -> Vault | None:
        """The second vault, if there is one."""
        return self._second

    @property
    def copies_in(self) -> str | None:
        """What the second store calls the bucket of originals; None without a second vault."""
        if self._second is None:
            return None
        return self._second.bucket_name(Bucket.ORIGINALS)


def _hows(parts: ArchiveParts, vaults: Sequence[Which], mend: Mend) -> Sequence[How]:
    """How rounds go, of each of the *vaults*; their reading is limited together."""
    chosen = parts.settings.archive
    pace = Pace(parts.clock, chosen.fixity_mb_per_second)
    first = maker_if(chosen.also_sm3, "[archive] also_sm3 is true")
    return [
        How(
            which=which,
            days=chosen.fixity_days,
            pace=pace,
            mend=mend,
            sm3=first if which is Which.FIRST else None,
        )
        for which in vaults
    ]


def _means(parts: ArchiveParts, held: Books, watch: ClockWatch, second: Side) -> Means:
    return Means(
        catalogue=held.catalogue,
        log=held.log,
        sides={Which.FIRST: Side(vault=parts.vault, send=parts.send), Which.SECOND: second},
        clock=parts.clock,
        watch=watch,
        agency=parts.settings.agency.name,
    )
