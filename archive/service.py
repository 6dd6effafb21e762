"""The archive as one thing: its parts, wired, started and stopped in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from functools import cached_property
from pathlib import Path
from typing import Self

from aiohttp import web

from archive import books, wiring
from archive.anchoring import anchored
from archive.api import app
from archive.books import SIGNED_WITHIN, Books
from archive.catalogue import encryptions, fixities, hints, judged, problems
from archive.catalogue.leases import Walk
from archive.catalogue.moves import Which
from archive.census import Censuses, CensusRules
from archive.derive.fetch import sweep
from archive.disposal.walking import Standing, Walked
from archive.export.exports import Exports
from archive.export.order import Exported, Order, Progress
from archive.fitness import Fitness
from archive.fixity import Finding
from archive.fixity import Progress as FixityProgress
from archive.fixity.examine import Examined, examine
from archive.fixity.testimony import Testimony
from archive.log.key import statements
from archive.log.timestamps import Stamped
from archive.log.witnesses import Witnesses
from archive.mirroring import LogCopy
from archive.openings import OpeningsKeeper
from archive.parts import ArchiveParts
from archive.rebuild.catching_up import Others
from archive.retaining import Change
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from archive.upkeep import Upkeep
from evidence.anchoring import KeptAnchor
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.errors import EvidenceError
from evidence.law.rulebook import Rulebook
from evidence.rights import Role
from evidence.settings import Settings
from evidence.tiles import WITNESSED
from evidence.vault import Bucket, Lock, LockMode
from evidence.vault.encryption import Encryption, decided
from evidence.wire import ClipDetail, ClipReceipt, FleetPage

#: Seconds between two copies of the log into the vault.
MIRROR_EVERY = 5.0

_log = logging.getLogger(__name__)

__all__ = ["Archive", "ArchiveParts"]


class Archive:
    """A running archive.  Make one with :meth:`running`."""

    def __init__(self, parts: ArchiveParts, held: Books, rules: CensusRules) -> None:
        self._parts = parts
        self._books = held
        self._rulebook = rules.rulebook
        self._censuses = Censuses(held.catalogue, parts.vault, parts.clock, rules)
        self._exports = Exports(held, parts.vault, parts.clock, self._censuses)
        self._watch = ClockWatch(parts.clock)
        self._fitness = Fitness(held.catalogue, parts.clock, self._watch, parts.canary)
        self.upkeep = Upkeep(parts, held, self._watch, self._lease)
        self._leases = wiring.renewer(parts, held, self._watch)
        self._retaining = wiring.retaining(parts, held, rules.rulebook, self._watch)
        self._disposer = wiring.disposer(
            parts, held, rules.rulebook, self._watch, self.upkeep.turns
        )
        self._noticing = wiring.noticing(parts, held, self._watch)
        self.chasing = wiring.chasing(parts, held, self._watch)
        self.accounting = wiring.accounting(parts, held, self._watch)
        self.shortening = wiring.shortening(parts, held, rules.rulebook, self._watch)
        intake = wiring.intake(parts, held, rules.rulebook, self._fitness)
        self.feeds = wiring.feeds(parts, held)
        self.desk = wiring.desk(
            parts,
            held,
            intake,
            self.upkeep,
            going=self._disposer,
            shorter=self.shortening,
            told=self.feeds,
        )
        self._copy = LogCopy(held, parts.vault, self._watch)
        self._openings = OpeningsKeeper(held.catalogue, parts.vault, parts.settings.agency.name)
        self._mirroring = Supervised("log mirror", self._mirror_step, parts.clock)
        self._witnessing = Supervised("witnesses", self._witness_step, parts.clock)
        self._stamping = Supervised("time stamps", held.timestamps.step, parts.clock)
        self._worker = wiring.worker(parts, held)

    @classmethod
    @asynccontextmanager
    async def running(cls, parts: ArchiveParts) -> AsyncIterator[Self]:
        """The archive with all its background work; on leaving, everything committed is signed."""
        async with books.opened(
            parts.settings, parts.folder, parts.clock, parts.hasher, parts.others
        ) as held:
            rules = await asyncio.to_thread(CensusRules.load_or_make, parts.settings, parts.folder)
            archive = cls(parts, held, rules)
            await archive._decide()
            async with AsyncExitStack() as stack:
                await archive._start(stack)
                yield archive

    @staticmethod
    def at_rest(
        settings: Settings, folder: Path, clock: Clock, others: Others | None = None
    ) -> AbstractAsyncContextManager[Books]:
        """The archive's books alone, for a short question; needs no vault.

        What is recorded there is signed for by the next start; at once if *others* are asked.
        """
        return books.opened(settings, folder, clock, others=others)

    async def _decide(self) -> None:
        """See that each vault is encrypted as was decided before its first object."""
        chosen, run = self._parts.settings, self._books.catalogue.run
        bucket = self._parts.vault.bucket_name(Bucket.ORIGINALS)
        await run(encryptions.decide, Which.FIRST, bucket, decided(chosen.vault))
        if (copies_in := self.upkeep.copies_in) is not None:
            wanted = decided(chosen.second_vault, "second_vault")
            await run(encryptions.decide, Which.SECOND, copies_in, wanted)

    async def encryption(self) -> Mapping[Which, Encryption]:
        """How each vault is encrypted, by the record."""
        buckets = {Which.FIRST: self._parts.vault.bucket_name(Bucket.ORIGINALS)}
        if (copies_in := self.upkeep.copies_in) is not None:
            buckets[Which.SECOND] = copies_in
        run = self._books.catalogue.run
        found = {which: await run(encryptions.standing, which, b) for which, b in buckets.items()}
        return {which: each for which, each in found.items() if each is not None}

    async def _start(self, stack: AsyncExitStack) -> None:
        self._mirroring.start()
        stack.push_async_callback(self._mirror_last)
        stack.push_async_callback(self._books.sequencer.stop)
        stack.push_async_callback(self._mirroring.stop)
        if held_by_others := self._books.witnesses.policy.witnesses:
            _log.info("%d witnesses are asked to cosign the log", len(held_by_others))
            self._witnessing.start()
            stack.push_async_callback(self._witnessing.stop)
        if self._books.timestamps.wanted:
            self._stamping.start()
            stack.push_async_callback(self._stamping.stop)
        await self._fitness.start()
        stack.push_async_callback(self._fitness.stop)
        await self.upkeep.start(stack)
        for work in self._walks:
            work.start()
            stack.push_async_callback(work.stop)
        await asyncio.to_thread(sweep, self._parts.scratch)
        if self._worker is not None:
            await self._books.catalogue.run(judged.ask_for_all)
            await self._books.catalogue.run(hints.ask_for_all)
            await self._worker.start()
            stack.push_async_callback(self._worker.stop)
        await self.feeds.start(stack)

    @property
    def _walks(self) -> list[Supervised]:
        """The work that goes by dates."""
        by_law = (self._retaining, self.shortening, self._noticing, self._disposer)
        rest = (self.chasing, self.accounting, self._leases, self._censuses)
        return [each.work for each in (*by_law, *rest)]

    @cached_property
    def app(self) -> web.Application:
        """The HTTP API, to be served by the caller."""
        return app.build(self.desk)

    @property
    def verifier_key(self) -> str:
        """The log's public key as C2SP writes it, for those who check the log."""
        return self._books.verifier_key

    @property
    def valid_keys(self) -> list[str]:
        """The keys that sign the log now, the newest first."""
        return [str(key) for key in self._books.log.keys]

    @property
    def successions(self) -> Sequence[bytes]:
        """The statements by which one key of the log followed another."""
        return statements(self._parts.folder)

    async def enrolment_code(self, name: str) -> str:
        """A code with which one station, called *name*, may enrol within 15 minutes."""
        return await self._books.stations.invite(name)

    async def create_person(
        self, name: str, password: str, role: Role, officer: str | None = None
    ) -> str:
        """The id of a new person called *name*; Refused if somebody is called so already."""
        return await self._books.create_person(name, password, role, officer)

    async def person(self, name: str) -> str | None:
        """The id of the person called *name*; None if nobody is."""
        return await self._books.person(name)

    async def clips(self) -> list[ClipDetail]:
        """Every clip the archive holds, oldest first."""
        return await self._books.clips()

    async def receipt(self, clip: str) -> ClipReceipt:
        """As :meth:`Books.receipt`."""
        return await self._books.receipt(clip)

    async def fleet(self) -> FleetPage:
        """All stations and cameras, as they were last told of."""
        return await self._books.fleet()

    async def record(
        self, kind: EntryKind, by: str, *, clip: str | None = None, **fields: object
    ) -> int:
        """Put an act of the house on record, durable and signed for; its log index."""
        return await self._books.record(kind, by, clip=clip, **fields)

    async def idle(self) -> bool:
        """Whether the work on all that arrived is done, and everything committed is signed for.

        Links are made as things arrive.
        """
        if self._worker is not None and await self._worker.pending():
            return False
        return await self._books.sequencer.behind() == 0

    async def wait_ended(self) -> None:
        """Wait as long as this archive may serve; OfficeLost once another one signs."""
        await self._books.sequencer.tenure.wait_over()

    async def answers(self) -> None:
        """Return once the catalogue has answered a question; TemporaryError if it cannot."""
        await self._books.catalogue.run(fixities.last_archived)

    @property
    def books(self) -> Books:
        """Its books, to be asked."""
        return self._books

    async def examine(self, progress: FixityProgress) -> list[Finding]:
        """Everything in catalogue, vault and log that does not agree; changes nothing of it."""
        # Just started, the vault may hold no copy yet; whatever keeps it from that is found.
        for _ in range(round(SIGNED_WITHIN)):
            if self._copy.is_there.is_set():
                break
            await asyncio.sleep(1)
        what = Examined(
            catalogue=self._books.catalogue,
            read=self._books.log.read,
            key=self._books.signer.key,
            vault=self._parts.vault,
            second=self.upkeep.copies,
            agency=self._parts.settings.agency.name,
            signed_within=SIGNED_WITHIN,
            census_key=self._censuses.rules.secret,
            testimony=await asyncio.to_thread(
                Testimony.of, self._parts.settings, self._parts.folder, self._books.signer.key
            ),
        )
        return await examine(what, progress)

    async def copy_books(self, into: Path) -> bytes:
        """Write a whole copy of the catalogue to the new file *into*; the log's head before it."""
        note = self._books.log.checkpoint()
        await self._books.catalogue.snapshot(into)
        return note

    async def export(self, order: Order, progress: Progress) -> Exported:
        """Take out an evidence package; on record before its first byte leaves."""
        return await self._exports.export(order, progress)

    async def census_now(self) -> int:
        """Count whose clips came in since the last census; the log index of the new one."""
        return await self._censuses.take()

    async def anchor_now(self) -> KeptAnchor:
        """Put roots over the whole log by other hashes on record, and have that signed for."""
        return await anchored(self._books)

    async def prove_vault_now(self) -> None:
        """Let the canary prove the vault now, whenever its turn is."""
        await self._fitness.prove_now()

    async def accept_vault(self) -> None:
        """Believe the vault again after a failed canary, if it passes another one now."""
        await self._fitness.accept()

    async def rule_changes(self, book: Rulebook) -> list[Change]:
        """As :meth:`Books.rule_changes`, now."""
        return await self._books.rule_changes(book, self._parts.clock.now())

    async def apply_rules_now(self) -> int:
        """Publish the law and rule sets and follow them; how many clips are kept for longer."""
        return await self._retaining.apply_now()

    async def renew_leases_now(self) -> Walk:
        """Renew every lease that is due now."""
        return await self._leases.walk_now()

    async def notify_now(self) -> int:
        """Have people told of all clips whose time ends; of how many."""
        return await self._noticing.notify_now()

    async def disposal_standing(self) -> Standing:
        """How disposal stands now."""
        return await self._disposer.standing()

    async def dispose_now(self) -> Walked:
        """Destroy all that may be destroyed now."""
        return await self._disposer.dispose_now()

    async def import_feed_now(self) -> int:
        """Read all feeds now; how many rows were new, other than before or withdrawn."""
        return await self.feeds.take_now()

    async def problems(self) -> list[str]:
        """What a person in charge should look at: refused copies, feed rows, stopped work."""
        works = [
            self._books.sequencer.work,
            self._books.sequencer.tenure.work,
            self._mirroring,
            self._fitness.work,
            *self.upkeep.works,
            self._witnessing,
            self._stamping,
            *self._walks,
            *(each.work for each in self.feeds.works),
        ]
        if self._worker is not None:
            works.append(self._worker.work)
        return [
            *[work.failure for work in works if work.failure is not None],
            *await self.desk.intake.problems(),
            *self.upkeep.problems,
            *await self._leases.problems(),
            *self._disposer.problems,
            *filter(None, [self._noticing.trouble, self.chasing.trouble]),
            *self.accounting.problems,
            *self.shortening.problems,
            *self._books.witnesses.problems(),
            *await self.feeds.problems(),
            *filter(None, [self._books.timestamps.trouble]),
            *(f"not to be had since it was put back: {each}" for each in self._books.not_to_be_had),
            *await self._books.catalogue.run(problems.of_all),
        ]

    async def stamp_now(self) -> Stamped:
        """Have the log's head stamped by the authority of the settings now."""
        log = self._books.log
        return await self._books.timestamps.stamp(log.read(WITNESSED) or log.checkpoint())

    async def resume_log(self) -> str | None:
        """As :meth:`Books.resume_log`."""
        return await self._books.resume_log()

    @property
    def witnesses(self) -> Witnesses:
        """Who else sees how the log grows."""
        return self._books.witnesses

    async def _witness_step(self) -> None:
        await self._books.witnesses.ask_all()
        await asyncio.sleep(self._parts.settings.witnesses.every_seconds)

    async def _mirror_step(self) -> None:
        await self._copy_out()
        await asyncio.sleep(MIRROR_EVERY)

    async def _mirror_last(self) -> None:
        """Copy what was signed last; what does not get there now does at the next start."""
        try:
            await self._copy_out()
        except EvidenceError as error:
            _log.warning("the vault's copy of the log is behind: %s", error)

    async def _copy_out(self) -> None:
        """Into the vault what a rebuild needs: the log, and what its entries only commit to."""
        await asyncio.to_thread(lambda: self._copy.run(self._lease()))
        await self._openings.run(self._books.log.size)

    def _lease(self) -> Lock:
        """The lock of what comes in now."""
        until = self._rulebook.first_lease(self._parts.clock.now())
        return Lock(mode=LockMode.COMPLIANCE, until=until)
