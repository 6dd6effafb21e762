"""The pages of disposal in Chromium: nothing overflows, shuts anybody out or breaks the policy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, async_playwright

from tests.archive.house import PASSWORD
from tests.player import browser
from tests.player.lapsing import LONG, Lapse, filled, lapsing

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WIDE, PHONE = 1280, 390
LOOKS = list(product(("en", "zh"), ("light", "dark"), (WIDE, PHONE)))
OFTEN = [("en", "light", WIDE), ("zh", "dark", PHONE)]
Colours = Literal["light", "dark"]
_OPEN = "() => document.querySelectorAll('main details').forEach((each) => { each.open = true; })"
_CUT = """() => [...document.querySelectorAll("main *:not(thead, thead *)")].filter((node) =>
  node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => `${node.tagName} ${node.className} is cut: ${node.textContent.trim()}`)"""
_SMALL = """() => [...document.querySelectorAll("main button, main a, main summary")]
  .filter((node) => node.checkVisibility())
  .filter((node) => node.getBoundingClientRect().height < 24)
  .map((node) => `${node.textContent.trim()} is small`)"""
_LIFE = """() => [...document.querySelectorAll("svg.life")].map((picture) =>
  picture.getBoundingClientRect().width)"""


@asynccontextmanager
async def tab(
    url: str, look: tuple[str, Colours, int], who: str = "lena"
) -> AsyncIterator[tuple[Page, list[str]]]:
    """The tab of *who* (a legal clerk), signed in, and what the browser complains of in it."""
    language, colours, width = look
    if not browser.CHROMIUM.exists():
        pytest.skip(f"{browser.CHROMIUM} is missing; the browser was NOT tested")
    async with async_playwright() as tools:
        program = await tools.chromium.launch(
            executable_path=str(browser.CHROMIUM), args=list(browser._FLAGS)
        )
        context = await program.new_context(
            viewport={"width": width, "height": 900}, color_scheme=colours
        )
        page, complaints = await context.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        await page.goto(url)
        if language == "zh":
            await page.click("button[value=zh]")
        await page.fill("#name", who)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_selector(".list, .empty")
        yield page, complaints
        await program.close()


async def wrong_with(page: Page, address: str) -> Sequence[str]:
    """What is wrong with the page at *address*, with everything in it folded out."""
    answer = await page.goto(address)
    await page.evaluate(_OPEN)
    await page.evaluate(AXE)
    told = await page.evaluate("() => axe.run()")
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in told["violations"]]
    found += [*await page.evaluate(_CUT), *await page.evaluate(_SMALL)]
    found += [] if answer is not None and answer.ok else ["no answer that is one"]
    found += [f"a picture {each} wide" for each in await page.evaluate(_LIFE) if each < 200]
    return [f"{address.rpartition('/')[2][:12]} {each}" for each in found]


def addresses(lapse: Lapse) -> list[str]:
    clips = (LONG, "waits.mp4", "restorable.mp4", "ordered.mp4", "held.mp4", "gone.mp4")
    return [
        *(f"{lapse.url}/disposal?show={show}" for show in ("waiting", "due", "done")),
        *(f"{lapse.url}/clips/{lapse.clips[name]}" for name in clips),
    ]


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(
            look, marks=() if look in OFTEN else pytest.mark.slow, id="-".join(map(str, look))
        )
        for look in LOOKS
    ],
)
async def test_every_state_can_be_read_in_every_look(
    tmp_path: Path, look: tuple[str, Colours, int]
) -> None:
    async with lapsing(tmp_path) as lapse, tab(lapse.url, look) as (page, complaints):
        empty = await wrong_with(page, f"{lapse.url}/disposal?show=due")
        await filled(lapse)
        await page.goto(f"{lapse.url}/sign-in")
        await page.fill("#name", "lena")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_selector(".list, .empty")

        found = [each for address in addresses(lapse) for each in await wrong_with(page, address)]

    assert [*empty, *found, *complaints] == []


async def test_two_people_do_it_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with lapsing(tmp_path) as lapse:
        await filled(lapse)
        clip = lapse.clips["waits.mp4"]
        async with tab(lapse.url, ("en", "light", WIDE)) as (page, complaints):
            await page.goto(f"{lapse.url}/disposal")
            await page.focus(f"#going-{clip} a")
            for _ in range(20):
                await page.keyboard.press("Tab")
                if await page.evaluate("() => document.activeElement.textContent") == "Approve…":
                    break
            await page.keyboard.press("Enter")
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await page.wait_for_selector(f"#going-{clip} ~ .badges .stage-restorable, .none")
            said = await page.inner_text(f"article[aria-labelledby=going-{clip}]")

    assert "Approved by lena" in said
    assert "days left" in said
    assert complaints == []
