"""Cases, courses and work lists in Chromium: nothing overflows, shuts out or breaks the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.cases import address
from tests.player.coursing import MANY, ONE, coursing, filled
from tests.player.lapsing import Lapse
from tests.player.looks import WIDE, Look, in_every_look, tab, wrong_with

pytestmark = pytest.mark.browser


def addresses(lapse: Lapse) -> list[str]:
    pages = ["/cases", address("cases", ONE), address("cases", MANY), address("incidents", "E-12")]
    pages += [address("cases", "K-0"), address("incidents", "E-0")]
    pages += [f"/worklists?list={name}" for name in ("incidents", "cases", "clips")]
    return [f"{lapse.url}{each}" for each in (*pages, "/incidents")]


@in_every_look
async def test_every_page_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with coursing(tmp_path) as lapse, tab(lapse.url, look) as (page, complaints):
        empty = [
            each
            for name in ("cases", "worklists")
            for each in await wrong_with(page, f"{lapse.url}/{name}")
        ]
        await filled(lapse)
        found: list[str] = []
        for each in addresses(lapse):
            found += await wrong_with(page, each)

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
