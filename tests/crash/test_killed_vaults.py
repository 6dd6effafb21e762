"""``kill -9`` of a real archive process at random moments while it copies, mends and destroys.

Both vaults lie in a real engine, whose locks end by the real time alone.  The process has all the
background work of an archive; only its clock may be another one, half a year behind, so that what
it took in may be destroyed within minutes.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import stored
from archive.catalogue.catalogue import Transaction
from archive.fixity import nobody
from archive.fixity.examine import examine
from archive.fixity.opening import opened
from evidence.clip import new_id
from evidence.clock import SetClock, SystemClock, unstamp
from evidence.vault import Bucket
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Vault
from evidence.wire import RenditionAnswer
from tests.archive.disposal.ending import WINDOW, Ending, court, ending, left_of
from tests.archive.disposal.test_on_engine import HOUR, LEASE, brought_in, sent, soon
from tests.archive.house import Footage, House, derived_objects, rendition
from tests.conftest import Count, new_agency
from tests.crash.keeping import Orders, Store
from tests.insider.volume import forge

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MOST = 10
"""Kills; then it may run to its end."""
UNSIGNED = "are not signed for; a start of the home signs for them"
"""What fsck says of any kill."""


@dataclass(slots=True, kw_only=True)
class Victim:
    """An archive that is killed again and again, and what was seen of it in between."""

    orders: Orders
    chance: random.Random
    longest: float
    """Seconds that it may live, once it is at work."""
    wrong: Collection[str] = ()
    """Keys of originals that were wrong before the first kill."""
    kills: int = 0
    cut: list[str] = field(default_factory=list)
    """What was left undone by some kill."""

    async def live(self) -> None:
        """Be killed at random moments, and started again, until there is nothing left to do."""
        while not await self._die():
            self.kills += 1
            await self._look()

    async def _die(self) -> bool:
        """Live a while; whether it came to its end."""
        log = self.orders.folder / "killed.log"
        with log.open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.crash.keeping", self.orders.text),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=said,
            )
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n", log.read_text()[-2000:]
            lives = self.chance.uniform(0.02, self.longest) if self.kills < MOST else 180
            try:
                async with asyncio.timeout(lives):
                    assert await process.stdout.read() == b"done\n", log.read_text()[-2000:]
            except TimeoutError:
                process.kill()
            code = await process.wait()
        assert code in {0, -9}, log.read_text()[-2000:]
        assert code == 0 or self.kills < MOST, "it does not come to its end"
        return code == 0

    async def _look(self) -> None:
        """See what is left: nothing disagrees, but that some of it was not signed for."""
        parts = self.orders.parts()
        where = (parts.settings, parts.folder, parts.vault, parts.clock)
        assert parts.second is not None
        async with opened(*where, second=parts.second.vault) as what:
            found = await examine(what, nobody)
            self.cut += await what.catalogue.run(_under_way)
        known = {f"originals/{key}" for key in self.wrong}
        found = [each for each in found if each.subject.partition(" ")[0] not in known]
        assert [each for each in found if UNSIGNED not in each.problem] == [], self.kills


def _under_way(tx: Transaction) -> list[str]:
    """Clips whose destruction has begun and is not done."""
    rows = stored.of(tx, "proposal", "act", ["dispose"])
    return [str(row["clip"]) for row in rows if row["begun_entry"] and not row["ended_entry"]]


def random_footage(number: int) -> Footage:
    """Bytes that nobody else has, and that no store makes smaller."""
    data = random.Random(number).randbytes(6000 + number)
    return Footage(data=data, path=b"%d.MP4" % number, clip=new_id("c"))


def held(vault: S3Vault) -> dict[str, list[bytes]]:
    """Key of each original -> the bytes of its versions."""
    found: dict[str, list[bytes]] = {}
    for each in vault.versions(Bucket.ORIGINALS, "lab/"):
        data = b"".join(vault.read(each.bucket, each.key, each.version_id))
        found.setdefault(each.key, []).append(data)
    return found


def key(footage: Footage) -> str:
    return f"lab/{footage.sha256.hex}"


def orders_at(folder: Path, engine: Engine) -> Orders:
    """A new archive with two vaults of its own."""
    stores = [Store.of(new_agency(engine)) for _ in range(2)]
    return Orders(folder=folder, first=stores[0], second=stores[1])


def house_of(orders: Orders, clock: SetClock | None = None) -> House:
    """The archive of *orders*, to be opened here; its clock stands still."""
    parts = orders.parts()
    clock = clock or SetClock(parts.clock.now())
    return replace(House.at(orders.folder), parts=replace(parts, clock=clock), clock=clock)


async def tells(end: Ending, kind: str) -> Counter[str]:
    """How many entries of *kind* there are about each clip."""
    return Counter(str(each["clip"]) for each in await end.entries(kind))


KEPT, DOOMED = 4, 9
"""Ten clips a day may be destroyed of so few."""


async def agreed(end: Ending, clips: Sequence[str]) -> None:
    """As :meth:`Ending.agreed`, of all of them."""
    until = max([unstamp(str((await end.row("clip", each))["retain_until"])) for each in clips])
    end.later(until - end.door.clock.now() - timedelta(days=14))
    await end.door.archive.notify_now()
    end.later(timedelta(days=14, seconds=1))
    for each in clips:
        await end.approve(await end.propose(each))
    end.later(WINDOW + HOUR)
    await end.cosign()


async def derive(end: Ending, clip: str) -> None:
    """A rendition of *clip* lies in the engine."""
    station, objects = await end.station(), derived_objects()
    told = rendition(objects)
    wanted = await station.post(f"/v1/clips/{clip}/rendition", told)
    for name, put in wanted.as_(RenditionAnswer).uploads.items():
        await sent(put, objects[name])
    assert (await station.post(f"/v1/clips/{clip}/rendition/complete", told)).status == 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an archive took in, half a year ago."""

    kept: Sequence[Footage]
    doomed: Sequence[Footage]


async def take_in(end: Ending) -> Taken:
    """Clips that are copied; of some, two persons agreed that they go, and locks are to end yet.

    One that goes has the bytes of one that is kept; one has a rendition, and one was once held.
    """
    kept = [random_footage(number) for number in range(KEPT)]
    doomed = [random_footage(100 + number) for number in range(DOOMED)]
    doomed[0] = replace(kept[0], clip=new_id("c"), path=b"TWIN.MP4")
    for each in (*kept, *doomed):
        assert await brought_in(end, each) == each.clip
    for each in doomed[:3]:
        await derive(end, each.clip)
    for each in doomed[2:4]:
        await end.hold(each.clip)
        await end.door.archive.upkeep.set_legal_holds_now()
        await end.lift_all(each.clip)
    await end.copy()
    await end.door.archive._copy_out()
    await agreed(end, [each.clip for each in doomed])
    return Taken(kept=kept, doomed=doomed)


async def gone(end: Ending, orders: Orders, taken: Taken) -> None:
    """What was to go went, once and on record; what was to stay is there; nothing disagrees."""
    doomed = [each.clip for each in taken.doomed]
    once = Counter(dict.fromkeys(doomed, 1))
    assert await tells(end, "dispose.begin") == once
    assert await tells(end, "dispose.done") == once
    for store in (orders.first, orders.second):
        vault = store.vault()
        assert [left for clip in doomed for left in left_of(vault, clip)] == []
        assert held(vault) == {key(each): [each.data] for each in taken.kept}
    assert await end.fsck() == []
    assert end.problems() == []


async def test_killed_while_clips_are_destroyed_in_both_vaults(
    tmp_path: Path, engine: Engine, count: Count
) -> None:
    clock, offset = soon(minutes=3)
    unlocked = clock.now() + LEASE + HOUR
    orders = replace(orders_at(tmp_path, engine), utc_offset_minutes=offset, work="dispose")
    async with ending(house_of(orders, clock), tmp_path / "court") as end:
        taken = await take_in(end)
    orders = replace(orders, ahead=(clock.now() - SystemClock().now()).total_seconds())
    await asyncio.sleep((unlocked - SystemClock().now()).total_seconds() + 1)

    async with court(orders.parts(), tmp_path / "court", orders.clock) as told:
        victim = Victim(
            orders=replace(orders, policy=told.policy), chance=random.Random(1), longest=0.8
        )
        await victim.live()

    async with ending(house_of(orders), tmp_path / "court") as end:
        await gone(end, orders, taken)
    assert victim.kills > 2
    cut = f"{len(victim.cut)} of them with a clip half gone"
    count(f"kill -9 while clips are destroyed in two vaults: {victim.kills} kills, {cut}, 0 lost")


def hurt(engine: Engine, vault: S3Vault, footage: Footage) -> None:
    """Another original lies in its place, under a checksum that fits."""
    other = random.Random(footage.clip).randbytes(len(footage.data))
    forge(engine._data, vault.bucket_name(Bucket.ORIGINALS), footage.data, other)


async def sound(
    end: Ending, orders: Orders, clips: Sequence[Footage], wrong: Sequence[str]
) -> None:
    """All of *clips* lie in both vaults, once each, but what was *wrong*, which is there yet."""
    assert await tells(end, "copy.verified") == Counter({each.clip: 1 for each in clips})
    assert await tells(end, "fixity.repair") == Counter(dict.fromkeys(wrong, 1))
    whole = {key(each): each.data for each in clips}
    for store in (orders.first, orders.second):
        there = held(store.vault())
        assert there.keys() == whole.keys()
        assert {name: data.count(whole[name]) for name, data in there.items()} == dict.fromkeys(
            whole, 1
        )
    assert await end.fsck() == []


async def test_killed_while_originals_are_copied_and_mended(
    tmp_path: Path, engine: Engine, count: Count
) -> None:
    clips = [random_footage(number) for number in range(36)]
    orders, wrong = orders_at(tmp_path, engine), clips[:12]
    async with ending(house_of(orders), tmp_path / "court") as end:
        for each in wrong:
            await brought_in(end, each)
        await end.copying_stopped()
        await end.copy()
        for each in clips[12:]:
            await brought_in(end, each)
    for number, each in enumerate(wrong):
        hurt(engine, (orders.first, orders.second)[number % 2].vault(), each)

    hurt_keys = [key(each) for each in wrong]
    victim = Victim(orders=orders, chance=random.Random(2), longest=2, wrong=hurt_keys)
    await victim.live()

    async with ending(house_of(orders), tmp_path / "court") as end:
        await sound(end, orders, clips, [each.clip for each in wrong])
    assert victim.kills > 2
    count(f"kill -9 while originals are copied and mended: {victim.kills} kills, 0 lost or doubled")
