"""The archive's books: catalogue, log and the accounts kept in them.  No vault is needed here.

They may be opened alone, to be asked or added to while nothing else of the archive runs.  One rule:
only books that somebody was asked about sign.  In those opened alone an act is recorded and waits,
for the next start or whoever opens them with the vault: they may be an old copy.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from archive.before_signing import BeforeSigning
from archive.catalogue import clips, database, fleet, shown
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.fixity import Finding
from archive.log import key
from archive.log.log import Log
from archive.log.store import TileStore
from archive.log.timestamps import Timestamps
from archive.log.witnesses import Witnesses
from archive.people import People
from archive.rebuild.catching_up import Others
from archive.resuming import resume
from archive.retaining import Change, changes
from archive.sequencer import Sequencer
from archive.stations import Stations
from evidence import durable
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.errors import TemporaryError
from evidence.law.rulebook import Rulebook
from evidence.note import Signer
from evidence.rights import Role
from evidence.settings import Settings
from evidence.wire import ClipDetail, ClipReceipt, FleetPage

#: Seconds between two looks of a standby; each look itself waits some seconds for the database.
STANDBY_LOOKS = 1.0
_log = logging.getLogger(__name__)

#: Seconds that the sequencer may need to sign for what is committed.
SIGNED_WITHIN = 10.0
#: Clips read by one transaction when all are wanted, so that uploads do not wait for a long list.
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Open books.  Get them with :func:`opened`."""

    catalogue: Catalogue
    log: Log
    signer: Signer
    sequencer: Sequencer
    witnesses: Witnesses
    timestamps: Timestamps
    stations: Stations
    people: People
    signs: bool
    """Whether what is committed is signed for here."""
    not_to_be_had: Sequence[Finding] = ()
    """What these books lack of that which was signed for, since they were put back."""

    @property
    def verifier_key(self) -> str:
        """The log's public key as C2SP writes it, for those who check the log."""
        return str(self.signer.key)

    async def create_person(
        self, name: str, password: str, role: Role, officer: str | None = None
    ) -> str:
        """The id of a new person called *name*; Refused if somebody is called so already."""
        return await self.people.create(name, password, role, officer)

    async def person(self, name: str) -> str | None:
        """The id of the person called *name*; None if nobody is."""
        return await self.people.id_of(name)

    async def clips(self) -> list[ClipDetail]:
        """Every clip the archive holds, oldest first."""
        found: list[ClipDetail] = []
        after = -1
        while some := await self.catalogue.run(shown.details, after, PAGE, self.log.size):
            found += [detail for _, detail in some]
            after = some[-1][0]
        return found

    async def receipt(self, clip: str) -> ClipReceipt:
        """The receipt of *clip* under the checkpoint that proves most of it now.

        Witnesses that have not seen it are asked first, if they can be.  NotKnown without such an
        archived clip; TemporaryError while its entry is not signed for.
        """
        entry = await self.catalogue.run(clips.entry_about, clip)
        await self.signed(entry)
        best, policy = self.witnesses.cosigned.best(entry), self.witnesses.policy
        if policy.witnesses and (best is None or not best.is_quorum):
            await self.witnesses.covering(entry, len(policy.witnesses))
        proof = await asyncio.to_thread(self.witnesses.receipt, entry)
        raw = await asyncio.to_thread(self.log.entry, entry)
        return ClipReceipt(
            clip=await self.catalogue.run(shown.detail, clip, self.log.size),
            entry=raw.decode("utf-8"),
            proof=proof.decode("utf-8"),
            policy=self.witnesses.published,
        )

    async def rule_changes(self, book: Rulebook, now: datetime) -> list[Change]:
        """What *book* would make of every clip at *now*; nothing is changed."""
        parts = changes(self.catalogue, book, now)
        return [change async for part in parts for change in part]

    async def fleet(self) -> FleetPage:
        """All stations and cameras, as they were last told of."""
        return await self.catalogue.run(fleet.page)

    async def record(
        self, kind: EntryKind, by: str, *, clip: str | None = None, **fields: object
    ) -> int:
        """Put an act of the house on record, durable; its log index.

        It is signed for on return if these books sign at all.
        """

        def act(tx: Transaction) -> int:
            return tx.record(kind, by, clip=clip, **fields)

        entry = await self.catalogue.run(act)
        if self.signs:
            await self.sequencer.sequenced(entry)
        return entry

    async def signed(self, entry: int) -> None:
        """Return once *entry* is signed for; TemporaryError if that takes too long."""
        try:
            async with asyncio.timeout(SIGNED_WITHIN):
                await self.sequencer.sequenced(entry)
        except TimeoutError as error:
            raise TemporaryError(f"entry {entry} is recorded but not signed for yet") from error

    async def resume_log(self) -> str | None:
        """A person looked at why the log is stopped: ask the witnesses anew, and sign again.

        What it was stopped for, put on record; None if it was not stopped.  LogBroken if a
        witness still knows more: then it stays stopped.
        """
        resumed = await resume(self.catalogue, self.witnesses)
        if resumed is None:
            return None
        if self.signs:
            self.sequencer.go_on()
            await self.sequencer.sequenced(resumed.entry)
        return resumed.why


@asynccontextmanager
async def opened(
    settings: Settings,
    folder: Path,
    clock: Clock,
    hasher: PasswordHasher | None = None,
    others: Others | None = None,
) -> AsyncIterator[Books]:
    """The books in *folder*, made if new; on leaving, everything committed is signed for.

    *hasher* decides what a password costs.  *others* are asked before the first signature what
    they know; without them nothing is signed, and restored books are not opened.  SetupError or
    LogBroken if they cannot go on.
    """
    await asyncio.to_thread(durable.take_over, folder)
    before = BeforeSigning(folder=folder, witnesses=settings.witnesses, others=others)
    before.see_continuable()
    async with AsyncExitStack() as stack:
        catalogue = await _in_turn(settings, folder, clock)
        stack.push_async_callback(catalogue.close)
        log, signer = await asyncio.to_thread(_opened_log, folder, settings.agency.origin)
        not_to_be_had = await before.bring_up(catalogue, log)
        witnesses = await asyncio.to_thread(Witnesses.open, log, folder, settings.witnesses, clock)
        stack.push_async_callback(witnesses.aclose)
        sequencer = Sequencer(catalogue, log, clock, witnesses.must_not_know_more)
        await stack.enter_async_context(_following(sequencer, signs=others is not None))
        idle = timedelta(minutes=settings.archive.session_minutes)
        yield Books(
            catalogue=catalogue,
            log=log,
            signer=signer,
            sequencer=sequencer,
            witnesses=witnesses,
            timestamps=await asyncio.to_thread(
                Timestamps.open, log, folder / "log", settings.timestamps, clock
            ),
            stations=Stations(catalogue, clock),
            people=People(catalogue, clock, idle=idle, hasher=hasher),
            signs=others is not None,
            not_to_be_had=tuple(not_to_be_had),
        )


@asynccontextmanager
async def _following(sequencer: Sequencer, *, signs: bool) -> AsyncIterator[None]:
    """While these books are open *sequencer* signs, or has only seen that log and catalogue fit."""
    if not signs:
        await sequencer.check()
        yield
        return
    await sequencer.start()
    try:
        yield
    finally:
        await sequencer.stop()


def _opened_log(folder: Path, origin: str) -> tuple[Log, Signer]:
    signers = key.signers(folder, origin)
    return Log.open(TileStore(folder / "log"), *signers), signers[0]


async def _in_turn(settings: Settings, folder: Path, clock: Clock) -> Catalogue:
    """The catalogue; a standby waits while another archive has it, or its server is away."""
    place, waited = database.place(settings.archive, folder), False
    while True:
        try:
            return await Catalogue.opened(place, clock)
        except TemporaryError as error:
            if not settings.archive.standby:
                raise
            if not waited:
                _log.info("standing by: %s", error)
            waited = True
            await clock.sleep(STANDBY_LOOKS)
