"""The pages of coverage in Chromium: nothing is cut or shut; and what they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from yarl import URL

from archive.catalogue import accounted, excuses, incidents
from archive.catalogue.coverage import Asked
from archive.catalogue.people import account
from evidence.clock import stamp
from evidence.rights import Role
from player import service
from tests.archive.house import PASSWORD, START, Footage, House, Open
from tests.archive.ledger import BUFFER, told
from tests.player.looks import WIDE, Look, in_every_look, sign_in, tab, wrong_with
from tests.player.test_reviews_browser import LONG
from tests.player.window import served

pytestmark = pytest.mark.browser


@dataclass(slots=True, kw_only=True)
class Windows:
    """A player before an archive in which some footage lacks."""

    door: Open
    url: str

    @property
    def event(self) -> str:
        return f"{self.url}{URL('/coverage/event').with_query(number=LONG)}"


@asynccontextmanager
async def windows(folder: Path) -> AsyncIterator[Windows]:
    house = House.at(folder)
    async with house.opened() as door:
        for name, role in (("lena", Role.LEGAL), ("sam", Role.SUPERVISOR)):
            await door.archive.create_person(name, PASSWORD, role)
        player = service.build(house.parts.settings, str(door.http.make_url("/")), clock=door.clock)
        async with served(player) as url:
            yield Windows(door=door, url=url)


async def filled(made: Windows) -> None:
    """Footage of one officer late and with gaps, none of another, and a number that lacks."""
    run = made.door.archive.books.catalogue.run
    sent = [
        replace(told(LONG, "4711", START), call_type=LONG),
        told(LONG, LONG, START),
        *(told(f"E-{n}", "0815", START + timedelta(hours=n)) for n in range(3)),
    ]
    await run(incidents.take, sent, BUFFER)
    made.door.clock.advance(timedelta(hours=60).total_seconds())
    station = await made.door.station()
    for number in (1, 3):
        clip = Footage(data=b"%d" % number, path=b"DCIM/100MEDIA/VID_%04d.MP4" % number)
        begun = stamp(START + timedelta(minutes=number * 10))
        await station.archive(replace(clip, officer="4711", started=begun))
    sam = await run(account, "sam")
    assert sam is not None
    asked = Asked(since=START - timedelta(days=1), until=START + timedelta(days=1), officer=LONG)
    terms = made.door.archive.desk.coverage.judging
    (part,) = (await run(accounted.page, asked, terms, "", 9)).parts
    await run(excuses.ask, sam, part.incident, "covert", LONG)


@in_every_look
async def test_every_page_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with windows(tmp_path) as made, tab(made.url, look) as (page, complaints):
        found = list(await wrong_with(page, f"{made.url}/coverage"))
        found += await wrong_with(page, f"{made.url}/coverage/withheld")
        await filled(made)
        await sign_in(page, made.url)
        pages = [f"{made.url}/coverage{each}" for each in ("", "?show=all", "/withheld")]
        for address in [*pages, made.event]:
            found += await wrong_with(page, address)

    assert "\n".join([*found, *complaints]) == ""


async def test_one_agrees_to_an_excuse_that_another_asked_for(tmp_path: Path) -> None:
    async with windows(tmp_path) as made:
        await filled(made)
        async with tab(made.url, ("en", "light", WIDE)) as (page, complaints):
            await sign_in(page, made.url)
            await page.goto(f"{made.url}/coverage?show=missing")
            await page.click(f"a:has-text('{LONG}')")
            await page.click("button:has-text('Agree')")
            await page.wait_for_selector("text=Agreed")
            await page.goto(f"{made.url}/coverage?show=excused")
            assert await page.inner_text("tbody .badge") == "Excused"

    assert complaints == []
