"""The page of feeds: who sees it, and what it says of what came from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import PASSWORD, House
from tests.player.lapsing import LONG, Lapse, lapsing
from tests.player.looks import Look, in_every_look, sign_in, tab, wrong_with

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def lapse(tmp_path: Path) -> AsyncIterator[Lapse]:
    inbox = tmp_path / f"接警_{'very-long-folder-name-without-a-blank_' * 3}"
    inbox.mkdir()
    house = House.at(tmp_path, incident_feed=str(inbox))
    async with lapsing(tmp_path, house) as made:
        made.clips["inbox"] = str(inbox)
        yield made


def told(lapse: Lapse) -> Path:
    """A file with rows of every kind, which a feed told."""
    bad = [GOOD.replace("2026-11-23T07", f"{EVIL}{n}") for n in range(30)]
    good = [GOOD.replace("E-1", f"E-{n}") for n in (1, 2, 7)]
    file = Path(lapse.clips["inbox"]) / f"{LONG}.csv"
    file.write_text("".join([HEADER.replace("Beat", EVIL), *good, *bad]))
    return file


async def test_a_supervisor_sees_problems_and_gaps_and_hostile_text_as_text(lapse: Lapse) -> None:
    told(lapse)
    await lapse.door.archive.import_feed_now()
    sam = lapse.readers()
    await sam.sign_in("sam", PASSWORD)

    page = await sam.get("/feeds")

    assert EVIL not in page.text
    for words in ("30 rows cannot be used", "E-3", "E-6", "officer dispatched datetime"):
        assert words in page.words
    csv = await sam.get("/feeds/problems.csv")
    assert csv.text.count("officer dispatched datetime") >= 30


async def test_nobody_else_does(lapse: Lapse) -> None:
    rita = lapse.readers()
    await rita.sign_in("rita", PASSWORD)

    assert (await rita.get("/feeds")).status == 403
    assert (await rita.get("/feeds/problems.csv")).status == 403
    assert "/feeds" not in (await rita.get("/")).text


@pytest.mark.browser
@in_every_look
async def test_feeds_can_be_read_in_every_look(lapse: Lapse, look: Look) -> None:
    async with tab(lapse.url, look) as (page, complaints):
        await sign_in(page, lapse.url, "sam")
        found = [*await wrong_with(page, f"{lapse.url}/feeds")]
        told(lapse)
        await lapse.door.archive.import_feed_now()

        found += await wrong_with(page, f"{lapse.url}/feeds")

    assert [*found, *complaints] == []
