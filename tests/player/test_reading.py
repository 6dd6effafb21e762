from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest
from yarl import URL

from evidence.settings import Settings
from player.service import build
from player.shields import CONTENT_SECURITY_POLICY
from tests.player.reader import Reader
from tests.player.samples import NOTHING, NUMBERED
from tests.player.window import PASSWORD, Window, served

ENGLISH_AND_CHINESE = [("en", "Not found"), ("zh", "未找到")]


async def test_a_stranger_signs_in_and_lands_where_they_wanted_to_go(
    window: Window, stranger: Reader
) -> None:
    asked = await stranger.get(f"/clips/{window.clips['hevc.mp4']}")

    assert "Sign in" in asked.words
    answer = await stranger.post(
        "/sign-in", name="rita", password=PASSWORD, next=f"/clips/{window.clips['hevc.mp4']}"
    )
    assert "hevc.mp4" in answer.words


async def test_nobody_is_sent_to_another_site_after_signing_in(
    stranger: Reader, window: Window
) -> None:
    await stranger.get("/sign-in")

    answer = await stranger.post(
        "/sign-in", name="rita", password=PASSWORD, next="//elsewhere.example/"
    )

    assert f"{len(window.clips)} clips in the archive" in answer.words


async def test_a_wrong_password_is_told_in_words(stranger: Reader) -> None:
    answer = await stranger.sign_in("rita", "a guess")

    assert answer.status == 401
    assert "Name and password do not match an account." in answer.words


async def test_the_sixth_guess_is_told_to_wait(stranger: Reader) -> None:
    for _ in range(5):
        await stranger.sign_in("nobody by this name", "a guess")

    answer = await stranger.sign_in("nobody by this name", "a guess")

    assert answer.status == 429
    assert "Too many failed attempts" in answer.words
    assert "Try again in 15 minutes." in answer.words


async def test_no_script_and_no_other_site_gets_the_session_cookie(stranger: Reader) -> None:
    await stranger.get("/sign-in")
    form = {"name": "rita", "password": PASSWORD, "form_token": stranger.token}
    origin = str(stranger.http._base_url).rstrip("/")

    async with stranger.http.post(
        "/sign-in", data=form, headers={"Origin": origin}, allow_redirects=False
    ) as answer:
        cookie = answer.cookies["evidock_session"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


async def test_a_form_from_another_site_is_refused(rita: Reader) -> None:
    answer = await rita.post("/sign-out", origin="https://elsewhere.example")

    assert answer.status == 403
    assert (await rita.get("/")).status == 200


async def test_a_form_without_its_token_is_refused(rita: Reader) -> None:
    answer = await rita.post("/sign-out", form_token="0" * 64)

    assert answer.status == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"no boundary here"),
        ("application/x-www-form-urlencoded; charset=none", b"a=b"),
        ("application/x-www-form-urlencoded", b"a=\xff"),
    ],
)
async def test_bytes_that_are_no_form_are_a_bad_request(
    stranger: Reader, kind: str, body: bytes
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}

    async with stranger.http.post("/sign-in", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert "Content-Security-Policy" in answer.headers


async def test_signing_out_ends_the_session_at_the_archive(rita: Reader, window: Window) -> None:
    cookies = rita.http.cookie_jar.filter_cookies(URL(window.url))
    bearer = {"Authorization": f"Bearer {cookies['evidock_session'].value}"}

    await rita.post("/sign-out")

    async with aiohttp.request(
        "GET", f"{window.archive_url}/v1/sessions", headers=bearer
    ) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("path", ["/", "/sign-in", "/incidents", "/nowhere", "/static/style.css"])
async def test_every_answer_carries_the_same_guards(rita: Reader, path: str) -> None:
    headers = (await rita.get(path)).headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_a_name_from_a_camera_is_shown_and_never_run(rita: Reader) -> None:
    answer = await rita.get("/")

    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text
    assert "<img src=x" not in answer.text


async def test_the_list_narrows_by_officer_and_class(rita: Reader) -> None:
    by_officer = await rita.get("/?officer=0815")
    by_class = await rita.get("/?clip_class=image")

    assert "1 clip found" in by_officer.words
    assert "sound.wav" in by_officer.words
    assert "still.jpg" in by_class.words
    assert "Nothing matches" in (await rita.get("/?q=no-such-name")).words


async def test_an_incident_without_footage_stands_out(rita: Reader) -> None:
    every = await rita.get("/incidents")
    bare = await rita.get("/incidents?without")

    assert "2026-0071" in every.words
    assert "2026-0071" not in bare.words
    assert "2026-0072" in bare.words
    assert "No footage" in bare.words


async def test_what_has_no_rendition_says_why(rita: Reader, window: Window) -> None:
    answer = await rita.get(f"/clips/{window.clips['zeros.mp4']}")

    assert "only zero bytes" in answer.words
    assert "<evidence-player" not in answer.text


async def test_a_rendition_is_called_what_the_archive_found_it_to_be(
    rita: Reader, window: Window
) -> None:
    copied = await rita.get(f"/clips/{window.clips['h264.mp4']}")
    encoded = await rita.get(f"/clips/{window.clips['hevc.mp4']}")

    assert "Original pictures, repackaged" in copied.words
    assert "Recomputed by the archive: same as the original" in copied.words
    assert "Re-encoded for viewing" in encoded.words
    assert "a likeness, nothing differs" in encoded.words


async def test_a_link_says_why_in_a_sentence(rita: Reader, window: Window) -> None:
    answer = await rita.get(f"/clips/{window.clips['h264.mp4']}")

    assert "Linked by the rule: the clip names the officer; recorded during the call" in (
        answer.words
    )


async def test_the_receipt_comes_as_the_archive_gives_it(rita: Reader, window: Window) -> None:
    answer = await rita.get(f"/clips/{window.clips['h264.mp4']}/receipt")

    assert answer.body.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert ".tlog-proof" in answer.headers["Content-Disposition"]


async def test_an_auditor_sees_facts_and_cannot_watch(
    new_reader: Callable[[], Reader], window: Window
) -> None:
    audrey = new_reader()
    await audrey.sign_in("audrey")

    answer = await audrey.get(f"/clips/{window.clips['h264.mp4']}")

    assert "You may not watch this clip" in answer.words
    assert (await audrey.watch(window.clips["h264.mp4"])).status == 403


async def test_an_officer_sees_their_own_clips_only(
    new_reader: Callable[[], Reader], window: Window
) -> None:
    otto = new_reader()

    listed = await otto.sign_in("otto")

    assert "1 clip in the archive" in listed.words
    assert "/incidents" not in listed.text
    assert (await otto.get(f"/clips/{window.clips['h264.mp4']}")).status in {403, 404}


async def test_an_administrator_is_told_that_footage_is_not_theirs(
    new_reader: Callable[[], Reader],
) -> None:
    adam = new_reader()

    answer = await adam.sign_in("adam")

    assert answer.status == 403
    assert "Not allowed" in answer.words


@pytest.mark.parametrize(("code", "words"), ENGLISH_AND_CHINESE)
async def test_a_page_that_is_not_there_says_so(rita: Reader, code: str, words: str) -> None:
    await rita.post("/language", language=code, back="/")

    answer = await rita.get(f"/clips/c-{'0' * 32}")

    assert answer.status == 404
    assert words in answer.words


async def test_a_silent_archive_is_told_in_words_too() -> None:
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    cookies = {"evidock_session": "x"}

    async with (
        served(build(Settings(), f"http://127.0.0.1:{port}")) as url,
        aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
        http.get(url) as answer,
    ):
        assert answer.status == 503
        assert "The archive does not answer" in await answer.text()


async def test_custody_entries_are_shown_in_words_with_their_exact_text(
    rita: Reader, window: Window
) -> None:
    clip = window.clips["mjpeg.avi"]
    details = {each.summary.id: each for each in window.run(window.archive.clips())}

    answer = await rita.get(f"/clips/{clip}")

    assert "Archived: read back from the vault, locked by archive" in answer.words
    assert "Copied by the station and hashed by Dock 1" in answer.words
    for entry in details[clip].entries:
        assert json.dumps(entry.index) in answer.words
        assert entry.text in answer.words


async def test_a_form_of_a_page_without_tls_is_refused_in_words_that_help(stranger: Reader) -> None:
    await stranger.get("/sign-in")

    answer = await stranger.post("/sign-in", origin="null", name="rita", password=PASSWORD)

    assert answer.status == 403
    assert "not opened over TLS (https)" in answer.words


@pytest.mark.parametrize("sample", NUMBERED)
async def test_what_was_copied_is_verified_whatever_its_times(
    rita: Reader, window: Window, sample: str
) -> None:
    page = await rita.get(f"/clips/{window.clips[sample]}")

    assert "Recomputed by the archive: same as the original" in page.words


CAME = {
    "en": (
        "Imported: weaker origin",
        "Read at the dock",
        "NOT what the original has",
    ),
    "zh": ("导入：来源证明较弱", "接入采集站读取", "与原件不一致"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_how_a_clip_came_is_said_wherever_it_stands(
    rita: Reader, window: Window, language: str
) -> None:
    await rita.post("/language", language=language, back="/")
    imported, docked, alarm = CAME[language]

    listed = await rita.get("/")
    page = await rita.get(f"/clips/{window.clips[NOTHING]}")
    other = await rita.get(f"/clips/{window.clips['hevc.mp4']}")

    assert listed.words.count(imported) == 1
    assert docked in listed.words
    assert page.words.count(imported) == 2, "above, and among the facts"
    for words in (alarm, "0" * 64, "<b>Clerk</b> Li", "案件 7", "Shop X"):
        assert words in page.words
    assert "<b>Clerk</b>" not in page.text, "what was said is never markup"
    assert docked in other.words
    assert imported not in other.words


@pytest.mark.parametrize(("code", "words"), [("en", "not verified here"), ("zh", "本系统未验证")])
async def test_a_cameras_signature_is_said_to_be_there_and_not_to_be_good(
    rita: Reader, window: Window, code: str, words: str
) -> None:
    await rita.post("/language", language=code, back="/")

    signed = await rita.get(f"/clips/{window.clips['h264.ts']}")
    other = await rita.get(f"/clips/{window.clips['hevc.mp4']}")

    assert "ONVIF Media Signing" in signed.words
    assert words in signed.words
    assert words not in other.words
