"""Cases, courses and work lists in Chromium: nothing overflows, shuts out or breaks the policy."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest

from player.cases import address
from tests.player.coursing import MANY, ONE, coursing, filled
from tests.player.lapsing import Lapse
from tests.player.test_disposal_browser import PHONE, WIDE, Colours, tab, wrong_with

pytestmark = pytest.mark.browser

LOOKS = list(product(("en", "zh"), ("light", "dark"), (WIDE, PHONE)))
OFTEN = [("zh", "dark", PHONE)]


def addresses(lapse: Lapse) -> list[str]:
    pages = ["/cases", address("cases", ONE), address("cases", MANY), address("incidents", "E-12")]
    pages += [address("cases", "K-0"), address("incidents", "E-0")]
    pages += [f"/worklists?list={name}" for name in ("incidents", "cases", "clips")]
    return [f"{lapse.url}{each}" for each in (*pages, "/incidents")]


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(
            look, marks=() if look in OFTEN else pytest.mark.slow, id="-".join(map(str, look))
        )
        for look in LOOKS
    ],
)
async def test_every_page_can_be_read_in_every_look(
    tmp_path: Path, look: tuple[str, Colours, int]
) -> None:
    async with coursing(tmp_path) as lapse, tab(lapse.url, look) as (page, complaints):
        empty = [
            each
            for name in ("cases", "worklists")
            for each in await wrong_with(page, f"{lapse.url}/{name}")
        ]
        await filled(lapse)
        found: list[str] = []
        for number, each in enumerate(addresses(lapse)):
            found += await wrong_with(page, each)
            if shots := os.environ.get("EVIDOCK_SHOTS"):
                name = "-".join(map(str, look))
                await page.screenshot(path=f"{shots}/{name}-{number}.png", full_page=True)

    assert [*empty, *found, *complaints] == []


@pytest.mark.slow
async def test_a_document_is_handed_in_and_saved_in_the_browser(tmp_path: Path) -> None:
    async with coursing(tmp_path) as lapse, tab(lapse.url, ("en", "light", WIDE)) as (page, bad):
        await filled(lapse)
        file = tmp_path / "note.html"
        file.write_bytes(b"<script>alert(1)</script>")
        await page.goto(lapse.url + address("cases", ONE))
        await page.click("text=Add a document")
        await page.fill("#hand-in-title", "笔记")
        await page.set_input_files("#hand-in-file", str(file))
        await page.click("#hand-in button")
        await page.wait_for_selector("text=note.html")
        async with page.expect_download() as coming:
            await page.locator("button:has-text('Save')").last.click()
        saved = await (await coming.value).path()

        assert saved.read_bytes() == file.read_bytes()
    assert bad == []
