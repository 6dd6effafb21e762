"""The board in a real Chromium: in both languages, light and dark, with few slots and many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from playwright.sync_api import Browser, Page

from station.view import StationView
from tests.player.browser import Desk, chromium
from tests.player.looks import AXE
from tests.station.screens import BADGE, KINDS, PROBLEMS, RECEIPT, Screen, shown, station

pytestmark = pytest.mark.browser

WALL, PANEL = (1920, 1080), (1280, 800)
TWO_METRES = 2000.0
SMALLEST = 16.0
"""Minutes of arc that a capital must fill at least (NUREG-0700 1.3.1-4, after ISO 9241-3)."""
INCH = 25.4

_UNFIT = """() => {
  const root = document.documentElement;
  const wrong = [];
  if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) wrong.push("page scrolls");
  const main = document.querySelector("main");
  if (main.scrollHeight > main.clientHeight + 1) wrong.push("the tiles scroll");
  for (const node of document.querySelectorAll(".slot, .head, .say, .text, .label, .act")) {
    if (!node.checkVisibility()) continue;
    const name = `${node.className} of ${node.closest(".slot")?.dataset.slot}`;
    if (node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
      wrong.push(`${name} is too wide: ${node.textContent.trim()}`);
    if (node.className === "slot" && node.scrollHeight > node.clientHeight + 1)
      wrong.push(`${name} is too high: ${node.scrollHeight} > ${node.clientHeight}`);
  }
  for (const node of document.querySelectorAll("button, a")) {
    const { width, height } = node.getBoundingClientRect();
    if (node.checkVisibility() && Math.min(width, height) < 44) wrong.push(`${node.id} is small`);
  }
  return wrong;
}"""
_CAPITAL = """(name) => Math.min(...[...document.querySelectorAll(name)].map((node) => {
  const pen = document.createElement("canvas").getContext("2d");
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(node);
  pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  return pen.measureText("H").actualBoundingBoxAscent;
}))"""


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
    """A touch panel that shows the board; whatever the browser complained of fails the test."""
    made = Desk.at(browser)
    made.page.set_viewport_size({"width": PANEL[0], "height": PANEL[1]})
    made.page.goto(screen.url)
    made.until("() => document.querySelector('#slots').dataset.columns === '4'")
    yield made
    made.page.context.close()
    assert made.complaints == []


def visit(browser: Browser, view: StationView, size: tuple[int, int], look: str) -> list[str]:
    """What is wrong with the board of *view*, in the language and colours of *look*."""
    language, colours = look.split("-")
    with shown(view) as screen:
        desk = Desk.at(browser)
        desk.page.set_viewport_size({"width": size[0], "height": size[1]})
        desk.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        desk.page.goto(f"{screen.url}/?lang={language}")
        found = [*desk.page.evaluate(_UNFIT), *unfair(desk.page), *desk.complaints]
        desk.page.context.close()
    return found


def unfair(page: Page) -> list[str]:
    """What axe finds."""
    page.evaluate(AXE)
    told = page.evaluate("() => axe.run()")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in told["violations"]]


@pytest.mark.parametrize(("slots", "size", "look"), [(30, PANEL, "en-light"), (8, WALL, "zh-dark")])
def test_nothing_scrolls_overflows_or_shuts_anybody_out(
    browser: Browser, slots: int, size: tuple[int, int], look: str
) -> None:
    assert visit(browser, station(slots), size, look) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slots", "size", "look"),
    list(product((0, 1, 8, 30), (WALL, PANEL), ("en-light", "en-dark", "zh-light", "zh-dark"))),
)
def test_every_size_language_and_colour(
    browser: Browser, slots: int, size: tuple[int, int], look: str
) -> None:
    assert visit(browser, station(slots), size, look) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_every_kind_of_tile_fits_at_the_last_of_thirty_slots(browser: Browser, kind: int) -> None:
    rack = station(30)
    cards = tuple(
        replace(KINDS[kind], slot=card.slot, label=f"{place + 70}")
        for place, card in enumerate(rack.cards)
    )

    assert (
        visit(browser, replace(rack, cards=cards, problems=PROBLEMS * 40), PANEL, "en-light") == []
    )


@pytest.mark.parametrize(
    ("slots", "size", "inches"),
    [
        (30, WALL, 27.0),
        pytest.param(20, WALL, 24.0, marks=pytest.mark.slow),
        pytest.param(8, PANEL, 15.6, marks=pytest.mark.slow),
    ],
)
def test_slot_and_word_are_readable_from_two_metres(
    browser: Browser, slots: int, size: tuple[int, int], inches: float
) -> None:
    with shown(station(slots)) as screen:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(screen.url)
        smallest = min(page.evaluate(_CAPITAL, name) for name in (".slot .text", ".slot .label"))
        page.close()
    pixel = inches * INCH / math.hypot(*size)
    minutes = math.degrees(math.atan(smallest * pixel / TWO_METRES)) * 60

    assert minutes >= SMALLEST


def test_one_touch_calls_a_supervisor_to_the_station(desk: Desk, screen: Screen) -> None:
    desk.page.click("#call")
    desk.poll(lambda: screen.calls == [""], "the call is recorded")
    screen.view = replace(screen.view, called="2026-11-27T09:03:00Z")

    desk.until("() => document.querySelector('#called').textContent.includes('called')")
    assert not desk.page.is_visible("#call")


def test_a_call_to_a_slot_names_the_slot(desk: Desk, screen: Screen) -> None:
    desk.until("() => document.querySelector('#slots').children.length === 8")
    desk.poll(lambda: _opens(desk, "usb 1-2"), "the slot opens")
    desk.page.click("#call-here")

    desk.poll(lambda: screen.calls == ["usb 1-2"], "the call is recorded")


def test_a_call_that_is_not_recorded_is_not_shown_as_made(desk: Desk, screen: Screen) -> None:
    screen.records = False
    desk.page.click("#call")
    desk.until("() => !document.querySelector('#failed').hidden")

    assert "the journal cannot be written" in desk.page.inner_text("#failed")
    assert screen.calls == []
    assert [desk.complaints.pop()[:24]] == ["Failed to load resource:"]


def test_a_finished_docking_shows_its_receipt(desk: Desk) -> None:
    desk.poll(lambda: _opens(desk, "usb 1-2"), "the slot opens")
    desk.until("() => document.querySelector('#detail img').naturalWidth > 100")

    assert RECEIPT in desk.page.inner_text("#detail")
    assert unfair(desk.page) == []


def test_what_is_out_of_date_is_not_shown(desk: Desk, screen: Screen) -> None:
    desk.page.route("**/events*", lambda route: route.abort())
    desk.page.goto(screen.url)
    desk.until("() => !document.querySelector('#lost').hidden")

    assert not desk.page.is_visible("#slots")
    desk.complaints.clear()  # the line that was cut is what this is about


def _opens(desk: Desk, slot: str) -> bool:
    """Touch *slot*; it opens once the page has heard from the station."""
    desk.page.click(f".slot[data-slot='{slot}']")
    return desk.page.is_visible("#detail")


@pytest.mark.parametrize(
    ("badge", "says"),
    [
        (BADGE, "Take the camera in slot 2|BWC-00417|Officer 031245|Not back yet: BWC-00311"),
        ("99", "This badge is not known here. Ask who keeps the station."),
    ],
)
def test_a_badge_is_typed_by_its_reader_and_answered_large(
    desk: Desk, badge: str, says: str
) -> None:
    desk.page.keyboard.type(f"{badge}\n")
    desk.until("() => document.querySelector('#handed').open")
    told = desk.page.locator("#handed > *:visible").all_inner_texts()

    assert "|".join(told) == says
    assert unfair(desk.page) == []
    desk.complaints.clear()  # the browser notes a refusal as an error
    desk.page.locator("#handed").click()
    desk.until("() => !document.querySelector('#handed').open")
