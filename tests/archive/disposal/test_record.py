"""What is left of a clip is the record of its end, and everybody who reads it agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.vault import Bucket
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Verdict
from evidock.home import Home
from evidock.report import report
from tests.archive.disposal.ending import FOOTAGE, Ending, ending
from tests.archive.export.packages import Package, export
from tests.archive.house import Footage, House
from tests.archive.rebuilding import busy_day, held_by, rebuilt
from tests.faults.lab import RottingVault


def verified(end: Ending, folder: Path) -> Report:
    """What a court finds that trusts the log's key and the witness."""
    policy = end.door.archive.witnesses.published.encode()
    brought = Brought(policy=policy, now=end.door.clock.now() + timedelta(days=1))
    return judge_package(Folder(folder), brought, lambda *_: None)


async def test_what_is_rebuilt_is_the_same(house: House, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    archive = replace(house.parts.settings.archive, incident_feed=str(feed))
    house = house.with_(settings=replace(house.parts.settings, archive=archive))
    async with ending(house, tmp_path / "court") as end:
        clip = await busy_day(end.door, feed)
        await end.lift_all(clip)
        await end.agreed(clip)
        assert (await end.walk()).done == (clip,)
        assert await end.fsck() == []

    found, told = await rebuilt(house, tmp_path / "rebuilt.db")

    assert found == await held_by(house)
    assert told.findings == []
    assert not [row for row in found["hold"] if row["clip"] == clip]


async def test_a_whole_package_of_it_is_genuine(end: Ending, tmp_path: Path) -> None:
    clip = await end.archive()
    await end.archive(Footage(data=b"another", path=b"O.MP4"))
    await end.agreed(clip)
    await end.walk()
    await end.cosign()

    await export(end.door, tmp_path / "all")

    report = verified(end, tmp_path / "all")
    assert (report.findings, report.verdict) == ([], Verdict.GENUINE)
    told = {each.clip: each.without for each in Package(folder=tmp_path / "all").statement.clips}
    assert told[clip] == "disposed"


@pytest.mark.parametrize("kind", ["clips", "officer-day"])
async def test_a_selection_says_that_it_is_gone_and_why(
    end: Ending, tmp_path: Path, kind: str
) -> None:
    clip = await end.archive()
    other = await end.archive(Footage(data=b"another", path=b"O.MP4"))
    await end.agreed(clip)
    await end.door.archive.census_now()
    await end.walk()
    named = (
        {"clips": [clip, other]} if kind == "clips" else {"subject": "4711", "day": "2026-11-23"}
    )

    await export(end.door, tmp_path / "some", kind, **named)

    report = verified(end, tmp_path / "some")
    assert (report.findings, report.verdict) == ([], Verdict.GENUINE)
    told = {each.clip: each.without for each in Package(folder=tmp_path / "some").statement.clips}
    assert told == {clip: "disposed", other: None}


async def test_evidock_clips_lists_it_as_gone_and_nothing_else(end: Ending, tmp_path: Path) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    await end.walk()

    told = report([], await end.door.archive.clips(), Home(tmp_path / "home"))

    (listed,) = told.clips
    assert (listed["id"], listed["state"], listed["vault"]) == (clip, "DISPOSED", None)
    names = ("camera", "officer", "original_name", "original_name_hex", "source_path")
    assert [listed[name] for name in names] == [None] * len(names)
    assert listed["sha256"] == FOOTAGE.sha256.hex
    assert (told.unarchived, told.sentence.endswith("1 disposed of")) == ([], True)


async def test_missing_without_a_tombstone_is_an_incident(house: House, tmp_path: Path) -> None:
    vault = RottingVault(house.clock)
    async with ending(replace(house.with_(vault=vault), vault=vault), tmp_path / "court") as end:
        await end.archive()
        ((key, version),) = vault.objects(Bucket.ORIGINALS)
        vault.relock(Bucket.ORIGINALS, key, version, None)
        vault.delete_version(Bucket.ORIGINALS, key, version)

        assert any("is missing" in each for each in await end.fsck())


async def test_what_is_there_after_its_tombstone_is_found(house: House, tmp_path: Path) -> None:
    async with ending(house, tmp_path / "court") as end:
        clip = await end.archive()
        await end.agreed(clip)
        await end.walk()
        vault, key = end.door.vault, f"lab/{FOOTAGE.sha256.hex}"

        vault.put(Bucket.ORIGINALS, key, FOOTAGE.data)
        vault.put(Bucket.DERIVED, f"lab/{clip}/x/media.mp4", b"a likeness")

        found = await end.fsck()
        assert any(key in each for each in found)
        assert any("is there, and the clip was disposed of" in each for each in found)


async def test_the_count_and_the_rounds_do_not_miss_what_is_gone(end: Ending) -> None:
    clip = await end.archive()
    await end.archive(Footage(data=b"another", path=b"O.MP4"))
    await end.agreed(clip)
    await end.walk()

    await end.door.archive.upkeep.counting.count_now()
    looked = await end.door.archive.upkeep.look_now()

    (counted, *_) = reversed(await end.entries("fixity.count"))
    assert (counted["clips"], counted["first"], counted["missing"]) == (1, 1, 0)
    assert looked == 1
    assert await end.entries("fixity.fail") == []
    assert end.door.archive.upkeep.problems == []


async def test_the_same_file_docked_again_is_another_clip(end: Ending) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    await end.walk()
    again = replace(FOOTAGE, clip="c-" + "7" * 32)

    came = await end.archive(again)

    assert came == again.clip
    assert (await end.row("clip", clip))["state"] == "DISPOSED"
    assert await end.fsck() == []
