from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from archive.catalogue import censuses
from archive.catalogue.censuses import Uncounted
from archive.census import EVERY, KEY_FILE, Censuses, record_key, record_of, tree_of
from archive.fixity import Step, nobody
from archive.originals import keep_record
from evidence.census import ShownCensus, Subject, check_all, check_one, check_tiling
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.digest import Sha256
from evidence.errors import LogBroken, SetupError
from evidence.package import census_path
from evidence.vault import Bucket, Lock, LockMode
from tests.archive.export.packages import Package, archived, export
from tests.archive.house import Footage, House, Open

DAY = "2026-11-23"
OFFICERS = ("4711", "0815", None, " Li ", "4711")


async def crew(door: Open, officers: tuple[str | None, ...] = OFFICERS) -> list[str]:
    """A clip of each of *officers*, all of one day."""
    station = await door.station()
    return [
        await archived(
            station,
            Footage(
                data=f"{n} {officer}".encode(), path=f"{n} {officer}".encode(), officer=officer
            ),
        )
        for n, officer in enumerate(officers)
    ]


def counts(door: Open) -> Censuses:
    return door.archive._censuses


async def findings(door: Open) -> list[str]:
    """What fsck says of censuses."""
    found = await door.archive.examine(nobody)
    assert {each.step for each in found} <= {Step.CENSUS}
    return [each.problem for each in found]


async def of_day(door: Open, out: Path, officer: str, day: str = DAY) -> Package:
    await export(door, out, "officer-day", subject=officer, day=day)
    return Package(folder=out)


def opened(package: Package, key: str) -> list[int]:
    """The entries that the package shows to be all of whom it is about."""
    found: list[int] = []
    shown = {
        index: censuses.taken(index, _entry(package, index, key)).census
        for index in package.statement.completeness
    }
    check_tiling(list(shown.values()))
    for index, census in shown.items():
        data = package.data(census_path(index))
        found += check_one(census, ShownCensus.from_bytes(data))
    return found


def _entry(package: Package, index: int, key: str) -> Entry:
    package.prove(index, key)
    return Entry(package.data(f"entries/{index}.json"))


@pytest.mark.parametrize(("officer", "clips"), [("4711", 2), ("0815", 1), ("LI", 1)])
async def test_an_officers_day_is_shown_to_be_complete(
    door: Open, tmp_path: Path, officer: str, clips: int
) -> None:
    await crew(door)
    await counts(door).take()
    await crew(door, ("0001",))
    package = await of_day(door, tmp_path / "out", officer)

    entries = [clip.entry for clip in package.statement.clips]
    assert len(package.statement.completeness) == 2
    assert opened(package, door.archive.verifier_key) == entries
    assert len(entries) == clips


async def test_nobody_else_is_named(door: Open, tmp_path: Path) -> None:
    await crew(door)
    package = await of_day(door, tmp_path / "out", "0815")

    text = b"".join((package.folder / path).read_bytes() for path in package.files)
    for other in ("4711", "Li", "nobody"):
        assert f'"officer":"{other}"'.encode() not in text
        if len(other) > 2:  # two bytes in hex stand in some digest now and then
            assert other.encode().hex().encode() not in text


@pytest.mark.parametrize(("officer", "day"), [("4711", "2026-11-24"), ("4712", DAY)])
async def test_a_day_without_clips_is_shown_to_have_none(
    door: Open, tmp_path: Path, officer: str, day: str
) -> None:
    await crew(door)

    package = await of_day(door, tmp_path / "out", officer, day)

    assert package.statement.clips == []
    assert package.statement.completeness
    assert opened(package, door.archive.verifier_key) == []


async def test_days_begin_where_the_agency_lies(house: House, tmp_path: Path) -> None:
    settings = house.parts.settings
    chosen = replace(settings.archive, utc_offset_minutes=480)
    late = Footage(data=b"late", started="2026-11-22T23:30:00.000Z")
    async with house.opened() as door:
        await archived(await door.station(), late)
        await counts(door).take()
    async with house.with_(settings=replace(settings, archive=chosen)).opened() as door:
        await archived(
            await door.station(), replace(late, data=b"later", path=b"2", clip="c-" + "1" * 32)
        )
        by_utc = await of_day(door, tmp_path / "a", "4711", "2026-11-22")
        by_now = await of_day(door, tmp_path / "b", "4711", "2026-11-23")
        key = door.archive.verifier_key

        assert opened(by_utc, key) == [clip.entry for clip in by_utc.statement.clips]
        assert opened(by_now, key) == [clip.entry for clip in by_now.statement.clips]
        assert await findings(door) == []


async def test_in_a_whole_package_every_leaf_is_open(door: Open, tmp_path: Path) -> None:
    await crew(door)
    index = await counts(door).take()
    await export(door, tmp_path / "out")

    package = Package(folder=tmp_path / "out")
    (taken,) = await door.archive._books.catalogue.run(censuses.of_all)
    shown = ShownCensus.from_bytes(package.data(census_path(index)))
    whose = check_all(taken.census, shown)
    assert whose == dict(
        zip(
            (clip.entry for clip in package.statement.clips),
            (Subject(day=DAY, officer=who) for who in ("4711", "0815", None, "li", "4711")),
            strict=True,
        )
    )


async def test_two_at_once_tile_the_log(door: Open) -> None:
    await crew(door)
    await asyncio.gather(*(counts(door).take() for _ in range(3)))

    found = await door.archive._books.catalogue.run(censuses.of_all)
    assert len(found) == 3
    assert check_tiling([each.census for each in found]) == found[-1].census.end
    assert await findings(door) == []


async def test_it_is_due_a_day_after_the_last_if_something_came_in(door: Open) -> None:
    async def due() -> bool:
        before = stamp(door.clock.now() - EVERY)
        return await door.archive._books.catalogue.run(censuses.is_due, before)

    assert not await due()
    await crew(door)
    assert not await due()
    door.clock.advance(EVERY.total_seconds())
    assert await due()
    await counts(door).take()
    door.clock.advance(EVERY.total_seconds() + 1)
    assert not await due()
    await crew(door, ("9",))
    assert await due()


async def lie(door: Open, told: Uncounted) -> None:
    """Put a census on record that counts what is *told*."""
    rules, now = counts(door).rules, door.clock.now()
    tree = tree_of(told, rules)
    data, lock = (
        record_of(tree),
        Lock(mode=LockMode.COMPLIANCE, until=rules.rulebook.first_lease(now)),
    )
    digest = Sha256.of(data)
    keep_record(door.vault, record_key("lab", digest.hex), data, lock)
    (true,) = await door.archive._books.catalogue.run(censuses.of_all)
    false = msgspec.structs.replace(
        true.census,
        first=told.first,
        end=told.end,
        clips=len(told.clips),
        leaves=len(tree),
        root=tree.root.hex(),
    )
    await door.archive._books.catalogue.run(censuses.keep, false, digest)


@pytest.mark.parametrize(
    ("officers", "problem"),
    [(("4711",), "leaves out entry"), (("4711", "0815"), "not under the officer")],
)
async def test_fsck_finds_a_census_that_lies(
    door: Open, officers: tuple[str, ...], problem: str
) -> None:
    await counts(door).take()
    await crew(door, ("4711", "4712"))
    true = await door.archive._books.catalogue.run(censuses.since_last)
    clips = [replace(clip, officer=who) for clip, who in zip(true.clips, officers, strict=False)]
    await lie(door, replace(true, clips=tuple(clips)))

    (found,) = await findings(door)
    assert problem in found


async def test_fsck_finds_a_record_of_leaves_that_is_gone_or_another(door: Open) -> None:
    await crew(door)
    await counts(door).take()
    (taken,) = await door.archive._books.catalogue.run(censuses.of_all)
    key = record_key("lab", taken.openings)
    door.vault.put(Bucket.RECORDS, key, b"{}")

    assert await findings(door) == ["its record of leaves is not the one that it names"]


async def test_a_package_is_not_made_of_a_census_that_hides_a_clip(
    door: Open, tmp_path: Path
) -> None:
    await counts(door).take()
    await crew(door, ("4711", "4711"))
    true = await door.archive._books.catalogue.run(censuses.since_last)
    await lie(door, replace(true, clips=true.clips[:1]))

    with pytest.raises(LogBroken, match="do not agree about entry"):
        await of_day(door, tmp_path / "out", "4711")


async def test_without_its_key_no_census_and_no_proof_is_made(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        await crew(door)
        await counts(door).take()
    (house.parts.folder / KEY_FILE).unlink()

    async with house.opened() as door:
        with pytest.raises(SetupError, match=KEY_FILE):
            await of_day(door, tmp_path / "out", "4711")
        assert any("census.key" in problem for problem in await findings(door))
        assert not list(tmp_path.glob("out*"))
        await export(door, tmp_path / "out")
    package = Package(folder=tmp_path / "out")
    (index,) = package.statement.completeness
    shown = ShownCensus.from_bytes(package.data(census_path(index)))
    assert {leaf.of for leaf in shown.leaves} == {None}
