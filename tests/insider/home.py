"""A home that has lived: real engine, real station, a court's witness; and an insider's ways in.

One rule: an insider here does what root can do, with the home's own keys, and nothing is faked for
them; what finds it is what anybody runs.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

from archive.export.order import Order
from archive.fixity import Finding
from archive.fixity.examine import examine
from archive.fixity.opening import opened
from archive.log.key import load_or_make_signer
from archive.log.log import Log
from archive.log.store import TileStore
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.note import FileSigner
from evidence.package import Selection
from evidence.settings import WitnessesSettings
from evidence.vault.s3 import S3Vault
from evidock.__main__ import main
from tests.court import Served, served
from tests.station.yard import Yard, settled

OFFICER, DAY = "P0815", "2026-11-20"
FOOTAGE = {
    f"DCAM_A1234_P0815_20261120_{hour}3000.mp4".encode(): random.Random(hour).randbytes(6000)
    for hour in (10, 11, 12)
}
"""Names of one camera and officer; the bytes are no video, and evidence all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home at rest, and what lies outside it."""

    folder: Path
    vault: S3Vault
    root: S3Vault
    """The same store, with the credentials of its root."""

    @property
    def archive(self) -> Path:
        return self.folder / "home" / "archive"

    @property
    def court(self) -> Path:
        """The witness's own folder, on another machine as it were."""
        return self.folder / "court"

    @property
    def policy(self) -> Path:
        """Log and witness as outsiders got them, by another way."""
        return self.folder / "outside" / "policy"

    @property
    def log_key(self) -> Path:
        """A policy that names the log's key alone."""
        return self.folder / "outside" / "log-key"

    @property
    def seen(self) -> int:
        """How many entries the log had when the court saw it last."""
        (memory,) = (self.court / "seen").iterdir()
        return int(memory.read_text("utf-8").split("\n")[1])

    @property
    def receipts(self) -> list[Path]:
        """What the officers' docks kept."""
        return sorted((self.folder / "home" / "receipts").glob("*.tlog-proof"))

    @property
    def yard(self) -> Yard:
        """What runs in the home."""
        told = self.folder / "witnesses"
        policy = str(told) if told.exists() else ""
        witnesses = WitnessesSettings(policy=policy, every_seconds=0.2, patience_seconds=2)
        return Yard(home=self.folder / "home", vault=self.vault, witnesses=witnesses)

    @property
    def signer(self) -> FileSigner:
        """The log's real key."""
        return load_or_make_signer(self.archive / "log.key", self.yard.settings.agency.origin)

    def copied(self, into: Path) -> Home:
        """The same home once more, over the same store."""
        shutil.copytree(self.folder, into, ignore=shutil.ignore_patterns("*.sock", "lock"))
        return replace(self, folder=into)

    def shown(self, into: Path, note: bytes | None = None) -> Path:
        """The log as an auditor gets it: its tiles, and *note* or the head that the court saw."""
        shutil.copytree(self.archive / "log" / "tile", into / "tile")
        seen = (self.archive / "log" / "witnessed").read_bytes() if note is None else note
        (into / "checkpoint").write_bytes(seen)
        return into

    async def fsck(self) -> list[Finding]:
        """What ``evidock fsck`` finds."""
        clock = SystemClock()
        async with opened(self.yard.settings, self.archive, self.vault, clock) as what:
            return await examine(what)

    async def named(self) -> set[tuple[int, str]]:
        """Step and component of each finding."""
        return {(int(each.step), each.component.value) for each in await self.fsck()}

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The catalogue, its guards removed, as the owner of the database can."""
        with closing(sqlite3.connect(self.archive / "catalogue.sqlite")) as db, db:
            named = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in named:
                db.execute(f"DROP TRIGGER {name}")
            yield db

    def entries(self) -> list[bytes]:
        """All entries, as the rows have them."""
        with self.database() as db:
            return [raw for (raw,) in db.execute("SELECT raw FROM entry ORDER BY seq")]

    def find(self, kind: EntryKind, at: int = 0) -> int:
        """The log index of one entry of *kind*."""
        kinds = [json.loads(raw)["kind"] for raw in self.entries()]
        return [index for index, each in enumerate(kinds) if each == kind.value][at]

    def rewrite(self, entries: list[bytes]) -> None:
        """Write another log with these *entries*, signed with the real key, and rows to fit."""
        shutil.rmtree(self.archive / "log")
        with self.database() as db:
            seqs = [seq for (seq,) in db.execute("SELECT seq FROM entry ORDER BY seq")]
            for seq, raw in zip(seqs, entries, strict=False):
                db.execute("UPDATE entry SET raw = ? WHERE seq = ?", (raw, seq))
            for seq in seqs[len(entries) :]:
                db.execute("DELETE FROM entry WHERE seq = ?", (seq,))
        Log.open(TileStore(self.archive / "log"), self.signer).integrate(entries)

    @asynccontextmanager
    async def witnessed(self) -> AsyncIterator[Served]:
        """While the court's witness works."""
        async with served(self.court, log=self.signer.key) as court:
            (self.folder / "witnesses").write_bytes(court.policy())
            yield court


async def live(folder: Path, vault: S3Vault, root: S3Vault) -> Home:
    """Dock a card, archive it, let the witness see it, count it, take it out as a package."""
    home = Home(folder=folder, vault=vault, root=root)
    home.archive.mkdir(parents=True)
    async with home.witnessed() as court:
        yard = home.yard
        yard.card("cam-7", FOOTAGE)
        async with yard.archive() as archive:
            async with yard.station(archive) as station:
                await settled(station)
            await _day(archive)
            home.policy.parent.mkdir()
            home.policy.write_bytes(f"log {home.signer.key}\n".encode() + court.policy())
            home.log_key.write_text(f"log {home.signer.key}\nquorum none\n")
            await _packages(archive, folder)
            await archive.witnesses.ask_all()
    return home


async def _day(archive: Archive) -> None:
    """An evening's work: a census, a fixity round, and a look at the credentials."""
    await archive.census_now()
    await archive.upkeep.look_now()
    await archive.record(EntryKind.CREDENTIALS_READ, "owner")
    await archive.witnesses.ask_all()


async def _packages(archive: Archive, folder: Path) -> None:
    everything = Selection(kind="all")
    a_day = Selection(kind="officer-day", subject=OFFICER, day=DAY)
    for name, selection in (("package", everything), ("day", a_day)):
        order = Order(selection=selection, reason="for the court", out=folder / name)
        await archive.export(order, lambda *_told: None)


def verify(path: Path, policy: Path, *more: str) -> tuple[int, set[int]]:
    """``evidock verify``: its exit code, and the steps that name something."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["verify", str(path), "--policy", str(policy), "--json", *more])
    return code, {found["step"] for found in json.loads(said.getvalue())["findings"]}
