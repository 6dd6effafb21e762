from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from station.board import board, show
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


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(board(lambda: VIEW)) as url:
        yield url


async def fetch(url: str) -> tuple[aiohttp.ClientResponse, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response, await response.text()


def test_a_tile_says_how_far_it_is_and_how_long_it_takes() -> None:
    tile = show(VIEW, "en").tiles[0]

    assert (tile.text, tile.files, tile.percent) == ("Copying", "Files 3/12", 25)
    assert (tile.speed, tile.officer) == ("5.0 MB/s · 3 min left", "Officer P7")


def test_nothing_is_guessed_before_a_rate_is_measured() -> None:
    unknown = replace(VIEW, cards=(replace(COPYING, rate=0.0),))

    assert show(unknown, "en").tiles[0].speed == ""


def test_every_word_is_said_in_every_language() -> None:
    assert {frozenset(TEXTS[language]) for language in LANGUAGES} == {frozenset(TEXTS["en"])}
    assert set(Word) <= set(TEXTS["zh"])


def test_the_board_never_says_that_a_camera_is_cleared() -> None:
    assert not [text for texts in TEXTS.values() for text in texts.values() if "clear" in text]


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
