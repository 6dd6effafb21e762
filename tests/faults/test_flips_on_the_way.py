"""One flipped bit on the way: in the staged copy, while it is sent, while it is read back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from archive import originals
from archive.originals import Bytes
from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.digests import digests_of
from evidence.errors import DigestMismatch
from evidence.vault import Bucket, Lock, LockMode
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.wire import WireRequest
from ingest.stretch import Stretch
from ingest.vault_put import put
from ingest.verify import verify
from tests.conftest import Count
from tests.faults.lab import flipped
from tests.faults.proxy import Fault, FaultProxy, Kind, fault_proxy

FOOTAGE = random.Random(3).randbytes(40_000)
KEY = "lab/footage"


@dataclass(slots=True, kw_only=True)
class Way:
    """A staged copy, the line over which it travels, and the store at its end."""

    staged: Path
    line: FaultProxy
    vault: S3Vault
    session: aiohttp.ClientSession

    async def stage(self, chance: random.Random) -> None:
        """The disk flips a bit of the staged copy before it is read again."""
        self.staged.write_bytes(flipped(FOOTAGE, chance))
        try:
            await asyncio.to_thread(
                verify, self.staged, digests=digests_of(FOOTAGE), size=len(FOOTAGE)
            )
        finally:
            self.staged.write_bytes(FOOTAGE)

    async def send(self, chance: random.Random) -> None:
        """The line flips a bit of what is sent."""
        self._strike(Kind.FLIPPED_BODY, "PUT", chance)
        signed = await asyncio.to_thread(self._signed)
        await put(self.session, signed, Stretch(path=self.staged, size=len(FOOTAGE)))

    async def read_back(self, chance: random.Random) -> None:
        """The line flips a bit of what is read back."""
        found = await asyncio.to_thread(self.vault.find, Bucket.ORIGINALS, KEY)
        assert found is not None
        self._strike(Kind.FLIPPED_ANSWER, "GET", chance)
        wanted = Bytes(sha256=Sha256.of(FOOTAGE), size=len(FOOTAGE))
        await asyncio.to_thread(originals.see_same, self.vault, found, wanted)

    def _strike(self, kind: Kind, method: str, chance: random.Random) -> None:
        bit = chance.randrange(len(FOOTAGE) * 8)
        self.line.faults = [Fault(kind=kind, method=method, bit=bit)]

    def _signed(self) -> WireRequest:
        until = SystemClock().now() + timedelta(minutes=5)
        signed = self.vault.sign_put(
            Bucket.ORIGINALS,
            KEY,
            size=len(FOOTAGE),
            sha256=Sha256.of(FOOTAGE),
            lock=Lock(mode=LockMode.COMPLIANCE, until=until).whole(),
            create_only=False,
            content_type="application/octet-stream",
            seconds=60,
        )
        return WireRequest.of(signed)


Flip = Callable[[Way, random.Random], object]

PLACES = {
    "the staged copy": (Way.stage, "the staged copy"),
    "what is sent": (Way.send, "c-1"),
    "what is read back": (Way.read_back, KEY),
}
"""Where a bit is flipped, and what the error must name."""


@pytest.fixture
async def way(tmp_path: Path, agency_settings: S3Settings) -> AsyncIterator[Way]:
    staged = tmp_path / "c-1"
    staged.write_bytes(FOOTAGE)
    async with fault_proxy(agency_settings.endpoint) as line, aiohttp.ClientSession() as session:
        vault = S3Vault(replace(agency_settings, endpoint=line.address))
        made = Way(staged=staged, line=line, vault=vault, session=session)
        await put(session, made._signed(), Stretch(path=staged, size=len(FOOTAGE)))
        yield made


async def struck(way: Way, place: str, times: int) -> Counter[str]:
    """What was said of so many flipped bits: the error that names the place, or what was wrong."""
    chance, said = random.Random(place), Counter[str]()
    flip, named = PLACES[place]
    for _ in range(times):
        try:
            await flip(way, chance)
        except DigestMismatch as error:
            said["caught" if named in str(error) else str(error)] += 1
        else:
            said["not caught"] += 1
    return said


def versions(way: Way) -> int:
    return sum(1 for each in way.vault.versions(Bucket.ORIGINALS) if each.key == KEY)


async def _all_caught(way: Way, place: str, times: int, count: Count) -> None:
    said = await struck(way, place, times)

    count(f"bit flips: {times} in {place}, {said['caught']} caught and rightly named")
    assert said == {"caught": times}
    assert await asyncio.to_thread(versions, way) == 1, (
        "nothing that was altered on the way is stored"
    )


@pytest.mark.parametrize("place", list(PLACES))
async def test_a_bit_flipped_on_the_way_is_caught(way: Way, place: str, count: Count) -> None:
    await _all_caught(way, place, 20, count)


@pytest.mark.slow
@pytest.mark.parametrize("place", list(PLACES))
async def test_of_a_thousand_bits_flipped_on_the_way_all_are_caught(
    way: Way, place: str, count: Count
) -> None:
    await _all_caught(way, place, 1000, count)
