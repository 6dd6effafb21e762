"""One clip that fails for the time being holds up no other; an engine that is down ends a walk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.disposal.walking import IN_A_ROW
from evidence.clock import Clock
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket
from tests.archive.disposal.ending import WINDOW, Ending, ending
from tests.archive.house import Footage, House
from tests.faults.lab import RottingVault


class Sore(RottingVault):
    """A vault that answers with an error when it is to give up some of what it holds."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.sore: set[str] = set()
        """Keys of originals; ``*`` for all."""
        self.tried: list[str] = []

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        if bucket is Bucket.ORIGINALS:
            self.tried.append(key)
            if self.sore & {key, "*"}:
                raise VaultUnreachable(f"{key}: 503 SlowDown")
        super().delete_version(bucket, key, version_id)


@pytest.fixture
def sore(house: House) -> House:
    vault = Sore(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


async def agreed(end: Ending, clips: int) -> list[str]:
    """So many clips that two agreed on, in the order in which they go."""
    made = [
        await end.archive(Footage(data=b"%d" % number, path=b"%d.MP4" % number))
        for number in range(clips)
    ]
    await end.agreed(made[0])
    for clip in made[1:]:
        await end.approve(await end.propose(clip))
    end.later(WINDOW + timedelta(hours=1))
    return made


def key_of(number: int) -> str:
    return f"lab/{Footage(data=b'%d' % number).sha256.hex}"


async def test_one_that_fails_holds_up_no_other_and_is_told(sore: House, tmp_path: Path) -> None:
    vault = sore.vault
    assert isinstance(vault, Sore)
    async with ending(sore, tmp_path / "court") as end:
        first, *others = await agreed(end, 3)
        vault.sore = {key_of(0)}

        assert set((await end.walk()).done) == set(others)

        (problem,) = end.problems()
        assert first in problem
        assert "tried again" in problem
        assert "503 SlowDown" in problem
        vault.sore = set()
        assert (await end.walk()).done == (first,)
        assert (end.problems(), await end.fsck()) == ([], [])


async def test_an_engine_that_is_down_ends_the_walk_soon_and_clearly(
    sore: House, tmp_path: Path
) -> None:
    vault = sore.vault
    assert isinstance(vault, Sore)
    async with ending(sore, tmp_path / "court") as end:
        clips = await agreed(end, IN_A_ROW + 2)
        vault.sore = {"*"}

        with pytest.raises(VaultUnreachable, match="503 SlowDown"):
            await end.walk()

        assert len(vault.tried) == IN_A_ROW
        assert any("the walk of disposal ended" in each for each in end.problems())
        vault.sore = set()
        assert set((await end.walk()).done) == set(clips)
        assert end.problems() == []


async def test_those_that_fail_again_and_again_keep_no_other_waiting(
    sore: House, tmp_path: Path
) -> None:
    vault = sore.vault
    assert isinstance(vault, Sore)
    async with ending(sore, tmp_path / "court") as end:
        clips = await agreed(end, IN_A_ROW + 2)
        vault.sore = {"*"}
        with pytest.raises(VaultUnreachable):
            await end.walk()
        failed = set(vault.tried)
        vault.sore, vault.tried = failed, []

        with pytest.raises(VaultUnreachable):
            await end.walk()

        gone = [each["clip"] for each in await end.entries("dispose.done")]
        assert (len(gone), len(clips)) == (2, IN_A_ROW + 2)
        assert set(vault.tried[-IN_A_ROW:]) == failed
