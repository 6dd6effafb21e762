"""Copying and mending cut off before and after every step of theirs: done again, nothing doubles.

What is left of a cut is what lies in the vaults and the catalogue; whoever goes on is new.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count as numbers_from
from pathlib import Path
from typing import TypeVar

import pytest

from archive.catalogue.moves import What, Which
from archive.copies.repairing import Repairs
from archive.copies.replicating import Replication
from archive.fixity import Component, Finding, Step
from evidence.vault import Bucket, Lock, PartReceipt, SignedRequest, StoredVersion
from evidence.vault.holder import Answer
from tests.archive.copies.pair import Pair, opened, two
from tests.archive.house import Footage
from tests.conftest import Count
from tests.faults.lab import RottingVault

AnswerT = TypeVar("AnswerT")


class Cut(Exception):
    """The process ended here."""


class Cuts:
    """Counts what is asked of vaults, and ends it all at one of them."""

    at: int | None = None
    after: bool = False

    @classmethod
    def through(cls, act: Callable[[], AnswerT]) -> AnswerT:
        if cls.at is None:
            return act()
        cls.at -= 1
        if cls.at == 0 and not cls.after:
            raise Cut
        answer = act()
        if cls.at == 0:
            raise Cut
        return answer


class CutVault(RottingVault):
    """A vault whose verbs are counted."""

    def put(self, *args: object, **more: object) -> StoredVersion:
        return Cuts.through(lambda: super(CutVault, self).put(*args, **more))  # type: ignore[arg-type]

    def find(self, *args: object) -> StoredVersion | None:
        return Cuts.through(lambda: super(CutVault, self).find(*args))  # type: ignore[arg-type]

    def versions(self, *args: object) -> Iterator[StoredVersion]:
        return Cuts.through(lambda: super(CutVault, self).versions(*args))  # type: ignore[arg-type]

    def read(self, *args: object) -> Iterator[bytes]:
        return Cuts.through(lambda: super(CutVault, self).read(*args))  # type: ignore[arg-type]

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        Cuts.through(lambda: super(CutVault, self).extend_lock(bucket, key, version_id, lock))

    def start_parts(self, *args: object, **more: object) -> str:
        return Cuts.through(lambda: super(CutVault, self).start_parts(*args, **more))  # type: ignore[arg-type]

    def finish_parts(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        parts: list[PartReceipt],  # type: ignore[override]
        *,
        lock: Lock | None,
    ) -> StoredVersion:
        finish = super().finish_parts
        return Cuts.through(lambda: finish(bucket, key, upload_id, parts, lock=lock))

    def accept(self, request: SignedRequest, body: bytes) -> Answer:
        return Cuts.through(lambda: super(CutVault, self).accept(request, body))

    def barrier(self) -> str:
        return Cuts.through(super().barrier)


@pytest.fixture
async def pair(place: None, tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ARG001
    async with opened(two(tmp_path, first=CutVault, second=CutVault)) as found:
        await found.take_in(1)
        yield found
        Cuts.at = None


async def new_clip(pair: Pair, number: int) -> str:
    data = random.Random(number).randbytes(400)
    station = await pair.door.station()
    archived = await station.archive(Footage(data=data, path=b"%d.MP4" % number))
    await pair.signed()
    return archived.clip


async def copied_once(pair: Pair, at: int, *, after: bool) -> bool:
    """A clip whose copying is cut off at one step, then begun anew; whether it was cut at all."""
    clip = await new_clip(pair, 2 * at + after)
    Cuts.at, Cuts.after = at, after
    was_cut = False
    try:
        await pair.replication._copy_clips()
    except Cut:
        was_cut = True
    Cuts.at = None
    await Replication(pair.replication._means, pair.replication._rules).copy_now()

    told = [each for each in await pair.entries("copy.verified") if each["clip"] == clip]
    versions = list(pair.second.versions(Bucket.ORIGINALS, str(told[0]["key"])))
    assert len(told) == len(versions) == 1
    return was_cut


@pytest.mark.parametrize("part", [1 << 20, pytest.param(150, marks=pytest.mark.slow)])
async def test_copying_may_be_cut_off_anywhere(pair: Pair, part: int, count: Count) -> None:
    object.__setattr__(pair.replication._means.carrying, "part", part)
    cuts = 0
    for at in numbers_from(1):
        before = [await copied_once(pair, at, after=after) for after in (False, True)]
        cuts += sum(before)
        if not any(before):
            break

    assert cuts > 20
    assert await pair.look() == []
    assert {each.component for each in await pair.fsck()} <= {Component.STRAY}
    count(f"second vault: copying cut off at {cuts} places, nothing lost or doubled")


async def mended_once(pair: Pair, at: int, which: Which, *, after: bool) -> bool:
    """As :func:`copied_once`, of a clip whose original went wrong."""
    clip = await new_clip(pair, 2 * at + after)
    await pair.replication.copy_now()
    (row,) = [each for each in await pair.entries("copy.verified") if each["clip"] == clip]
    key = str(row["key"])
    ((_, version),) = [each for each in pair.originals(which) if each[0] == key]
    pair.vaults[which].alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1])
    found = [Finding(step=Step.ORIGINALS, component=Component.ORIGINAL, subject="", problem="")]
    Cuts.at, Cuts.after = at, after
    was_cut = False
    try:
        await pair.repairs.mend(clip, which, found)
    except Cut:
        was_cut = True
        Cuts.at = None
        assert await Repairs(pair.repairs._means).mend(clip, which, found)
    Cuts.at = None
    told = [each for each in await pair.entries("fixity.repair") if each["clip"] == clip]
    assert len(told) == 1
    assert told[0]["what"] == What.ORIGINAL
    assert len(list(pair.vaults[which].versions(Bucket.ORIGINALS, key))) == 2
    return was_cut


@pytest.mark.slow
@pytest.mark.parametrize("which", Which)
async def test_mending_may_be_cut_off_anywhere(pair: Pair, which: Which, count: Count) -> None:
    cuts = 0
    for at in numbers_from(1):
        before = [await mended_once(pair, at, which, after=after) for after in (False, True)]
        cuts += sum(before)
        if not any(before):
            break

    assert cuts > 10
    assert await pair.look() == []
    count(f"second vault: mending cut off at {cuts} places, nothing lost or doubled")
