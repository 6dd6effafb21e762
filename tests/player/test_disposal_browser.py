"""The pages of disposal in Chromium: nothing overflows, shuts anybody out or breaks the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.player.lapsing import LONG, Lapse, filled, lapsing
from tests.player.looks import WIDE, Look, in_every_look, sign_in, tab, wrong_with

pytestmark = pytest.mark.browser


def addresses(lapse: Lapse) -> list[str]:
    clips = (LONG, "waits.mp4", "restorable.mp4", "ordered.mp4", "held.mp4", "gone.mp4")
    return [
        *(f"{lapse.url}/disposal?show={show}" for show in ("waiting", "due", "done")),
        *(f"{lapse.url}/clips/{lapse.clips[name]}" for name in clips),
    ]


@in_every_look
async def test_every_state_can_be_read_in_every_look(tmp_path: Path, look: Look) -> None:
    async with lapsing(tmp_path) as lapse, tab(lapse.url, look) as (page, complaints):
        empty = await wrong_with(page, f"{lapse.url}/disposal?show=due")
        await filled(lapse)
        await sign_in(page, lapse.url)

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
