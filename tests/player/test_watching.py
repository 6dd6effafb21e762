from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from archive.api.clips import WATCH_LIFE
from evidence.custody import EntryKind
from tests.player.browser import READY, Desk, chromium
from tests.player.samples import NO_PICTURES, NUMBERED
from tests.player.window import Window

pytestmark = pytest.mark.browser

_WHERE = """() => [document.querySelector("evidence-player").dataset.frame,
  document.querySelector("video").currentTime]"""
PLAYING = "() => document.querySelector('.media').currentTime > 0.2"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, window: Window) -> Iterator[Desk]:
    """A reviewer's tab, signed in; whatever the browser complained of fails the test."""
    made = Desk.at(browser)
    made.sign_in(window.url, "rita")
    yield made
    made.page.context.close()
    assert made.complaints == []


@pytest.mark.parametrize("sample", ["h264.mp4", "h264.ts", "hevc.mp4", "mjpeg.avi"])
def test_pictures_move_whatever_the_camera_coded_them_in(
    desk: Desk, window: Window, sample: str
) -> None:
    desk.page.goto(window.clip_url(sample))
    desk.until(READY)
    before = desk.pixels()

    desk.page.click("[data-act=play]")
    desk.until(PLAYING)

    assert desk.page.evaluate("() => document.querySelector('video').videoWidth") == 320
    assert desk.pixels() != before


def test_a_view_entry_is_there_before_the_first_media_byte(desk: Desk, window: Window) -> None:
    order: list[tuple[str, str]] = []
    desk.page.on("request", lambda request: order.append(("asked", request.url)))
    desk.page.on("requestfinished", lambda request: order.append(("answered", request.url)))

    desk.page.goto(window.clip_url("h264.mp4"))
    desk.until(READY)

    url = window.clip_url("h264.mp4")
    media = [place for place, (_, asked) in enumerate(order) if asked.endswith("/media.mp4")]
    assert order.index(("answered", f"{url}/views")) < min(media)
    shown = desk.page.text_content(".timeline li.fresh .index")
    details = {each.summary.id: each for each in window.run(window.archive.clips())}
    entries = {e.index: e.kind for e in details[window.clips["h264.mp4"]].entries}
    assert entries[int(shown or -1)] == EntryKind.VIEWED


def test_each_step_shows_the_very_next_frame(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("h264.mp4"))
    desk.until(READY)
    desk.until("() => document.querySelector('.frame').value.startsWith('frame 0 ')")
    shown = []

    for key, frame in [(".", 1), (".", 2), (".", 3), (",", 2), ("ArrowRight", 149), (",", 148)]:
        desk.page.keyboard.press(key)
        desk.until(f"() => document.querySelector('.frame').value.startsWith('frame {frame} ')")
        shown.append(desk.pixels())

    assert shown[1] == shown[3]
    assert len(set(shown)) == len(shown) - 1


def test_sound_that_outlasts_the_pictures_can_be_sought_to(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("long_sound.mp4"))
    desk.until(READY)
    reached = []

    for place in ("0.2", "3.25", "0.9", "2.5"):
        desk.page.keyboard.press("g")
        desk.page.fill("dialog.go-to input", place)
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_timeout(200)
        desk.until("() => !document.querySelector('video').seeking")
        reached.append(desk.page.evaluate(_WHERE))
    desk.page.click("[data-act=play]")
    desk.until("() => document.querySelector('video').currentTime > 2.7")

    assert [frame for frame, _ in reached] == ["6", "44", "27", "44"]  # 44 is the last picture
    middle = 1 / 60
    assert [time for _, time in reached] == pytest.approx(
        [0.2 + middle, 3.25, 0.9 + middle, 2.5], abs=0.002
    )


def test_single_keys_can_be_switched_off(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("h264.mp4"))
    desk.until(READY)

    desk.page.keyboard.press("?")
    desk.page.uncheck(".keys-on")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("k")

    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate("() => document.querySelector('video').paused")


def test_sound_is_heard(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("sound.wav"))
    desk.until(READY)

    desk.page.keyboard.press(" ")

    desk.until(PLAYING)


def test_a_still_picture_is_shown(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("still.jpg"))

    desk.until("() => document.querySelector('img.media').naturalWidth === 320")
    desk.until("() => document.querySelector('.message').hidden")


def test_the_whole_page_changes_language_and_stays_so(desk: Desk, window: Window) -> None:
    desk.page.click("button[lang=zh]")
    desk.page.goto(window.clip_url("hevc.mp4"))

    desk.until(READY)

    assert desk.page.get_attribute("html", "lang") == "zh-Hans"
    assert "为观看而重新编码" in desk.page.inner_text("main")
    assert "打开播放器已在日志中写入" in desk.page.inner_text(".viewed")


def test_the_list_shows_a_picture_of_every_clip_that_has_one(desk: Desk, window: Window) -> None:
    desk.until("() => [...document.querySelectorAll('.picture img')].every((i) => i.complete)")

    widths = desk.page.evaluate(
        "() => [...document.querySelectorAll('.picture img')].map((image) => image.naturalWidth)"
    )

    assert len(widths) == 6 + len(NUMBERED)
    assert all(widths)
    assert window.url in desk.page.url


def test_sound_without_pictures_is_a_failure_and_not_a_black_screen(
    desk: Desk, window: Window
) -> None:
    desk.page.goto(window.clip_url(NO_PICTURES))

    desk.until("() => document.querySelector('evidence-player').dataset.failed === 'no_picture'")

    assert "not the pictures" in desk.page.inner_text(".message")
    assert desk.page.is_disabled("[data-act=play]")


def test_a_grant_that_runs_out_is_renewed_with_an_entry_of_its_own(
    desk: Desk, window: Window
) -> None:
    desk.until("() => [...document.querySelectorAll('.picture img')].every((i) => i.complete)")
    window.clock.ahead = timedelta(seconds=WATCH_LIFE - 4)
    desk.page.goto(window.clip_url("mjpeg.avi"))
    desk.until(READY)
    window.clock.ahead = timedelta(0)

    desk.page.click("[data-act=play]")
    desk.until(PLAYING)

    assert len(desk.page.query_selector_all(".timeline li.fresh")) > 1


def test_who_signed_out_elsewhere_is_told_so(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url("h264.mp4"))
    desk.until(READY)
    desk.page.context.clear_cookies()

    desk.page.goto(window.clip_url("h264.mp4"))

    assert desk.page.url.startswith(f"{window.url}/sign-in?next=/clips/")


def test_text_cannot_become_script_in_any_page(browser: Browser, window: Window) -> None:
    desk = Desk.at(browser)
    desk.page.goto(window.url)

    refused = desk.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>' } catch (error) { return error.name } }"
    )

    assert refused == "TypeError"
    desk.poll(lambda: any("trusted-types" in said for said in desk.complaints), "the complaint")
    desk.page.context.close()
