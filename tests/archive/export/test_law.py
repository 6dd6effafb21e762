"""The law that footage was kept by travels with a whole package: old dates can be worked out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.originals import pack_key
from evidence.law import shelf
from evidence.vault import Bucket
from evidence.verification.folder import Folder
from evidence.verification.verdict import Step, Verdict
from tests.archive.export.packages import Package, archived, export
from tests.archive.export.test_verified import judged
from tests.archive.house import Footage, House, Open
from tests.archive.test_retaining import under
from tests.faults.lab import RottingVault

LAWS = ("default", "uk-met")
DIGESTS = sorted(shelf.pack(name).digest.hex for name in LAWS)


@pytest.fixture
async def held(house: House) -> AsyncIterator[tuple[Open, str, RottingVault]]:
    """A house with one clip that was under one law after another."""
    vault = RottingVault(house.clock)
    house = replace(house.with_(vault=vault), vault=vault)
    async with under(house, law_pack=LAWS[0]).opened() as door:
        clip = await archived(await door.station(), Footage(data=b"footage"))
        await door.archive.apply_rules_now()
    async with under(house, law_pack=LAWS[1]).opened() as door:
        await door.archive.apply_rules_now()
        yield door, clip, vault


Held = tuple[Open, str, RottingVault]


async def test_a_whole_package_holds_every_law_that_was_published(
    held: Held, tmp_path: Path
) -> None:
    await export(held[0], tmp_path / "out")

    package, report = Package(folder=tmp_path / "out"), judged(held[0], Folder(tmp_path / "out"))
    assert package.statement.law == DIGESTS
    assert {Path(each).stem for each in package.files if "/law/" in each} == set(DIGESTS)
    assert (report.findings, report.verdict) == ([], Verdict.GENUINE)


async def test_a_law_that_was_lost_is_a_loss_by_name(held: Held, tmp_path: Path) -> None:
    door, _, vault = held
    key = pack_key("lab", DIGESTS[0])
    ((_, version),) = vault.objects(Bucket.RECORDS, key)
    vault.relock(Bucket.RECORDS, key, version, None)
    vault.delete_version(Bucket.RECORDS, key, version)
    await export(door, tmp_path / "out")

    report = judged(door, Folder(tmp_path / "out"))

    assert [(each.step, each.subject) for each in report.losses] == [
        (Step.KEEPING, f"law/{DIGESTS[0]}.toml")
    ]
    assert report.losses == report.findings


async def test_a_selection_of_what_is_there_holds_none(held: Held, tmp_path: Path) -> None:
    door, clip, _ = held
    await export(door, tmp_path / "out", "clips", clips=[clip])

    package, report = Package(folder=tmp_path / "out"), judged(door, Folder(tmp_path / "out"))
    assert package.statement.law == []
    assert not [each for each in package.files if "/law/" in each]
    assert report.verdict is Verdict.GENUINE
