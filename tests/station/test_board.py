from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from evidence.errors import DiskFull
from station.board import board
from station.tiles import MOST_PROBLEMS, show
from station.view import CardView, StationView, Totals, Word
from station.words import LANGUAGES, TEXTS
from tests.ingest.serving import serving

COPYING = CardView(
    slot="cam-1",
    word=Word.COPYING,
    camera="A1",
    officer="P7",
    files_done=3,
    files_total=12,
    bytes_done=250_000_000,
    bytes_total=1_000_000_000,
    rate=5_000_000,
)
VIEW = StationView(
    name="north",
    cards=(COPYING, CardView(slot="<b>", word=Word.CALL, note="<script>alert(1)</script>")),
    totals=Totals(verified=9, archived=7),
    problems=("the archive does not answer",),
)


async def record(place: str) -> None:
    if place == "cam-1":
        raise DiskFull("the journal cannot be written")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(board(lambda: VIEW, record)) as url:
        yield url


async def fetch(url: str) -> tuple[aiohttp.ClientResponse, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response, await response.text()


def test_a_tile_says_how_far_it_is_and_how_long_it_takes() -> None:
    tile = show(VIEW, "en").tiles[0]

    assert (tile.text, tile.files, tile.percent) == ("Copying", "Files 3/12", 25)
    assert (tile.left, tile.bytes) == ("25% · 3 min left", "250.0 MB / 1.0 GB")
    assert tile.officer == "Officer P7"


def test_nothing_is_guessed_before_a_rate_is_measured() -> None:
    unknown = replace(VIEW, cards=(replace(COPYING, rate=0.0),))

    assert show(unknown, "en").tiles[0].left == "25%"


def test_every_word_is_said_in_every_language() -> None:
    assert {frozenset(TEXTS[language]) for language in LANGUAGES} == {frozenset(TEXTS["en"])}
    assert set(Word) <= set(TEXTS["zh"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_cleared_is_said_of_what_is_cleared_alone(language: str) -> None:
    tiles = show(replace(VIEW, cards=(COPYING, replace(COPYING, cleared=True))), language).tiles

    assert [tile.cleared for tile in tiles] == ["", f"✓ {TEXTS[language]['cleared']}"]


def test_what_is_not_known_is_left_out() -> None:
    tile = show(replace(VIEW, cards=(CardView(slot="a", word=Word.READING),)), "en").tiles[0]

    assert {tile.bytes, tile.left, tile.facts, tile.grade, tile.receipt, tile.important} == {""}


def test_a_place_that_no_label_names_is_told_by_the_docks_name() -> None:
    cards = (COPYING, replace(COPYING, label="7"), replace(COPYING, camera="cam-1"))
    tiles = show(replace(VIEW, cards=cards), "en").tiles

    assert [tile.camera for tile in tiles] == ["cam-1 · A1", "A1", "cam-1"]


def test_battery_clock_and_grade_are_shown() -> None:
    card = replace(COPYING, battery=64, clock_offset=-3700.0, profile="p", verified="hardware")
    tile = show(replace(VIEW, cards=(card,)), "en").tiles[0]

    assert (tile.facts, tile.grade) == ("Battery 64% · Clock -62 min", "hardware-proven profile")


def test_many_problems_do_not_push_the_tiles_away() -> None:
    problems = tuple(f"problem {number}" for number in range(9))
    told = show(replace(VIEW, problems=problems), "en").problems

    assert told[:MOST_PROBLEMS] == list(problems[:MOST_PROBLEMS])
    assert told[MOST_PROBLEMS:] == ["+7 more: evidock station status shows all"]


@pytest.mark.parametrize(("tiles", "columns"), [(0, 1), (1, 1), (8, 4), (30, 6), (200, 9)])
def test_more_tiles_stand_in_more_columns(tiles: int, columns: int) -> None:
    assert show(replace(VIEW, cards=(COPYING,) * tiles), "en").columns == columns


@pytest.mark.parametrize(("language", "word"), [("en", "Copying"), ("zh", "复制中")])
async def test_the_page_speaks_the_readers_language(url: str, language: str, word: str) -> None:
    _, text = await fetch(f"{url}/?lang={language}")

    assert word in text


async def test_names_from_cameras_are_text_and_never_markup(url: str) -> None:
    _, text = await fetch(url)

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(url: str) -> None:
    response, text = await fetch(url)

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in text


@pytest.mark.parametrize("name", ["board.js", "board.css", "signs.svg", "icon.svg"])
async def test_its_files_are_served(url: str, name: str) -> None:
    response, _ = await fetch(f"{url}/static/{name}")

    assert response.status == 200


async def test_changes_are_sent_as_they_happen(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/events?lang=zh") as stream:
        line = await stream.content.readline()

    assert json.loads(line.removeprefix(b"data: "))["tiles"][0]["text"] == "复制中"


async def post(url: str, body: bytes, **headers: str) -> tuple[int, str]:
    headers = {"Content-Type": "application/json"} | headers
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/call", data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


async def test_a_supervisor_is_called_to_a_slot_or_to_the_station(url: str) -> None:
    assert await post(url, b'{"slot": "<b>"}', Origin=url) == (204, "")
    assert await post(url, b'{"slot": ""}') == (204, "")


async def test_a_call_that_cannot_be_recorded_is_refused_with_the_reason(url: str) -> None:
    assert await post(url, b'{"slot": "cam-1"}') == (503, "the journal cannot be written")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"slot": 7}', 400),
        (b'{"slot": "", "by": "x"}', 400),
        (b'{"slot": "none such"}', 404),
        (b'{"slot": "' + b"x" * 9000 + b'"}', 413),
    ],
)
async def test_what_is_no_call_is_refused(url: str, body: bytes, status: int) -> None:
    assert (await post(url, body))[0] == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_pages_from_elsewhere_cannot_call(url: str, headers: dict[str, str]) -> None:
    assert (await post(url, b'{"slot": ""}', **headers))[0] == 403


async def test_without_a_receipt_there_is_no_code(url: str) -> None:
    response, _ = await fetch(f"{url}/receipt.svg?slot=cam-1")

    assert response.status == 404


async def test_a_board_without_badges_hands_nothing_out(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/tap") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("language", "signature", "grade"),
    [
        ("en", None, "unproven profile"),
        ("en", "", "unproven profile · unsigned"),
        ("en", "force.example", "unproven profile · signed by force.example"),
        ("zh", "", "配置未验证 · 未签名"),
    ],
)
def test_who_signed_a_profile_is_shown(language: str, signature: str | None, grade: str) -> None:
    card = replace(COPYING, verified="none", signature=signature)

    assert show(replace(VIEW, cards=(card,)), language).tiles[0].grade == grade


@pytest.mark.parametrize(("language", "said"), [("en", "Not witnessed yet"), ("zh", "尚未见证")])
def test_a_receipt_that_no_witness_saw_is_told_by_sign_and_word(language: str, said: str) -> None:
    card = CardView(slot="1", word=Word.SAFE, unseen=True)
    view = StationView(name="s", cards=(card,), totals=Totals(), problems=())

    (tile,) = show(view, language).tiles
    assert tile.unwitnessed == f"◐ {said}"
    (tile,) = show(replace(view, cards=(replace(card, unseen=False),)), language).tiles
    assert tile.unwitnessed == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_log_that_no_witness_signs_stands_before_all_problems(language: str) -> None:
    view = StationView(name="s", cards=(), totals=Totals(), problems=("p",) * 9)

    assert show(view, language).problems[0] == "p"
    since = replace(view, witnesses_silent="2026-11-26T12:00:00.000Z")
    assert "2026-11-2" in show(since, language).problems[0]
    never = show(replace(view, witnesses_silent=""), language).problems
    assert never[0].startswith("◐")
    assert len(never) == 4
