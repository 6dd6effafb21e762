"""The pages of reviews and findings in Chromium: nothing is cut or shut; and what they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import draws, findings, reviews
from evidence.clock import stamp
from evidence.rights import Role
from player import service
from tests.archive.house import PASSWORD, House
from tests.archive.reviewing.house_of_reviews import Reviewing, answers
from tests.player.looks import WIDE, Look, in_every_look, sign_in, tab, wrong_with
from tests.player.window import served

pytestmark = pytest.mark.browser

LONG = "十一月现场执法记录评查" * 8 + "averyveryverylongwordwithoutanyblanks" * 4
A_DAY = 86_400.0


@dataclass(slots=True, kw_only=True)
class Windows:
    """Pages that have something on them."""

    here: Reviewing
    url: str
    open_draw: str = ""
    drawn_at: str = ""
    """When its numbers were drawn, as a browser writes it."""
    mine: str = ""
    """A sheet that lena is to fill in."""
    late: str = ""
    pages: tuple[str, ...] = ()


@asynccontextmanager
async def windows(folder: Path) -> AsyncIterator[Windows]:
    """A player before an archive with nothing to review yet, but for its clips."""
    house = House.at(folder)
    async with house.opened() as door:
        here = await Reviewing.of(door, clips=6, reviewers=0)
        here.people["lena"] = await door.archive.create_person("lena", PASSWORD, Role.SUPERVISOR)
        player = service.build(house.parts.settings, str(door.http.make_url("/")), clock=door.clock)
        async with served(player) as url:
            yield Windows(here=here, url=url)


async def filled(made: Windows) -> None:
    """A draw in each state, a sheet in each, and a finding that is late."""
    here, run = made.here, made.here.run
    first = await here.commit(purpose=LONG)
    await run(draws.abandon, here.people["lead"], first, LONG)
    done = await here.draw(redoes=first, redo_reason=LONG, size=4, recheck=50)
    rows = await here.rows("review")
    mine = next(row for row in rows if row["checker"] == here.people["lena"])
    other = next(row for row in rows if row["clip"] != mine["clip"])
    await run(reviews.fill, other["checker"], other["id"], answers("identity-shown"))
    void, theirs = [
        row
        for row in rows
        if row["id"] not in {mine["id"], other["id"]} and row["checker"] != here.people["lena"]
    ][:2]
    await run(reviews.void, here.people["legal"], void["id"], "other", LONG)
    made.late = await here.finding(days=1, subject=LONG)
    await run(findings.answer, here.people["lead"], made.late, LONG)
    since = stamp(here.door.clock.now())
    here.door.clock.advance(3 * A_DAY)
    await here.door.archive.chasing.chase_now()
    await here.film(2)
    here.door.clock.advance(1)
    made.open_draw = await here.commit(since=since)
    here.door.clock.advance(A_DAY / 12)
    made.drawn_at = f"{here.door.clock.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    await run(draws.seed, here.people["lead"], made.open_draw, "4.9.18.26")
    made.mine = str(mine["id"])
    made.pages = (
        "/reviews",
        *(f"/draws/{each}" for each in (done, first, made.open_draw)),
        *(f"/reviews/{each}" for each in (made.mine, other["id"], void["id"], theirs["id"])),
        *(f"/findings{each}" for each in ("", "?show=mine", "?show=closed", f"/{made.late}")),
    )


@in_every_look
async def test_every_page_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with windows(tmp_path) as made, tab(made.url, look) as (page, complaints):
        found = list(await wrong_with(page, f"{made.url}/reviews"))
        found += await wrong_with(page, f"{made.url}/findings")
        await filled(made)
        await sign_in(page, made.url)
        for address in made.pages:
            found += await wrong_with(page, f"{made.url}{address}")

    assert "\n".join([*found, *complaints]) == ""


async def test_one_draws_fills_a_sheet_in_and_closes_a_finding(tmp_path: Path) -> None:
    async with windows(tmp_path) as made:
        await filled(made)
        async with tab(made.url, ("en", "light", WIDE)) as (page, complaints):
            await sign_in(page, made.url)
            await page.goto(f"{made.url}/draws/{made.open_draw}")
            await page.click("text=Enter the seed as the second person")
            await page.fill(f"#value-{made.open_draw}", "4 09 18 26")
            await page.fill(f"#drawn-{made.open_draw}", made.drawn_at)
            await page.click("button:has-text('Enter it')")
            await page.wait_for_selector("#given")
            await page.goto(f"{made.url}/reviews/{made.mine}")
            for point in await page.query_selector_all("input[value=pass]"):
                await point.check()
            await page.click("button:has-text('Put it on record')")
            await page.wait_for_selector("text=Score 100")
            await page.goto(f"{made.url}/findings/{made.late}")
            await page.click("summary:has-text('Close')")
            await page.fill("#text-close", "I saw the report")
            await page.click("button:has-text('Close it')")
            await page.wait_for_selector("text=I saw the report")
        closed = await made.here.record("finding.close")

    assert [each["by"] for each in closed] == [made.here.people["lena"]]
    assert complaints == []
