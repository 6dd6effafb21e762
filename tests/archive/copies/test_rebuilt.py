"""Copies and repairs live in the log: rows made anew from it lead to the same versions."""

from __future__ import annotations

from pathlib import Path

from archive.catalogue.moves import Which
from evidence.vault import Bucket
from tests.archive.copies.pair import opened, two
from tests.archive.rebuilding import held_by, rebuilt

PLACE = ("id", "bucket", "key", "version_id", "lock_mode", "lock_until")


async def test_rows_of_copies_and_repairs_come_back(
    place: None,  # noqa: ARG001
    tmp_path: Path,
) -> None:
    house = two(tmp_path)
    async with opened(house) as pair:
        await pair.take_in(4)
        for which in Which:
            for spot in pair.originals(which)[: 1 + (which is Which.SECOND)]:
                pair.vaults[which].alter(Bucket.ORIGINALS, *spot, lambda data: data[:-1] + b"!")
                assert await pair.look() == []
        assert len(await pair.entries("fixity.repair")) == 3
    made, _ = await rebuilt(house, tmp_path / "new.sqlite")
    wanted = await held_by(house)

    assert len(wanted["copy"]) == 4
    assert made["copy"] == wanted["copy"]
    places = [[row[name] for name in PLACE] for row in made["clip"]]
    assert places == [[row[name] for name in PLACE] for row in wanted["clip"]]
