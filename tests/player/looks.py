"""Pages in Chromium, in every look: nothing overflows, shuts anybody out or breaks the policy."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from itertools import product
from typing import Literal

import pytest
from playwright.async_api import Page, async_playwright

from tests.archive.house import PASSWORD
from tests.player import browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
"""The rules of WCAG that a program can check."""
WIDE, PHONE = 1280, 390
Colours = Literal["light", "dark"]
Look = tuple[str, Colours, int]
"""Language, colours, width in pixels."""
LOOKS: list[Look] = list(product(("en", "zh"), ("light", "dark"), (WIDE, PHONE)))
_OFTEN: list[Look] = [("zh", "dark", PHONE)]
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

in_every_look = pytest.mark.parametrize(
    "look",
    [
        pytest.param(
            look, marks=() if look in _OFTEN else pytest.mark.slow, id="-".join(map(str, look))
        )
        for look in LOOKS
    ],
)
"""Runs a test for both languages, light and dark, wide and narrow; all but one of them slow."""


@asynccontextmanager
async def tab(url: str, look: Look, who: str = "lena") -> AsyncIterator[tuple[Page, list[str]]]:
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
        await _enter(page, who)
        yield page, complaints
        await program.close()


async def sign_in(page: Page, url: str, who: str = "lena") -> None:
    """Whoever was signed in, it is *who* now."""
    await page.goto(f"{url}/sign-in")
    await _enter(page, who)


async def _enter(page: Page, who: str) -> None:
    await page.fill("#name", who)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_selector(".list, .empty")


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
    await _keep(page, address)
    return [f"{address.rpartition('/')[2][:12]} {each}" for each in found]


async def _keep(page: Page, address: str) -> None:
    """A picture of it, to be looked at, in the folder that EVIDOCK_SHOTS names."""
    if folder := os.environ.get("EVIDOCK_SHOTS"):
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition("/")[2].partition(" ")[0]
        words = (test, address.partition("//")[2].partition("/")[2])
        name = "-".join(re.sub(r"\W+", "_", word)[:90] for word in words)
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)
