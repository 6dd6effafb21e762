"""An archive that disposes, two people who agree, and a witness whose clock can be moved apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from archive.catalogue import closings, holds, proposals, retentions, stored
from archive.disposal.walking import Walked
from archive.fixity import nobody
from archive.log.key import load_or_make_signer
from archive.parts import ArchiveParts
from evidence.clock import Clock, SetClock, unstamp
from evidence.custody import Entry, EntryKind
from evidence.retention import Retention
from evidence.rights import Role
from evidence.settings import WitnessesSettings
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.wire import ProposalShown
from evidock.witness.folder import WitnessFolder
from evidock.witness.server import serving
from evidock.witness.witness import Witness
from tests.archive.house import PASSWORD, Footage, House, Open, Station
from tests.court import made

AnswerT = TypeVar("AnswerT")
WINDOW = timedelta(days=7)
FOOTAGE = Footage(data=b"footage of nothing")
SAME = Footage(data=b"footage of nothing", path=b"DCIM/100/B.MP4", camera="BWC-0043")


@dataclass(slots=True, kw_only=True)
class Ending:
    """An open archive whose clips' time can end."""

    door: Open
    court: SetClock
    """The witness's clock."""
    people: dict[str, str] = field(default_factory=dict)
    _station: Station | None = None

    async def station(self) -> Station:
        self._station = self._station or await self.door.station()
        return self._station

    async def archive(self, footage: Footage = FOOTAGE) -> str:
        """The id of a clip that has come in, as its station told it."""
        station = await self.station()
        await station.pull(footage)
        return (await station.archive(footage)).clip

    async def person(self, name: str, officer: str | None = None, role: Role = Role.LEGAL) -> str:
        """The id of the person called *name*."""
        if name not in self.people:
            known = await self.door.archive.person(name)
            create = self.door.archive.create_person
            self.people[name] = known or await create(name, PASSWORD, role, officer)
        return self.people[name]

    def later(self, time: timedelta) -> None:
        """Both clocks go on."""
        for clock in (self.door.clock, self.court):
            clock.advance(time.total_seconds())

    async def until_over(self, clip: str) -> None:
        """Its time ends now."""
        until = unstamp(str((await self.row("clip", clip))["retain_until"]))
        self.later(until - self.door.clock.now() + timedelta(seconds=1))

    async def propose(self, clip: str, authority: str | None = None) -> ProposalShown:
        act = "dispose" if authority is None else "destroy"
        person, why = await self.person("Ada"), "its time is over"
        return await self.run(proposals.propose, person, clip, act, why, authority=authority)

    async def approve(self, proposal: ProposalShown, who: str = "Bo") -> ProposalShown:
        return await self.run(proposals.approve, await self.person(who), proposal.id, WINDOW)

    def problems(self) -> list[str]:
        """What somebody has to look at, of disposal alone."""
        archive = self.door.archive
        return [*archive._disposer.problems, *filter(None, [archive._noticing.trouble])]

    async def hold(self, clip: str) -> str:
        """The id of a hold that is set now."""
        told = await self.run(holds.set_hold, await self.person("Ada"), clip, "a court", "appeal")
        return told.id

    async def lift_all(self, clip: str) -> None:
        """No hold is left on it."""
        for row in await self.rows("hold", clip):
            if row["lifted_entry"] is None:
                who, hold = await self.person("Ada"), str(row["id"])
                await self.run(holds.lift, who, clip, hold, "it ended")
        await self.door.archive.upkeep.set_legal_holds_now()

    async def close_cases(self, clip: str) -> None:
        """Every case that it is in is closed."""
        cases = (await self.run(closings.facts, [clip])).get(clip, [])
        for each in (case for case in cases if case.closed is None):
            await self.run(closings.close, await self.person("Ada"), each.case, "sentenced")

    async def lengthen(self, clip: str, by: timedelta) -> None:
        """A rule wants the clip for longer."""
        until = unstamp(str((await self.row("clip", clip))["retain_until"])) + by
        await self.run(retentions.lengthen, [(clip, Retention(until=until, rule="test:longer"))])

    async def run(self, verb: Callable[..., AnswerT], *args: object, **more: object) -> AnswerT:
        """What a verb of the catalogue answers."""
        return await self.door.archive.books.catalogue.run(verb, *args, **more)

    async def withdraw(self, proposal: ProposalShown) -> ProposalShown:
        person = await self.person("Bo")
        return await self.run(proposals.withdraw, person, proposal.id, "a mistake")

    async def agreed(self, clip: str) -> ProposalShown:
        """People were told, its time is over, and two persons agreed a window ago."""
        until = unstamp(str((await self.row("clip", clip))["retain_until"]))
        self.later(until - self.door.clock.now() - timedelta(days=14))
        await self.door.archive.notify_now()
        await self.until_over(clip)
        proposal = await self.approve(await self.propose(clip))
        self.later(WINDOW + timedelta(hours=1))  # an archive at work moves its own clock a little
        return proposal

    async def copying_stopped(self) -> None:
        """The test decides when the second vault is brought up to date."""
        assert self.door.archive.upkeep.second is not None
        await self.door.archive.upkeep.second.work.stop()

    async def copy(self) -> None:
        """The second vault has what the first has."""
        assert self.door.archive.upkeep.second is not None
        books = self.door.archive.books
        await books.sequencer.sequenced(await self.run(stored.last_entry))
        await self.door.archive.upkeep.second.copy_now()

    def copying_problems(self) -> list[str]:
        """What somebody has to look at, of the second vault alone."""
        assert self.door.archive.upkeep.second is not None
        return self.door.archive.upkeep.second.problems

    async def quiet(self) -> None:
        """Nothing else of the archive asks its vault any more."""
        archive = self.door.archive
        for work in (archive._mirroring, archive._witnessing, *archive.upkeep.works):
            await work.stop()

    def lease(self) -> Lock:
        """The lock of what comes in now."""
        until = self.door.clock.now() + timedelta(days=90)
        return Lock(mode=LockMode.COMPLIANCE, until=until)

    async def walk(self) -> Walked:
        """The witness sees the log, and the walk is taken."""
        await self.cosign()
        return await self.door.archive.dispose_now()

    async def cosign(self) -> None:
        """Have the witness say what time it is."""
        entry = await self.door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
        await self.door.archive.witnesses.covering(entry, 1)

    async def row(self, table: str, clip: str) -> Mapping[str, object]:
        (row,) = await self.rows(table, clip)
        return row

    async def rows(self, table: str, clip: str) -> list[Mapping[str, object]]:
        column = "id" if table == "clip" else "clip"
        return list(await self.run(stored.of, table, column, [clip]))

    async def entries(self, kind: str) -> list[Mapping[str, Any]]:
        rows = await self.run(stored.of, "entry", "kind", [kind])
        return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]

    async def fsck(self) -> list[str]:
        return [str(each) for each in await self.door.archive.examine(nobody)]


def left_of(vault: Vault, clip: str) -> list[str]:
    """What *vault* still lists that names *clip*."""
    return [
        f"{bucket.value}/{version.key}"
        for bucket in Bucket
        for version in vault.versions(bucket)
        if clip in version.key
    ]


def originals(vault: Vault) -> list[str]:
    return [version.key for version in vault.versions(Bucket.ORIGINALS)]


@asynccontextmanager
async def ending(house: House, folder: Path) -> AsyncIterator[Ending]:
    """*house*, open, its log seen by a witness in *folder* that has a clock of its own.

    It may be opened again: then the witness goes on from where it was.
    """
    clock = SetClock(house.clock.now())
    async with court(house.parts, folder, clock) as told:
        there = house.with_(settings=replace(house.parts.settings, witnesses=told))
        async with there.opened() as door:
            await door.archive.apply_rules_now()
            yield Ending(door=door, court=clock)


@asynccontextmanager
async def court(
    parts: ArchiveParts, folder: Path, clock: Clock
) -> AsyncIterator[WitnessesSettings]:
    """The witness in *folder* of the archive made of *parts*, served: how the archive asks it."""
    key = load_or_make_signer(parts.folder / "log.key", parts.settings.agency.origin).key
    is_new = not (folder / "witness.vkey").exists()
    where = made(folder, log=key) if is_new else WitnessFolder(folder)
    with where.locked():
        witness = Witness.open(where, clock)
        async with serving(witness, "127.0.0.1", 0) as url:
            policy = folder / "policy"
            policy.write_text(f"witness court {witness.signer.key} {url}\nquorum court\n")
            yield WitnessesSettings(policy=str(policy), every_seconds=3600)
