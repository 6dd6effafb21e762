"""A store that lies: nothing is ARCHIVED on its word, and a canary stops intake within a cycle."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from evidence.clock import SetClock
from evidence.vault import Bucket, SignedRequest
from evidence.vault.canary import Canary
from evidence.vault.holder import Answer
from evidence.vault.memory import MemoryVault
from evidence.vault.probe import CANARIES, Check
from evidence.wire import Health, IntakeAnswer, ReleaseWanted
from tests.archive.house import Answer as Said
from tests.archive.house import Footage, House, Open, Station
from tests.conformance.legal_holds import LegalHoldConformance
from tests.conformance.vault import Rig, SignedRequestConformance, VaultConformance
from tests.conftest import Count
from tests.faults.liars import Liar, Lie

CYCLE = timedelta(hours=24)
WANTED = ReleaseWanted(challenge="ab" * 16)

SEEN_AT_INTAKE = {
    Lie.DROPS: (409, "nothing was sent"),
    Lie.LOSES: (409, "nothing was sent"),
    Lie.OTHER_VERSION: (422, "no version"),
    Lie.OLD_BYTES: (422, "reads back as"),
    Lie.NO_LOCK: (422, "shows the lock None"),
    Lie.SHORTER_LOCK: (422, "does not show the lock"),
    Lie.ALREADY_THERE: (409, "nothing was sent"),
}
"""What becomes of the completed upload of a clip.  A lock that is shown and not kept only a canary
finds out."""

CANARY_SAYS = {
    Lie.DROPS: Check.LOCK_AND_DIGEST_KEPT,
    Lie.LOSES: Check.STILL_INTACT,
    Lie.OTHER_VERSION: Check.STILL_INTACT,
    Lie.OLD_BYTES: Check.STILL_INTACT,
    Lie.IGNORES_LOCK: Check.SHORTEN_REFUSED,
    Lie.NO_LOCK: Check.LOCK_AND_DIGEST_KEPT,
    Lie.SHORTER_LOCK: Check.STILL_INTACT,
    Lie.ALREADY_THERE: Check.CREATE_ONLY_KEPT,
}


class TestHonestLiar(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    """A fake is worth what its honest half is worth."""

    @pytest.fixture
    def rig(self, key_prefix: str) -> Rig:
        clock = SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
        vault = Liar(clock)

        def hand_over(
            request: SignedRequest, body: bytes = b"", *, headers: Mapping[str, str] | None = None
        ) -> Answer:
            put = request.method == "PUT"
            return vault.accept(request, body) if put else vault.answer(request, headers)

        return Rig(vault=vault, clock=clock, send=hand_over, prefix=key_prefix)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose store may lie, with a canary in it."""
    house = House.at(tmp_path)
    liar = Liar(house.clock)
    house = replace(house.with_(vault=liar), vault=liar)
    return house.with_(canary=Canary(liar, house.clock, CYCLE))


def liar_of(house: House) -> Liar:
    assert isinstance(house.vault, Liar)
    return house.vault


async def _sent(station: Station, offered: IntakeAnswer, footage: Footage) -> Said:
    assert offered.put is not None
    assert station.put(offered.put, footage.data) in {200, 412}
    return await station.complete(offered.clip)


@pytest.mark.parametrize("lie", list(SEEN_AT_INTAKE))
async def test_nothing_is_archived_on_a_lie(house: House, lie: Lie, count: Count) -> None:
    footage = Footage(data=b"footage that matters")
    async with house.with_(canary=None).opened() as door:
        station = await door.station()
        await station.archive(Footage(data=b"what came before"))
        offered = (await station.offer(footage)).as_(IntakeAnswer)
        liar_of(house).lie = lie

        said = await _sent(station, offered, footage)

        status, words = SEEN_AT_INTAKE[lie]
        assert (said.status, words in said.body.decode()) == (status, True), said.body
        assert footage.clip not in {clip.summary.id for clip in await door.archive.clips()}
    count(f"lying store: {lie}: not archived, {said.status} {said.title}")


@pytest.mark.parametrize(
    "lie",
    [pytest.param(lie, marks=[] if lie in SEEN_AT_INTAKE else pytest.mark.slow) for lie in Lie],
)
async def test_a_canary_stops_intake_within_a_cycle_and_nothing_is_erased(
    house: House, lie: Lie
) -> None:
    async with house.opened() as door:
        station = await door.station()
        archived = await station.archive(Footage(data=b"what came before"))
        liar_of(house).lie = lie
        house.clock.advance(CYCLE.total_seconds())
        await door.archive.prove_vault_now()
        liar_of(house).lie = None  # it is honest again, and is not believed

        refused = await station.offer(Footage(data=b"footage"))
        release = await station.post(f"/v1/clips/{archived.clip}/release", WANTED)

        assert (refused.status, refused.title) == (503, "IntakeStopped")
        assert CANARY_SAYS[lie].value in refused.body.decode()
        assert (release.status, release.title) == (503, "IntakeStopped")
        await _seen_by_everybody(door, CANARY_SAYS[lie])
        assert canaries(house) == [("pass", None), ("fail", CANARY_SAYS[lie].value)]


async def _seen_by_everybody(door: Open, check: Check) -> None:
    health = (await door.send("GET", "/v1/health", b"", {})).as_(Health)
    assert (health.status, health.problems) == ("failing", 1)
    assert any(check.value in problem for problem in await door.archive.problems())


def canaries(house: House) -> list[tuple[object, object]]:
    """Result and check of every canary on record."""
    with closing(sqlite3.connect(house.parts.folder / "catalogue.sqlite")) as db:
        rows = db.execute("SELECT raw FROM entry WHERE kind = 'vault.canary' ORDER BY seq")
        told = [json.loads(raw) for (raw,) in rows.fetchall()]
    return [(entry["result"], entry.get("check")) for entry in told]


async def test_with_an_honest_store_the_canary_sings_every_cycle(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
        for _ in range(3):
            house.clock.advance(CYCLE.total_seconds())
            await door.archive.prove_vault_now()

        assert (await station.offer(Footage(data=b"footage"))).status == 200
        assert canaries(house) == [("pass", None)] * 4


async def test_a_store_that_lied_is_taken_again_only_once_a_person_looked(house: House) -> None:
    async with house.opened() as door:
        liar_of(house).lie = Lie.IGNORES_LOCK
        await door.archive.prove_vault_now()
        liar_of(house).lie = None
        station = await door.station()

    async with house.opened() as door:
        station = replace(station, door=door)
        assert (await station.offer(Footage(data=b"footage"))).status == 503
        assert len(await door.archive.problems()) == 1
        await door.archive.accept_vault()
        assert await door.archive.problems() == []
        assert (await station.offer(Footage(data=b"footage"))).status == 200
    assert [result for result, _ in canaries(house)] == ["pass", "fail", "accepted", "pass"]


async def test_a_canary_that_is_gone_at_the_next_start_stops_intake(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
    liar = liar_of(house)
    for place in [place for place in liar._held if place[1].startswith(CANARIES)]:
        del liar._held[place]

    async with house.opened() as door:
        refused = await replace(station, door=door).offer(Footage(data=b"footage"))

        assert refused.title == "IntakeStopped"
        assert Check.STILL_INTACT.value in refused.body.decode()


class Blinking(MemoryVault):
    """Gives other bytes once for each of *blinks*, and waits at *gate* before any other read."""

    blinks = 0
    gate: Event | None = None

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        if self.blinks and key.startswith(CANARIES):
            self.blinks -= 1
            return iter([b"not what was stored"])
        if self.gate is not None and not key.startswith(CANARIES):
            self.gate.wait(20)
        return super().read(bucket, key, version_id)


@pytest.fixture
def blinking(tmp_path: Path) -> House:
    house = House.at(tmp_path)
    vault = Blinking(house.clock)
    house = replace(house.with_(vault=vault), vault=vault)
    return house.with_(canary=Canary(vault, house.clock, CYCLE))


@pytest.mark.parametrize(("blinks", "problems"), [(1, 0), (2, 1)])
async def test_one_answer_that_differs_is_asked_for_again(
    blinking: House, blinks: int, problems: int
) -> None:
    async with blinking.opened() as door:
        assert isinstance(blinking.vault, Blinking)
        blinking.vault.blinks = blinks
        await door.archive.prove_vault_now()

        assert len(await door.archive.problems()) == problems


@pytest.mark.parametrize("what", ["release", "intake"])
async def test_what_was_under_way_when_the_canary_failed_does_not_end_well(
    blinking: House, what: str
) -> None:
    async with blinking.opened() as door:
        vault = blinking.vault
        assert isinstance(vault, Blinking)
        station, footage = await door.station(), Footage(data=b"footage", path=b"2.MP4")
        archived = await station.archive(Footage(data=b"before"))
        offered = (await station.offer(footage)).as_(IntakeAnswer)
        assert offered.put is not None
        station.put(offered.put, footage.data)
        vault.gate = Event()
        ask = {
            "release": lambda: station.post(f"/v1/clips/{archived.clip}/release", WANTED),
            "intake": lambda: station.complete(footage.clip),
        }
        under_way = asyncio.create_task(ask[what]())
        await asyncio.sleep(0.2)
        vault.blinks = 2
        await door.archive.prove_vault_now()
        vault.gate.set()

        assert ((said := await under_way).status, said.title) == (503, "IntakeStopped")
