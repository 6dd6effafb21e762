"""The evidence tables made anew: row for row, and what cannot be had is named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from archive.catalogue.tellings import UNKNOWN
from archive.derived import DESCRIPTION
from archive.openings import key_of
from evidence.errors import LogBroken
from evidence.openings import Openings
from evidence.rights import Role
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from tests.archive.house import Footage, House, derived_objects, rendition
from tests.archive.rebuilding import busy_day, held_by, rebuilt
from tests.faults.lab import RottingVault

FILED = ["case_clip", "document", "document_view", "dossier", "case_export"]
"""What people put into cases comes back in ``test_case_files``."""


@pytest.fixture
def house(place: None, tmp_path: Path) -> House:  # noqa: ARG001  it sets the place
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    vault = RottingVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


async def kept(house: House) -> str:
    """A busy day in *house*, which is closed afterwards."""
    async with house.opened() as door:
        return await busy_day(door, Path(house.parts.settings.archive.incident_feed))


@pytest.mark.parametrize("folder", [True, False])
async def test_every_row_comes_back(house: House, tmp_path: Path, *, folder: bool) -> None:
    await kept(house)
    if not folder:
        shutil.rmtree(house.parts.folder / "log")

    made, brought = await rebuilt(house, tmp_path / "new.sqlite")

    wanted = await held_by(house)
    empty = [name for name, rows in wanted.items() if not rows]
    assert empty == ["look", "copy", *FILED]
    assert made == wanted
    assert brought.findings == []


async def test_a_second_run_over_the_same_catalogue_changes_nothing(
    house: House, tmp_path: Path
) -> None:
    await kept(house)
    first, _ = await rebuilt(house, tmp_path / "new.sqlite")

    again, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert again == first
    assert brought.entries == 0


def spoil(house: House, bucket: Bucket, prefix: str) -> int:
    """Let other bytes lie under *prefix*, as a thief of the store would; how many objects."""
    vault = house.vault
    assert isinstance(vault, RottingVault)
    found = vault.objects(bucket, prefix)
    for key, version in found:
        vault.alter(bucket, key, version, lambda data: data.replace(b"a", b"b"))
    return len(found)


SPOILT = {
    *("station row", "incident row", "person row", "reason row", "hold row", "closing row"),
    *("proposal row", "draw row", "sheet row", "finding row", "finding act row"),
    *("case row", "duty row", "assignment row", "feed key row", "excuse row"),
    *("marker row", "choice row"),
    *("stay row", "outage row"),
}
"""What cannot be told without openings."""


async def test_what_openings_do_not_open_is_named_and_nothing_false_stands_there(
    house: House, tmp_path: Path
) -> None:
    await kept(house)
    assert spoil(house, Bucket.RECORDS, "lab/openings/")

    made, brought = await rebuilt(house, tmp_path / "new.sqlite")

    wanted = await held_by(house)
    for table in ("entry", "clip", "rendition", "derived", "link", "journal"):
        assert made[table] == wanted[table]
    assert {row["officer"] for row in made["incident"]} == {UNKNOWN}
    assert (made["view_reason"], made["person"]) == ([], [])
    assert [row["name"] for row in made["station"]] == [row["id"] for row in made["station"]]
    assert {(row["authority"], row["reason"]) for row in made["hold"]} == {(UNKNOWN, UNKNOWN)}
    assert {each.component.value for each in brought.findings} == SPOILT


async def test_rows_that_are_there_know_better_than_what_is_not_to_be_had(
    house: House, tmp_path: Path
) -> None:
    clip = await kept(house)
    first, _ = await rebuilt(house, tmp_path / "new.sqlite")
    assert spoil(house, Bucket.RECORDS, "lab/openings/")
    assert spoil(house, Bucket.RECORDS, "lab/manifests/")
    for version in list(house.vault.versions(Bucket.DERIVED, f"lab/{clip}/")):
        house.vault.delete_version(Bucket.DERIVED, version.key, version.version_id)

    again, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert again == first
    assert {each.component.value for each in brought.findings} >= {"manifest", "derived object"}


async def test_a_rendition_keeps_what_only_its_objects_told(house: House, tmp_path: Path) -> None:
    objects = {**derived_objects(), DESCRIPTION: b'{"kind":"copy","duration_ms":1500,"width":64}'}
    told = msgspec.structs.replace(rendition(objects), duration_ms=1500, width=64)
    async with house.opened() as door:
        station = await door.station()
        await station.pull(footage := Footage(data=b"first", path=b"1.MP4"))
        clip = (await station.archive(footage)).clip
        await station.bring(clip, told, objects)
    first, _ = await rebuilt(house, tmp_path / "new.sqlite")
    assert [row["duration_ms"] for row in first["rendition"]] == [1500]
    for version in list(house.vault.versions(Bucket.DERIVED, f"lab/{clip}/")):
        house.vault.delete_version(Bucket.DERIVED, version.key, version.version_id)

    again, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert again == first
    assert len(brought.findings) == len(objects)


async def test_an_officer_number_that_is_kept_nowhere_is_named(
    house: House, tmp_path: Path
) -> None:
    async with house.opened() as door:
        await door.person(Role.OFFICER, officer="4711", name="张伟")
    first, _ = await rebuilt(house, tmp_path / "new.sqlite")
    (row,) = first["person"]
    key = key_of("lab", int(str(row["by_entry"])))
    found = house.vault.find(Bucket.RECORDS, key)
    assert found is not None
    held = Openings.from_bytes(b"".join(house.vault.read(found.bucket, key, found.version_id)))
    less = replace(held, openings={"name": held.openings["name"]})
    house.vault.put(Bucket.RECORDS, key, less.to_bytes(), content_type="application/json")

    again, brought = await rebuilt(house, tmp_path / "new.sqlite")
    anew, _ = await rebuilt(house, tmp_path / "anew.sqlite")

    assert again["person"] == first["person"]
    assert [each["officer"] for each in anew["person"]] == [None]
    assert [each.problem for each in brought.findings] == ["the officer number is kept nowhere"]


async def test_lost_manifests_and_derived_objects_are_named_clip_by_clip(
    house: House, tmp_path: Path
) -> None:
    clip = await kept(house)
    spoil(house, Bucket.RECORDS, "lab/manifests/")
    for version in house.vault.versions(Bucket.DERIVED, f"lab/{clip}/"):
        house.vault.delete_version(Bucket.DERIVED, version.key, version.version_id)

    made, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert [row["camera"] for row in made["clip"]] == [UNKNOWN, UNKNOWN]
    told = {(each.component.value, each.subject.split("/")[0]) for each in brought.findings}
    assert told == {("manifest", "records"), ("derived object", "derived")}
    assert len(made["link"]) == len((await held_by(house))["link"])


async def test_two_histories_are_told_apart_from_one(house: House, tmp_path: Path) -> None:
    await kept(house)
    away = tmp_path / "away"
    house.parts.folder.rename(away)
    shutil.copytree(away, house.parts.folder)
    shutil.rmtree(house.parts.folder / "log")
    house.parts.folder.joinpath("catalogue.sqlite").unlink(missing_ok=True)
    settings, vault = house.parts.settings, MemoryVault(house.clock)
    alone = replace(settings, archive=replace(settings.archive, database=""))
    async with replace(house.with_(vault=vault, settings=alone), vault=vault).opened() as door:
        await door.station()

    with pytest.raises(LogBroken, match="two histories"):
        await rebuilt(house, tmp_path / "new.sqlite")


async def test_a_copy_that_is_not_whole_is_named_and_another_taken(
    house: House, tmp_path: Path
) -> None:
    await kept(house)
    bundle = next((house.parts.folder / "log" / "tile" / "entries").rglob("*.p/*"))
    for each in bundle.parent.iterdir():
        each.write_bytes(each.read_bytes()[:-1])

    made, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert made == await held_by(house)
    (finding,) = brought.findings
    assert finding.problem.startswith("the folder is not whole: ")
