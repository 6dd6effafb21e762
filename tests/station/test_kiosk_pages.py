"""The kiosk in a real Chromium: a badge, then which event a recording belongs to, by touch."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.player.browser import Desk, chromium
from tests.player.looks import AXE, Look, in_every_look
from tests.station.screens import BADGE, LONG_NUMBER, Screen, shown, station
from tests.station.test_board_pages import PANEL

pytestmark = pytest.mark.browser

_UNFIT = """(dialog) => [
  ...[...dialog.querySelectorAll("button")].filter((node) => node.checkVisibility())
    .filter((node) => {
      const { width, height } = node.getBoundingClientRect();
      return Math.min(width, height) < 44;
    }).map((node) => `${node.textContent} is small`),
  ...[...dialog.querySelectorAll("*")].filter((node) => node.checkVisibility())
    .filter((node) => node.getBoundingClientRect().right > dialog.getBoundingClientRect().right)
    .map((node) => `${node.className} is cut: ${node.textContent.trim()}`),
]"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def screen() -> Iterator[Screen]:
    with shown(station(8)) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, screen: Screen) -> Iterator[Desk]:
    made = Desk.at(browser)
    made.page.set_viewport_size({"width": PANEL[0], "height": PANEL[1]})
    made.page.goto(screen.url)
    yield made
    made.page.context.close()
    assert made.complaints == []


def held(page: Page, badge: str = BADGE) -> None:
    """An officer wants to say it, and holds a badge to the reader."""
    page.click("#which")
    page.keyboard.type(f"{badge}\n")
    page.wait_for_selector("#own[open]")


def wrong(page: Page, dialog: str) -> list[str]:
    page.evaluate(AXE)
    told = page.evaluate("(dialog) => axe.run(dialog)", dialog)
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in told["violations"]]
    return [*found, *page.locator(dialog).evaluate(_UNFIT)]


@in_every_look
def test_it_can_be_read_and_touched_in_every_look(
    browser: Browser, screen: Screen, look: Look
) -> None:
    language, colours, width = look
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=colours,
    )
    page = context.new_page()
    page.goto(f"{screen.url}/?lang={language}")
    found: list[str] = []
    for dialog in ("#own", "#typed"):
        if dialog == "#own":
            held(page)
        else:
            page.locator("#own .other").first.click()
        found += wrong(page, dialog)
        if shots := os.environ.get("EVIDOCK_SHOTS"):
            page.screenshot(path=f"{shots}/kiosk-{'-'.join(map(str, look))}-{dialog[1:]}.png")
    context.close()

    assert found == []


def test_one_touch_after_the_badge_says_it(desk: Desk, screen: Screen) -> None:
    held(desk.page)
    row = desk.page.locator("#own-clips li").first

    row.locator(".event").first.click()

    desk.page.wait_for_selector("#own-clips .said:has-text('E-1')")
    assert screen.said == [("t", "c-0", "incident", "i-0")]
    assert row.locator(".event").all_inner_texts()[0].startswith(LONG_NUMBER)
    assert screen.calls == []


def test_a_number_is_typed_by_touch_and_a_marker_is_one_touch(desk: Desk, screen: Screen) -> None:
    screen.asked = False
    held(desk.page)
    assert desk.page.is_visible("#own-not-asked")
    for touches in (["key:text('E')", "key:text('-')", "key:text('7')"], ["code"]):
        desk.page.locator("#own .other").last.click()
        for each in touches:
            desk.page.click("#codes [data-code=injury]" if each == "code" else f"#keys .{each}")
        if touches != ["code"]:
            desk.page.click("#record")
        desk.until("() => !document.querySelector('#typed').open")

    desk.page.wait_for_selector("#own-clips .said:has-text('E-7 · Injury')")
    assert [each[2:] for each in screen.said] == [("number", "E-7"), ("code", "injury")]


def test_nothing_is_shown_as_said_that_is_not_on_record(desk: Desk, screen: Screen) -> None:
    held(desk.page)
    screen.records = False
    desk.page.locator("#own-clips .event").first.click()
    desk.page.wait_for_selector("#own-failed:has-text('the journal cannot be written')")

    assert desk.page.locator("#own-clips .said").all_inner_texts() == ["", "", ""]
    desk.page.locator("#own .shut").click()
    held(desk.page, "99")
    assert desk.page.is_visible("#own-failed:has-text('This badge is not known here')")
    assert desk.page.locator("#own-clips li").count() == 0
    desk.complaints.clear()  # the browser notes a refusal as an error


def test_another_badge_takes_a_camera_and_ends_what_was_shown(desk: Desk, screen: Screen) -> None:
    held(desk.page)

    desk.page.keyboard.type(f"{BADGE}\n")
    desk.until("() => document.querySelector('#handed').open")

    assert desk.page.locator("#own-clips li").count() == 0
    assert not desk.page.is_visible("#own")
    assert screen.said == []
