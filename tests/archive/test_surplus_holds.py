"""An S3 legal hold that no record and no clip asks for is named; one that something does is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.catalogue.moves import Which
from archive.fixity import nobody
from evidence.vault import Bucket, Vault
from tests.archive.copies import pair
from tests.archive.house import House
from tests.archive.test_legal_holds import SAME, archived, copied, hold, lift, look, resting


def put_on_by_hand(vault: Vault, *, on: bool = True) -> None:
    """Somebody who owns the store has put one on everything."""
    for bucket in (Bucket.ORIGINALS, Bucket.RECORDS):
        for each in list(vault.versions(bucket, "lab/")):
            if bucket is Bucket.ORIGINALS or "/manifests/" in each.key:
                vault.set_legal_hold(bucket, each.key, each.version_id, on=on)


@pytest.mark.parametrize("which", list(Which))
async def test_one_that_nobody_asked_for_is_named(tmp_path: Path, which: Which) -> None:
    async with pair.opened(pair.two(tmp_path)) as both:
        clip = await copied(both)
        put_on_by_hand(both.vaults[which])

        problems = await both.look(which)

        assert any(clip in each and "legal hold" in each for each in problems)
        found = [(each.component.value, int(each.step)) for each in await both.fsck()]
        assert found == ([("legal hold", 6), ("legal hold", 7)] if which is Which.FIRST else [])
        put_on_by_hand(both.vaults[which], on=False)
        assert (await both.look(which), await both.fsck()) == ([], [])


async def test_one_that_is_about_to_be_on_record_is_no_difference(house: House) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        held = await hold(door, clip)
        put_on_by_hand(door.vault)
        assert await door.archive.examine(nobody) == []
        await look(door)
        await lift(door, clip, held)
        assert await door.archive.examine(nobody) == []


async def test_one_that_the_same_bytes_need_is_no_difference(house: House) -> None:
    async with resting(house) as door:
        await archived(door)
        other = await archived(door, SAME)
        await hold(door, other)
        await look(door)

        assert await door.archive.examine(nobody) == []
        put_on_by_hand(door.vault)
        (found,) = await door.archive.examine(nobody)
        assert (found.component.value, int(found.step)) == ("legal hold", 6)  # of the first one
