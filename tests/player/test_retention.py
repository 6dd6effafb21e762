"""How long a clip is kept stands on its page, with the words for what it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from player.languages import language
from tests.player.reader import Answer, Reader
from tests.player.window import CASE, IN_A_CASE, Window

UNSAID = "Nobody has said what this is"


async def say(who: Reader, clip: str, *categories: str) -> Answer:
    await who.get(f"/clips/{clip}")
    return await who.send(
        f"/clips/{clip}/classification", [("category", each) for each in categories]
    )


async def test_what_nobody_has_said_is_kept_by_the_longest_rule(
    rita: Reader, window: Window
) -> None:
    page = await rita.get(f"/clips/{window.clips['mjpeg.avi']}")

    assert UNSAID in page.words
    assert "us-ca/1:evidentiary" in page.words
    assert page.text.count('type="checkbox" name="category"') == 5
    assert "checked" not in page.text.partition('class="choices"')[2].partition("</form>")[0]


async def test_who_says_what_it_is_sees_how_long_it_is_kept(rita: Reader, window: Window) -> None:
    clip = window.clips["h264.ts"]

    page = await say(rita, clip, "nonevidentiary")
    again = await say(rita, clip, "detention", "nonevidentiary")
    less = await say(rita, clip, "nonevidentiary")

    assert (page.status, again.status, less.status) == (200, 200, 403)
    assert "us-ca/1:nonevidentiary" in page.words
    assert UNSAID not in page.words
    assert "us-ca/1:evidentiary" in again.words
    assert "Not changed: as that it would be kept for less" in less.words
    assert 'value="detention" checked' in less.text


async def test_nothing_ticked_is_said_and_changes_nothing(rita: Reader, window: Window) -> None:
    answer = await say(rita, window.clips["mjpeg.avi"])

    assert answer.status == 400
    assert language("en")("retention.unknown") in answer.words
    assert UNSAID in answer.words


async def test_who_may_not_say_it_is_shown_no_form(
    new_reader: Callable[[], Reader], window: Window
) -> None:
    audrey = new_reader()
    await audrey.sign_in("audrey")

    page = await audrey.get(f"/clips/{window.clips['mjpeg.avi']}")

    assert "Retention" in page.words
    assert 'class="choices"' not in page.text


async def test_the_page_says_it_in_chinese(rita: Reader, window: Window) -> None:
    await rita.get("/")
    await rita.post("/language", language="zh", back="/")

    page = await rita.get(f"/clips/{window.clips['mjpeg.avi']}")

    assert "保存期限" in page.words
    assert "尚未标注类别" in page.words


async def test_a_hold_is_set_and_lifted_on_the_page(
    new_reader: Callable[[], Reader], window: Window
) -> None:
    lena, clip = new_reader(), window.clips["still.jpg"]
    await lena.sign_in("lena")
    await lena.get(f"/clips/{clip}")

    held = await lena.post(f"/clips/{clip}/holds", authority="Court <1>", reason="appeal")
    (hold,) = re.findall(r"/holds/(h-[0-9a-f]{32})/lift", held.text)
    lifted = await lena.post(f"/clips/{clip}/holds/{hold}/lift", reason="it ended")

    assert "Held: Court <1>" in held.words
    assert "Court <1>" not in held.text
    assert "Was held" in lifted.words
    assert "it ended" in lifted.words


async def test_a_reviewer_sees_holds_and_sets_none(rita: Reader, window: Window) -> None:
    page = await rita.get(f"/clips/{window.clips['still.jpg']}")

    assert 'class="to-hold"' not in page.text


async def test_a_case_is_closed_and_opened_again_on_the_page(
    new_reader: Callable[[], Reader], window: Window
) -> None:
    lena, clip = new_reader(), window.clips[IN_A_CASE]
    await lena.sign_in("lena")
    await lena.get(f"/clips/{clip}")

    closed = await lena.post(f"/clips/{clip}/case/close", number=CASE, reason="sentenced")
    opened = await lena.post(f"/clips/{clip}/case/reopen", number=CASE, reason="an appeal")

    assert f"Closed case: {CASE}" in closed.words
    assert f"Open case: kept whatever the date: {CASE}" in opened.words


async def test_a_reviewer_sees_cases_and_closes_none(rita: Reader, window: Window) -> None:
    page = await rita.get(f"/clips/{window.clips[IN_A_CASE]}")

    assert CASE in page.words
    assert "/case/" not in page.text
