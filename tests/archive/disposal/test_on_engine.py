"""From the camera to the tombstone on a real engine, whose locks end by the real time alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from evidence.clock import SetClock, SystemClock, unstamp
from evidence.vault.s3 import S3Vault
from evidence.verification.verdict import Verdict
from evidence.wire import Archived, IntakeAnswer, WireRequest
from tests.archive.disposal.ending import FOOTAGE, Ending, ending, left_of, originals
from tests.archive.disposal.test_record import verified
from tests.archive.export.packages import export
from tests.archive.house import Footage, House
from tests.archive.rebuilding import held_by, rebuilt_from

LEASE = timedelta(days=180)
"""The floor of the default law."""
HOUR = timedelta(hours=1)


def soon(minutes: int = 2) -> tuple[SetClock, int]:
    """The archive's clock half a year ago, and where on earth a day ends so many *minutes* on.

    Periods end with a day, and the engine holds what comes in until then.
    """
    end = (SystemClock().now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    midnight = -(end.hour * 60 + end.minute)
    offset = midnight if midnight >= -720 else midnight + 1440
    return SetClock(end - LEASE - HOUR), offset


async def brought_in(end: Ending, footage: Footage = FOOTAGE) -> str:
    """The id of a clip whose bytes went to the engine itself."""
    station = await end.station()
    await station.pull(footage)
    wanted = (await station.offer(footage)).as_(IntakeAnswer)
    if wanted.put is None:
        return wanted.clip  # another clip has brought these bytes
    await sent(wanted.put, footage.data)
    return (await station.complete(footage.clip)).as_(Archived).clip


async def sent(put: WireRequest, data: bytes) -> None:
    """*data* went to the engine as *put* asks."""
    async with (
        aiohttp.ClientSession() as session,
        session.put(put.url, headers=put.headers, data=data) as answer,
    ):
        assert answer.status == 200


@asynccontextmanager
async def living(tmp_path: Path, vault: S3Vault) -> AsyncIterator[tuple[House, Ending]]:
    """An archive on a real engine, half a year ago."""
    clock, offset = soon()
    house = House.at(tmp_path, utc_offset_minutes=offset)
    house = replace(house.with_(vault=vault, clock=clock), clock=clock)
    async with ending(house, tmp_path / "court") as end:
        yield house, end


@pytest.mark.slow
async def test_a_clip_s_whole_life_on_a_real_engine(tmp_path: Path, agency_vault: S3Vault) -> None:
    async with living(tmp_path, agency_vault) as (house, end):
        clip = await brought_in(end)
        until = unstamp(str((await end.row("clip", clip))["lock_until"]))
        await end.agreed(clip)

        locked = await end.walk()  # by both our clocks its lock has ended, and by the engine's not
        assert (locked.done, len(originals(agency_vault))) == ((), 1)
        assert "is not given up" in end.problems()[0]
        await asyncio.sleep((until - SystemClock().now()).total_seconds() + 1)
        walked = await end.walk()

        assert (walked.done, end.problems()) == ((clip,), [])
        assert left_of(agency_vault, clip) == originals(agency_vault) == []
        await end.cosign()
        assert await end.fsck() == []
        await export(end.door, tmp_path / "all")
        report = verified(end, tmp_path / "all")
        assert (report.findings, report.verdict) == ([], Verdict.GENUINE)
    found, made = await rebuilt_from(house, agency_vault, tmp_path / "rebuilt.db")
    assert (found, made.findings) == (await held_by(house), [])
