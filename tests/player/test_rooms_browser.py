"""The pages of rooms in Chromium: nothing is cut or shut; and what they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from yarl import URL

from archive.catalogue import outages, stays
from archive.catalogue.outages import OutageTold
from archive.catalogue.people import account
from evidence.clock import stamp
from evidence.coverage_settings import CoverageSettings
from evidence.rights import Role
from player import service
from tests.archive.accountability.test_rooms import ROOMS, length_comes, stay
from tests.archive.house import PASSWORD, START, Footage, House
from tests.player.looks import WIDE, Look, in_every_look, sign_in, tab, wrong_with
from tests.player.test_coverage_browser import Windows
from tests.player.test_reviews_browser import LONG
from tests.player.window import served

pytestmark = pytest.mark.browser


@asynccontextmanager
async def windows(folder: Path) -> AsyncIterator[Windows]:
    house = House.at(folder, utc_offset_minutes=480)
    chosen = CoverageSettings(rooms=(*ROOMS, f"NVR02/D01={LONG}"))
    house = house.with_(settings=replace(house.parts.settings, coverage=chosen))
    async with house.opened() as door:
        for name, role in (("lena", Role.LEGAL), ("sam", Role.SUPERVISOR)):
            await door.archive.create_person(name, PASSWORD, role)
        player = service.build(house.parts.settings, str(door.http.make_url("/")), clock=door.clock)
        async with served(player) as url:
            yield Windows(door=door, url=url)


async def filled(made: Windows) -> None:
    """A stay in three rooms: one with a gap, one without film, one that nobody set a recorder for.

    Sam says that one recorder was down.
    """
    run = made.door.archive.books.catalogue.run
    rooms = [stay(LONG, 0, 60), stay(LONG, 65, 90, LONG), stay(LONG, 91, None, "无名室")]
    told = [*rooms, stay("S-2", 0, 20), stay("S-3", 0, 20, "候问室")]
    await run(stays.take, told)
    made.door.clock.advance(timedelta(hours=3).total_seconds())
    station = await made.door.station()
    for begin, minutes in ((-10, 40), (45, 40), (80, None)):
        film = Footage(data=b"%d" % begin, path=b"NVR01/%d.mp4" % begin, acquisition="imported")
        begun = stamp(START + timedelta(minutes=begin))
        channel = "import/NVR01/D03" if minutes else "import/NVR02/D01"
        film = replace(film, camera=channel, officer=None, started=begun)
        film = replace(film, imported_by="c", import_reason="r")
        await station.pull(film)
        clip = (await station.archive(film)).clip
        if minutes is not None:
            await run(length_comes, clip, minutes)
    sam = await run(account, "sam")
    assert sam is not None
    span = {"since": START + timedelta(minutes=30), "until": START + timedelta(minutes=40)}
    down = OutageTold(what="channel", name="NVR01/D03", code="power", reason=LONG, **span)
    await run(outages.say, sam.id, down, made.door.archive.desk.coverage.rooms)


def address(made: Windows, session: str = LONG) -> str:
    return f"{made.url}{URL('/coverage/rooms/stay').with_query(session=session)}"


@in_every_look
async def test_every_page_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with windows(tmp_path) as made, tab(made.url, look) as (page, complaints):
        found = list(await wrong_with(page, f"{made.url}/coverage/rooms"))
        found += await wrong_with(page, f"{made.url}/coverage/outages")
        await filled(made)
        await sign_in(page, made.url)
        for each in ("rooms", "rooms?show=excused", "outages"):
            found += await wrong_with(page, f"{made.url}/coverage/{each}")
        found += await wrong_with(page, address(made))

    assert "\n".join([*found, *complaints]) == ""


async def test_an_outage_is_said_and_another_person_agrees(tmp_path: Path) -> None:
    async with windows(tmp_path) as made:
        await filled(made)
        async with tab(made.url, ("en", "light", WIDE)) as (page, complaints):
            await sign_in(page, made.url)
            await page.goto(address(made, "S-3"))
            assert await page.inner_text(".heading .badge:first-of-type") == "Missing"
            await page.click("summary:has-text('Say that')")
            await page.fill("#outage-reason", "power cut")
            await page.click("button:has-text('Say that')")
            await page.wait_for_selector("text=Waits for another person")
            await page.goto(address(made))
            own = page.locator(".hold", has_text="16:30:00")
            await own.locator("button", has_text="Agree").click()
            await page.wait_for_selector("text=Agreed")
            gaps = await page.inner_text("section[aria-labelledby=spans] tbody tr:first-child")

    assert complaints == []
    assert gaps.count("recorders were down") == 1
    assert "16:40:03 – 2026-11-23 16:45:00" in gaps
