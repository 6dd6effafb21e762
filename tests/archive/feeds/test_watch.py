from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.feeds import folder
from archive.feeds.reading import LARGEST
from evidence.errors import TemporaryError
from evidence.rights import Role
from evidence.wire import IncidentPage
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Footage, House, Open


async def _incidents(door: Open) -> list[tuple[str, str, int]]:
    reviewer = await door.person(Role.REVIEWER)
    page = (await reviewer.get("/v1/incidents")).as_(IncidentPage)
    return [(each.number, each.officer, each.clips) for each in page.incidents]


async def test_a_file_that_appears_in_the_folder_is_imported_and_linked(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        await (await door.station()).archive(Footage(data=b"footage"))

        (feed / "a.csv").write_text(HEADER + GOOD)
        async with asyncio.timeout(10):
            while await _incidents(door) != [("E-1", "4711", 1)]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

        assert (await door.archive.clips())[0].summary.incidents[0].case == "C-9"


async def test_a_changed_row_is_a_new_fact_and_a_bad_one_is_kept_visible(tmp_path: Path) -> None:
    feed = tmp_path / "cad.csv"
    feed.write_text(HEADER + GOOD + "E-2,,,\n")
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        await door.archive.import_feed_now()
        assert await door.archive.problems() == [f"{feed}:3: no officer badge id"]
        first = (await _health(door))["entries"]

        feed.write_text(HEADER + GOOD.replace("T08:00:00+", "T08:30:00+"))
        assert await door.archive.import_feed_now() == 1

        assert await door.archive.problems() == []
        assert (await _health(door))["entries"] == first + 1


async def test_a_file_that_is_taken_out_of_the_folder_is_no_trouble_any_more(
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.csv").write_text(HEADER + GOOD + "E-2,,,\n")
    house = House.at(tmp_path, incident_feed=str(inbox))
    async with house.opened() as door:
        await door.archive.import_feed_now()
        assert len(await door.archive.problems()) == 1

        (inbox / "a.csv").rename(tmp_path / "a.csv")
        await door.archive.import_feed_now()
        assert await door.archive.problems() == []

        (tmp_path / "a.csv").rename(inbox / "a.csv")
        assert await door.archive.import_feed_now() == 0
        assert len(await door.archive.problems()) == 1


async def test_an_unchanged_file_adds_nothing_after_a_restart(tmp_path: Path) -> None:
    feed = tmp_path / "cad.csv"
    feed.write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        await door.archive.import_feed_now()
        before = (await _health(door))["entries"]
    async with house.opened() as door:
        feed.touch()

        assert await door.archive.import_feed_now() == 0
        assert (await _health(door))["entries"] == before


async def test_a_feed_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    feed = tmp_path / "later" / "cad.csv"
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        assert await door.archive.import_feed_now() == 0
        feed.parent.mkdir()
        feed.write_text(HEADER + GOOD)

        assert await door.archive.import_feed_now() == 1


async def _health(door: Open) -> dict[str, int]:
    async with door.http.get("/v1/health") as answer:
        found: dict[str, int] = await answer.json()
        return found


async def test_a_file_too_large_to_read_stays_visible(tmp_path: Path) -> None:
    feed = tmp_path / "cad.csv"
    feed.touch()
    os.truncate(feed, LARGEST + 1)
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        await door.archive.import_feed_now()

        assert "larger than" in (await door.archive.problems())[0]


async def test_a_file_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    (feed / "a.csv").symlink_to("/proc/self/mem")  # a regular file that fails when read
    (feed / "b.csv").write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(feed))
    async with house.opened() as door:
        with pytest.raises(TemporaryError, match=r"a\.csv"):
            await door.archive.import_feed_now()

        assert [number for number, _, _ in await _incidents(door)] == ["E-1"]


def test_files_that_come_and_go_do_not_stop_the_watch(tmp_path: Path) -> None:
    file, over = tmp_path / "a.csv", threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            file.write_text(HEADER)
            file.unlink()

    with ThreadPoolExecutor(max_workers=1) as exporter:
        exporter.submit(come_and_go)
        try:
            looks = [folder._files(tmp_path) for _ in range(20_000)]
        finally:
            over.set()

    assert {tuple(found) for found in looks} <= {(), (file,)}
