"""Which event a clip belongs to, said in Chromium in at most three taps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.player.confirming import LONG_NUMBER, confirming
from tests.player.lapsing import LONG, Lapse
from tests.player.looks import PHONE, WIDE, Look, in_every_look, tab, wrong_with

pytestmark = pytest.mark.browser

LISTS = ["/worklists?list=links", "/worklists?list=choices"]
_TOO_SMALL = """() => [...document.querySelectorAll("main button, main a, main summary")]
  .filter((node) => node.checkVisibility())
  .filter((node) => node.getBoundingClientRect().height < 44)
  .map((node) => `${node.textContent.trim()} is too small for a finger`)"""


def pages(lapse: Lapse) -> list[str]:
    clips = lapse.clips
    return [
        "/mine",
        f"/clips/{clips[LONG]}",
        f"/clips/{clips['lost.mp4']}/event",
    ]


@in_every_look
async def test_every_page_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with confirming(tmp_path) as lapse:
        found: list[str] = []
        for who, wanted in (("otto", pages(lapse)), ("rita", LISTS)):
            async with tab(lapse.url, look, who) as (page, complaints):
                for each in wanted:
                    found += await wrong_with(page, lapse.url + each)
                    if each.startswith("/mine"):
                        found += await page.evaluate(_TOO_SMALL)
                found += complaints

    assert found == []


async def test_an_officer_says_it_with_one_tap_and_otherwise_with_two(tmp_path: Path) -> None:
    async with (
        confirming(tmp_path) as lapse,
        tab(lapse.url, ("en", "light", PHONE), "otto") as (page, bad),
    ):
        await page.goto(f"{lapse.url}/mine")
        await page.click("button:has-text('Yes, E-1')")
        await page.wait_for_selector("text=3 recordings want a word")
        left = await page.locator(".mine > li").count()

        row = page.locator(".mine > li", has_text="alone.mp4")
        await row.get_by_text("Choose the event").click()
        await page.locator("li", has_text=LONG_NUMBER).locator("button").click()

        await page.wait_for_selector("text=2 recordings want a word")
        assert left == 3
        assert page.url == f"{lapse.url}/mine"
    assert bad == []


@pytest.mark.slow
async def test_a_reviewer_decides_on_the_work_list(tmp_path: Path) -> None:
    async with (
        confirming(tmp_path) as lapse,
        tab(lapse.url, ("en", "light", WIDE), "rita") as (page, bad),
    ):
        await page.goto(f"{lapse.url}/worklists")
        await page.locator("tr", has_text="proposed.mp4").get_by_text("It belongs").click()
        await page.wait_for_selector(".tabs [aria-current] .count:has-text('1')")
        row = page.locator("tr", has_text=LONG)
        await row.get_by_text("It does not").click()
        await row.locator("select").select_option("clock-off")
        await row.get_by_text("Reject this link").click()
        await page.wait_for_selector(".empty")

        await page.goto(f"{lapse.url}/clips/{lapse.clips[LONG]}")
        assert await page.locator("#links", has_text="clock is wrong").count() == 1
        assert await page.locator("#links button:has-text('It belongs')").count() == 1
    assert bad == []
