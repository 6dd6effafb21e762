"""The page of statistics in Chromium: nothing is cut, shuts anybody out or breaks the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.player.figuring import figuring, filled, world
from tests.player.looks import Look, in_every_look, tab, wrong_with

pytestmark = pytest.mark.browser

PAGES = (
    "/statistics",
    "/statistics?by=week",
    "/statistics?by=unit",
    "/statistics?by=officer",
    "/statistics/counted?measure=timeliness&verdict=unmet",
    "/statistics/counted?measure=coverage",
    "/statistics/counted?delay=5",
    "/statistics/counted?unit=nowhere",
)
_NARROW = """() => [...document.querySelectorAll("svg.chart")].filter((each) =>
  each.clientWidth < 240).map((each) => `a chart is ${each.clientWidth} wide`)"""


@in_every_look
async def test_figures_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with figuring(tmp_path) as lapse, tab(lapse.url, look) as (page, complaints):
        found = [*await wrong_with(page, f"{lapse.url}/statistics")]
        await filled(lapse, world())

        for path in PAGES:
            found += await wrong_with(page, f"{lapse.url}{path}")
            found += await page.evaluate(_NARROW)

    assert [*found, *complaints] == []
