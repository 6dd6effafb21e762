"""What a clip shows, said on its page: by form, and with one tap while it plays."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from player.markers import clock, milliseconds
from tests.player.browser import READY, Desk, chromium
from tests.player.reader import Reader
from tests.player.test_exact_frames import go_to, shown
from tests.player.window import Window

_WITHDRAW = re.compile(r"/clips/c-[0-9a-f]{32}/markers/m-[0-9a-f]{32}/withdraw")
_ENTRIES = "() => document.querySelectorAll('.timeline [data-entry]').length"


@given(st.integers(min_value=0, max_value=7 * 86_400_000))
def test_a_moment_is_read_as_it_is_written(at_ms: int) -> None:
    assert milliseconds(clock(at_ms)) == at_ms


@pytest.mark.parametrize(("text", "at_ms"), [("", None), ("65", 65_000), (" 1:05.5 ", 65_500)])
def test_moments_may_be_typed_shorter(text: str, at_ms: int | None) -> None:
    assert milliseconds(text) == at_ms


@pytest.mark.parametrize("text", ["1:", "x", "-1", "1.5:2", "٣", "1:2:3:4"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        milliseconds(text)


async def test_a_marker_is_said_found_and_withdrawn_by_forms(window: Window, rita: Reader) -> None:
    clip = f"/clips/{window.clips['hevc.mp4']}"
    await rita.get(clip)

    told = await rita.post(f"{clip}/markers", at="0:01.5", code="weapon", note="<b>刀</b>")
    having = await rita.get("/?shows=weapon")
    lacking = await rita.get("/?shows=without.weapon")
    (address,) = set(_WITHDRAW.findall(told.text))
    gone = await rita.post(address)

    assert told.status == 200
    assert "&lt;b&gt;刀&lt;/b&gt;" in told.text
    assert ("hevc.mp4" in having.words, "hevc.mp4" in lacking.words) == (True, False)
    assert "Withdrawn by rita" in gone.words
    assert "hevc.mp4" not in (await rita.get("/?shows=weapon")).words
    assert (await rita.post(f"{clip}/markers", at="soon", code="weapon")).status == 400
    assert (await rita.post(f"{clip}/markers", at="9:59", code="weapon")).status == 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def _at(desk: Desk, frame: int) -> None:
    go_to(desk, frame)
    shown(desk, frame)


@pytest.mark.browser
@pytest.mark.slow
def test_one_tap_marks_what_is_seen_and_asks_for_no_new_leave(
    browser: Browser, window: Window
) -> None:
    desk = Desk.at(browser)
    desk.sign_in(window.url, "rita")
    desk.page.goto(window.clip_url("cfr.mp4"))
    desk.until(READY)
    _at(desk, 90)
    before = int(desk.page.evaluate(_ENTRIES))

    desk.page.click(".mark-here button[value=identity-shown]")
    desk.page.wait_for_selector(".marker-list .marker")
    moment = desk.page.text_content(".marker .moment")
    _at(desk, 10)
    desk.page.click(".marker .moment")
    shown(desk, 90)

    assert moment is not None
    assert 3_000 <= (milliseconds(moment) or 0) <= 3_034
    assert int(desk.page.evaluate(_ENTRIES)) == before + 1
    assert desk.page.locator(".marker-ticks span").count() == 1
    desk.page.fill(".mark-here [name=at]", "")
    desk.page.click(".mark-here button[value=refusal]")
    desk.page.wait_for_selector(".marker-list .marker:first-child .whole-clip:not([hidden])")
    assert desk.complaints == []
