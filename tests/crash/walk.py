"""One journey on a disk that forgets, recorded once and cut wherever one likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evidence.clock import SystemClock
from evidence.note import VerifierKey
from station.enrol import pinned_log_key
from tests.crash.disk import Model
from tests.crash.invariants import Scene, unfinished, violations
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk
from tests.crash.served import ServedVault, nobody, served_vault
from tests.station.yard import Yard, once


@dataclass(slots=True, kw_only=True)
class Walk:
    """A recorded journey of the cards in *put*, archive and station with it."""

    disk: ForgetfulDisk
    yard: Yard
    vault: ServedVault
    put: Mapping[str, bytes]
    scratch: Path
    log_key: VerifierKey | None = None
    """The key that the station pinned; a home that never got so far makes another next time."""
    points: dict[Model, Points] = field(default_factory=dict)
    shown: Collection[bytes] = ()
    """Checkpoints that were shown before the recording."""

    async def record(self) -> None:
        """Run the whole journey from what is there, and write down every operation of the disk."""
        self.vault.forget_past()
        self.disk.tell("record")
        await self._run()

    async def kill(self, after: int) -> None:
        """Let everybody be killed after so many operations, and all run again, recorded on."""
        number = self.points[Model.STRICT].mark_at(after, "vault ")
        self.vault.restore(0 if number is None else int(number))
        self.disk.tell("kill", after)
        await self._run()

    async def _run(self) -> None:
        self.vault.changed = lambda number: self.disk.tell("mark", f"vault {number}")
        await once(self.yard)
        self.vault.changed = nobody
        self.log_key = pinned_log_key(self.yard.home / "station")
        self.points = {model: self.disk.points(model, self.scratch) for model in Model}

    def cut(self, after: int, model: Model, seed: int | None = None) -> Scene:
        """Lose power after so many operations: what is left."""
        self.disk.cut(after, model, seed)
        number = self.points[model].mark_at(after, "vault ")
        self.vault.restore(0 if number is None else int(number))
        return self.scene([*self.shown, *self.points[model].heads(after)])

    def scene(self, heads: Collection[bytes] = ()) -> Scene:
        assert self.log_key is not None
        return Scene(
            home=self.yard.home,
            docks=self.yard.docks,
            put=self.put,
            vault=self.vault,
            log_key=self.log_key,
            heads=heads,
        )

    async def finish(self, heads: Collection[bytes]) -> list[str]:
        """Start again and run to the end; what is wrong then, *heads* having been shown."""
        await once(self.yard)
        self.log_key = pinned_log_key(self.yard.home / "station")
        scene = self.scene(heads)
        return violations(scene) + unfinished(scene, erased=self.yard.erase)


@asynccontextmanager
async def walking(folder: Path, put: Mapping[str, bytes]) -> AsyncIterator[Walk]:
    """A journey of *put* (path below the dock root -> bytes), recorded."""
    with forgetful_disk(folder / "disk") as disk, served_vault(SystemClock()) as vault:
        (disk.folder / "docks").mkdir()
        disk.tell("eager", "docks")
        yard = Yard(home=disk.folder / "home", vault=vault, erase=True)
        for path, data in put.items():
            card, _, below = path.partition("/")
            yard.card(card, {below.encode(): data})
        walk = Walk(disk=disk, yard=yard, vault=vault, put=put, scratch=folder)
        await walk.record()
        yield walk
