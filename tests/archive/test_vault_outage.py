from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, Vault
from evidence.vault.memory import MemoryVault
from evidence.wire import IntakeAnswer
from tests.archive.house import Footage, House, Open, Station

CALLS = 7
"""What archiving a clip asks of the vault: find, sign, find, read, put, read, barrier."""


class CutVault:
    """A vault in memory whose line is cut after so many calls about clips."""

    def __init__(self, inner: MemoryVault, calls: int) -> None:
        self._inner = inner
        self._left = calls

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._inner, name)
        if name == "bucket_name":  # asks nothing of the store
            return method

        def call(*args: object, **named: object) -> object:
            about_the_log = len(args) > 1 and str(args[1]).startswith(("log/", "lab/openings/"))
            if self._left == 0:
                raise VaultUnreachable("the line is cut")
            self._left -= not about_the_log
            return method(*args, **named)

        return call


async def _go_on(door: Open, station: Station, footage: Footage) -> int:
    """One try of the station; the status it ended with."""
    station = replace(station, door=door)
    offered = await station.offer(footage)
    if offered.status != 200:
        return offered.status
    answer = offered.as_(IntakeAnswer)
    if answer.put is not None:
        station.put(answer.put, footage.data)
        return (await station.complete(answer.clip)).status
    return 200


@pytest.mark.parametrize("calls", range(10))
async def test_wherever_the_vault_is_lost_the_next_try_ends_well(house: House, calls: int) -> None:
    footage = Footage(data=b"footage")
    async with house.opened() as door:
        station = await door.station()
        await station.pull(footage)
    cut = house.with_(vault=cast("Vault", CutVault(house.vault, calls)))
    async with cut.opened() as door:
        status = await _go_on(door, station, footage)
        assert status == 503 or (status == 200 and calls >= CALLS)
    async with house.opened() as door:
        assert await _go_on(door, station, footage) == 200
        assert await _go_on(door, station, footage) == 200

        assert [clip.summary.id for clip in await door.archive.clips()] == [footage.clip]
    assert len(list(house.vault.versions(Bucket.ORIGINALS))) == 1
    assert len(list(house.vault.versions(Bucket.RECORDS, "lab/manifests/"))) == 1
