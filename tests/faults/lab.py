"""A whole archive at rest with some of everything in it, in which single bits can be flipped."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.catalogue import hints, judged
from archive.copies import Side
from archive.derive.quality import Hint, HintKind
from archive.fixity import Finding
from archive.fixity.examine import Examined, examine
from archive.fixity.opening import opened
from archive.log.key import load_or_make_signer
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.errors import InColdStorage, VaultUnreachable
from evidence.rights import Role
from evidence.settings import TimestampsSettings, WitnessesSettings
from evidence.vault import Bucket, Lock, StoredVersion
from evidence.vault.memory import MemoryVault
from evidence.wire import HoldWanted, JournalPush, ReleaseGranted, ReleaseWanted, WatchRequest
from tests.archive.export.packages import export
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Footage, House, Open, Station
from tests.archive.log.authority import authority
from tests.court import served

CLIPS = 4
ACTS, MORE = 20, 220
"""Entries beside those of the clips, of a station's journal and others: more than one bundle."""

Undo = Callable[[], None]


@dataclass(slots=True)
class Gate:
    """Holds up whoever reads, and counts the blocks that are read behind it."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    blocks: int = 0

    def through(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        self.reached.set()
        assert self.opened.wait(60)
        try:
            for block in blocks:
                self.blocks += 1
                yield block
        finally:
            self.left.set()


class RottingVault(MemoryVault):
    """A vault whose bytes and locks can be altered behind its back, and answers withheld."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.silent: set[tuple[Bucket, str]] = set()
        """The store answers with errors when it is asked about these."""
        self.broken: set[str] = set()
        """Versions that the store shows, and answers with an error when they are read."""
        self.cold: set[str] = set()
        """Versions that the store shows, and gives only hours after somebody asked for them."""
        self.reads_left: int | None = None
        """How often it can still be read; then it answers nothing.  None: without end."""
        self.held_up: dict[tuple[Bucket, str], Gate] = {}
        """What is not read before its gate is opened."""

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        if self.reads_left == 0:
            raise VaultUnreachable("the store does not answer")
        return super().versions(bucket, prefix)

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        if self.reads_left == 0:
            raise VaultUnreachable("the store does not answer")
        if self.reads_left is not None:
            self.reads_left -= 1
        if version_id in self.cold:
            raise InColdStorage(f"{bucket.value}/{key}: 403 InvalidObjectState")
        if version_id in self.broken:
            raise VaultUnreachable(f"{bucket.value}/{key}: 500 InternalError")
        blocks = super().read(bucket, key, version_id)
        gate = self.held_up.get((bucket, key))
        return blocks if gate is None else gate.through(blocks)

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        if (bucket, key) in self.silent:
            raise VaultUnreachable(f"{bucket.value}/{key}: 500 InternalError")
        return super().find(bucket, key, version_id)

    def relock(self, bucket: Bucket, key: str, version: str, lock: Lock | None) -> None:
        held = self._held[bucket, key][version]
        stored = replace(held.stored, lock=lock)
        self._held[bucket, key][version] = replace(held, stored=stored)

    def objects(self, bucket: Bucket, prefix: str = "") -> list[tuple[str, str]]:
        """Key and version id of everything under *prefix* that has bytes."""
        return [
            (version.key, version.version_id)
            for version in self.versions(bucket, prefix)
            if version.size
        ]

    def alter(
        self, bucket: Bucket, key: str, version: str, change: Callable[[bytes], bytes]
    ) -> Undo:
        held = self._held[bucket, key][version]
        self._held[bucket, key][version] = replace(held, data=change(held.data))

        def undo() -> None:
            self._held[bucket, key][version] = held

        return undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The archive, opened to be examined, and the ways into what it keeps."""

    folder: Path
    vault: RottingVault
    what: Examined
    database: sqlite3.Connection
    """A way past the guards: this connection has none."""

    async def fsck(self) -> list[Finding]:
        return await examine(self.what)

    def files(self, pattern: str) -> list[Path]:
        return sorted(path for path in (self.folder / "log").glob(pattern) if path.is_file())


def flipped(data: bytes, chance: random.Random) -> bytes:
    """*data* with one bit the other way round."""
    bit = chance.randrange(len(data) * 8)
    place = bit // 8
    return data[:place] + bytes([data[place] ^ (1 << bit % 8)]) + data[place + 1 :]


def flip_file(path: Path, chance: random.Random) -> Undo:
    """Flip one bit of the file at *path*."""
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(flipped(whole, chance))

    def undo() -> None:
        path.write_bytes(whole)

    return undo


def flip_cell(
    db: sqlite3.Connection, table: str, column: str, chance: random.Random
) -> Undo | None:
    """Flip one bit of one value in *column* that is not NULL; None if there is none."""
    something = f"FROM {table} WHERE {column} IS NOT NULL AND length({column}) > 0"
    found = db.execute(f"SELECT rowid, {column}, typeof({column}) {something}").fetchall()
    if not found:
        return None
    rowid, value, kind = chance.choice(found)
    new = value ^ (1 << chance.randrange(12)) if kind == "integer" else value
    put = "?"
    if kind == "text":
        new, put = flipped(value.encode(), chance), "CAST(? AS TEXT)"
    elif kind == "blob":
        new = flipped(value, chance)
    change = f"UPDATE {table} SET {column} = "  # noqa: S608
    # A key that is one whole number is the very address of its row: the row moves with it.
    keys = [name for _, name, *_, key in db.execute(f"PRAGMA table_info({table})") if key]
    moves = kind == "integer" and keys == [column]
    try:
        db.execute(f"{change}{put} WHERE rowid = ?", (new, rowid))
    except sqlite3.IntegrityError:  # the database itself would not have it
        db.rollback()
        return None
    db.commit()

    def undo() -> None:
        db.execute(f"{change}? WHERE rowid = ?", (value, new if moves else rowid))
        db.commit()

    return undo


@asynccontextmanager
async def lab(folder: Path) -> AsyncIterator[Lab]:
    """An archive that has lived, at rest."""
    house = House.at(folder)
    vault = RottingVault(house.clock)
    other = MemoryVault(house.clock)
    second = Side(vault=other, send=other.accept)
    house = replace(house.with_(vault=vault, second=second), vault=vault)
    feed = folder / "feed.csv"
    feed.write_text(HEADER + GOOD, encoding="utf-8")
    settings = house.parts.settings
    archive = replace(settings.archive, incident_feed=str(feed))
    house = house.with_(settings=replace(settings, archive=archive))
    async with heard(house, folder) as house, house.opened() as door:
        await _live(door, folder / "package")
    settings, at = house.parts.settings, house.parts.folder
    async with opened(settings, at, vault, house.clock) as what:
        with _unguarded(at / "catalogue.sqlite") as database:
            yield Lab(folder=at, vault=vault, what=what, database=database)


@asynccontextmanager
async def heard(house: House, beside: Path) -> AsyncIterator[House]:
    """The house with a witness and a time-stamping authority, both at work."""
    origin = house.parts.settings.agency.origin
    key = load_or_make_signer(house.parts.folder / "log.key", origin).key
    async with served(beside / "court", log=key) as court, authority(beside / "tsa") as by:
        (beside / "policy").write_bytes(court.policy())
        settings = replace(
            house.parts.settings,
            witnesses=WitnessesSettings(policy=str(beside / "policy")),
            timestamps=TimestampsSettings(url=by.url, ca_file=str(by.ca)),
        )
        yield house.with_(settings=settings)


@contextmanager
def _unguarded(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.commit()
        yield db


async def _live(door: Open, package: Path) -> None:
    """Some of everything: clips with renditions and links, views, people, releases, a journal."""
    station = await door.station()
    reviewer = await door.person(Role.REVIEWER)
    await door.person(Role.OFFICER, "4711", "Anna")
    await door.archive.import_feed_now()
    for number in range(CLIPS):
        footage = Footage(data=random.Random(number).randbytes(3000), path=b"DCIM/%d.MP4" % number)
        await station.pull(footage)
        archived = await station.archive(footage)
        await station.derive(archived.clip)
        await _look(door, archived.clip)
        answer = await reviewer.post(
            f"/v1/clips/{archived.clip}/views", WatchRequest(reason="review of an arrest")
        )
        assert answer.status == 201
        if number == 0:
            await _release(station, footage, archived.clip)
            await _hold(door, archived.clip)
    seen = Footage(data=b"seen again").clip
    acts = [station.act(EntryKind.DOCK_SEEN, seen) for _ in range(ACTS)]
    assert (await station.post("/v1/journal", JournalPush(acts=acts))).status == 200
    read = (door.archive.record(EntryKind.CREDENTIALS_READ, "owner") for _ in range(MORE))
    await asyncio.gather(*read)
    await door.archive.census_now()
    await export(door, package)
    await door.archive.witnesses.ask_all()
    await door.archive.stamp_now()
    copies = door.archive.upkeep.second
    assert copies is not None
    while (await copies.behind()).clips:  # copied once what archived them is signed for
        await copies.copy_now()


async def _hold(door: Open, clip: str) -> None:
    """A court wants a clip kept, so the store must keep it, too."""
    legal = await door.person(Role.LEGAL)
    wanted = HoldWanted(authority="a court", reason="an appeal")
    assert (await legal.post(f"/v1/clips/{clip}/holds", wanted)).status == 201
    await door.archive.upkeep.set_legal_holds_now()


async def _look(door: Open, clip: str) -> None:
    """The archive compared a clip's rendition and looked at it for hints."""
    catalogue = door.archive._books.catalogue
    made = await catalogue.run(judged.subject, clip)
    watched = await catalogue.run(hints.subject, clip)
    assert made is not None
    assert watched is not None
    same = judged.Finding(same=["pictures"], anew=[], differs=[], digests={}, frames=1)
    dark = Hint(start_ms=0, end_ms=4000, kind=HintKind.DARK, value=0)
    looked = hints.Looked(hints=[dark], rules=1, frames=4, seconds=4)
    await catalogue.run(judged.judge, subject=made, finding=same)
    await catalogue.run(hints.keep, subject=watched, looked=looked)


async def _release(station: Station, footage: Footage, clip: str) -> None:
    wanted = ReleaseWanted(challenge="ab" * 16)
    granted = await station.post(f"/v1/clips/{clip}/release", wanted)
    grant = granted.as_(ReleaseGranted).entry
    act = station.act(EntryKind.CLIP_RELEASED, footage.clip, archive_clip=clip, grant=grant)
    assert (await station.post("/v1/journal", JournalPush(acts=[act]))).status == 200
