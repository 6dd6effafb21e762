"""The proxy itself: it changes nothing unless told to, and then exactly what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, Lock, LockMode, SignedRequest
from evidence.vault.holder import Answer, send
from evidence.vault.s3 import S3Settings, S3Vault
from tests.conftest import Count
from tests.faults.proxy import Fault, FaultProxy, Kind, fault_proxy, flip

DATA = b"what the camera saw" * 100


@pytest.fixture
async def proxy(agency_settings: S3Settings) -> AsyncIterator[FaultProxy]:
    async with fault_proxy(agency_settings.endpoint) as made:
        yield made


@pytest.fixture
def through(agency_settings: S3Settings, proxy: FaultProxy) -> S3Vault:
    return S3Vault(replace(agency_settings, endpoint=proxy.address))


def signed(vault: S3Vault, key: str) -> SignedRequest:
    until = SystemClock().now() + timedelta(minutes=1)
    return vault.sign_put(
        Bucket.ORIGINALS,
        key,
        size=len(DATA),
        sha256=Sha256.of(DATA),
        lock=Lock(mode=LockMode.COMPLIANCE, until=until),
        create_only=True,
        content_type="video/mp4",
        seconds=60,
    )


async def put(vault: S3Vault, key: str) -> Answer:
    return await asyncio.to_thread(send, signed(vault, key), DATA)


async def test_without_faults_everything_goes_through(through: S3Vault) -> None:
    stored = await asyncio.to_thread(through.put, Bucket.RECORDS, "one", DATA)
    first, second = await put(through, "two"), await put(through, "two")

    back = await asyncio.to_thread(
        lambda: b"".join(through.read(Bucket.RECORDS, "one", stored.version_id))
    )
    assert back == DATA
    assert (first.status, second.status) == (200, 412)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.INTERNAL, 500), (Kind.BUSY, 503), (Kind.SKEWED, 403), (Kind.ERROR_IN_200, 200)],
)
async def test_a_refused_request_does_not_arrive(
    through: S3Vault, agency_vault: S3Vault, proxy: FaultProxy, kind: Kind, status: int
) -> None:
    proxy.faults.append(Fault(kind=kind, method="PUT", where="/key"))

    assert (await put(through, "key")).status == status
    assert await asyncio.to_thread(agency_vault.find, Bucket.ORIGINALS, "key") is None


@pytest.mark.parametrize(
    ("kind", "is_there"),
    [
        (Kind.LOST_BEFORE, False),
        (Kind.RESET_IN_BODY, False),
        (Kind.LOST_AFTER, True),
        (Kind.RESET_IN_ANSWER, True),
    ],
)
async def test_a_lost_answer_leaves_what_was_done(
    through: S3Vault, agency_vault: S3Vault, proxy: FaultProxy, kind: Kind, *, is_there: bool
) -> None:
    proxy.faults.append(Fault(kind=kind, method="PUT", where="/key"))

    with pytest.raises(VaultUnreachable):
        await put(through, "key")
    found = await asyncio.to_thread(agency_vault.find, Bucket.ORIGINALS, "key")
    assert (found is not None) is is_there


async def test_a_fault_strikes_once_and_only_what_it_is_meant_for(
    through: S3Vault, proxy: FaultProxy
) -> None:
    fault = Fault(kind=Kind.BUSY, method="PUT", where="/b")
    proxy.faults.append(fault)

    answers = [(await put(through, key)).status for key in ("a", "b", "b")]

    assert answers == [200, 503, 200]
    assert proxy.struck == [fault]


async def test_answers_are_cut_altered_and_flipped(through: S3Vault, proxy: FaultProxy) -> None:
    stored = await asyncio.to_thread(through.put, Bucket.RECORDS, "one", DATA)
    request = through.sign_get(Bucket.RECORDS, "one", stored.version_id, seconds=60)
    answers = {}
    for kind in (Kind.CUT_ANSWER, Kind.FLIPPED_ANSWER, Kind.WRONG_ETAG, Kind.WRONG_CHECKSUM):
        proxy.faults.append(Fault(kind=kind, method="GET", bit=77))
        answers[kind] = await asyncio.to_thread(send, request)

    assert answers[Kind.CUT_ANSWER].body == DATA[: len(DATA) // 2]
    assert answers[Kind.FLIPPED_ANSWER].body == flip(DATA, 77) != DATA
    assert answers[Kind.WRONG_ETAG].headers["etag"].startswith('"0123')
    assert answers[Kind.WRONG_CHECKSUM].headers["x-amz-checksum-sha256"].startswith("AAAA")


@pytest.mark.parametrize("step", [11, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore:tzname")  # dateutil's, for a zone with a flipped bit
async def test_no_flipped_bit_makes_another_lock(
    through: S3Vault, proxy: FaultProxy, step: int, count: Count
) -> None:
    """A date with one bit flipped is a date as well, and was once written down for ever."""
    until = SystemClock().now() + timedelta(minutes=1)
    lock = Lock(mode=LockMode.COMPLIANCE, until=until).whole()
    stored = await asyncio.to_thread(through.put, Bucket.ORIGINALS, "one", DATA, lock=lock)
    told = list[str]()
    for bit in range(0, 8 * 260, step):
        proxy.faults = [Fault(kind=Kind.FLIPPED_ANSWER, method="GET", where="retention", bit=bit)]
        try:
            found = await asyncio.to_thread(
                through.find, Bucket.ORIGINALS, "one", stored.version_id
            )
        except VaultUnreachable as error:
            told.append(str(error))
        else:
            assert found is not None
            assert found.lock == lock, bit

    assert len(proxy.struck) == len(range(0, 8 * 260, step))
    assert any("answers about one lock differ" in each for each in told)
    count(f"bit flips in what a store says of a lock: {len(proxy.struck)}, none believed")
