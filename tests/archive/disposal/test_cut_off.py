"""Cut off after anything that is asked of a vault, closed and opened again, a disposal goes on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from archive.catalogue import sealed
from evidence.vault import Bucket, StoredVersion
from tests.archive.disposal.ending import Ending, ending, left_of, originals
from tests.archive.house import House
from tests.faults.lab import RottingVault

POINTS = 8
AnswerT = TypeVar("AnswerT")


class Cut(Exception):
    """The process ended here."""


class CutVault(RottingVault):
    """A vault that counts what is asked of it while a disposal is under way."""

    left: int | None = None
    """After so many it all ends."""
    asked = 0

    def _through(self, act: Callable[[], AnswerT]) -> AnswerT:
        answer = act()
        self.asked += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise Cut
        return answer

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        return self._through(lambda: super(CutVault, self).find(bucket, key, version_id))

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        found = list(super().versions(bucket, prefix))
        return self._through(lambda: iter(found))

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        self._through(lambda: super(CutVault, self).delete_version(bucket, key, version_id))

    def barrier(self) -> str:
        return self._through(lambda: super(CutVault, self).barrier())


@pytest.fixture
def cutting(house: House) -> House:
    vault = CutVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


async def cut_off(end: Ending, vault: CutVault, at: int | None) -> tuple[str, int]:
    """The clip, and what was asked until the end."""
    clip = await end.archive()
    await (await end.station()).derive(clip)
    await end.agreed(clip)
    await end.cosign()
    await end.quiet()
    vault.asked, vault.left = 0, at
    if at is None:
        await end.door.archive.dispose_now()
    else:
        with pytest.raises(Cut):
            await end.door.archive.dispose_now()
    vault.left = None
    return clip, vault.asked


@pytest.mark.slow
async def test_cut_off_anywhere_it_ends_after_the_next_start(
    cutting: House, tmp_path: Path
) -> None:
    vault = cutting.vault
    assert isinstance(vault, CutVault)
    async with ending(cutting, tmp_path / "court") as end:
        _, asked = await cut_off(end, vault, None)
    assert asked > 20
    for at in sorted(random.Random(asked).sample(range(1, asked + 1), POINTS)):
        again = house_at(cutting, tmp_path / str(at))
        assert isinstance(again.vault, CutVault)
        async with ending(again, tmp_path / str(at) / "court") as end:
            clip, _ = await cut_off(end, again.vault, at)
        async with ending(again, tmp_path / str(at) / "court") as end:
            await ends(end, clip, at)


def house_at(like: House, folder: Path) -> House:
    folder.mkdir()
    vault = CutVault(like.clock)
    return replace(like.with_(vault=vault, folder=folder / "archive"), vault=vault)


async def ends(end: Ending, clip: str, at: int) -> None:
    """What was cut off goes on to its end, as it was said to."""
    assert await end.fsck() == [], at
    begun = await end.entries("dispose.begin")
    live = await end.run(sealed.live_of, [clip])
    assert (live == []) == bool(begun), at

    walked = await end.walk()

    assert walked.done == (clip,), at
    assert left_of(end.door.vault, clip) == originals(end.door.vault) == [], at
    (begun_,), (done,) = await end.entries("dispose.begin"), await end.entries("dispose.done")
    assert sorted(map(str, done["objects"])) == sorted(map(str, begun_["objects"])), at
    assert await end.fsck() == [], at
