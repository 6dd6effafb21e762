"""The page of statistics: who sees what, and that each number leads to what it counts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.statistics.figures import Rate
from evidence.wire import RateShown
from player.charts import bars, columns, cut, line, percent
from tests.player.figuring import figuring, filled, world
from tests.player.lapsing import Lapse

_PARTS = re.compile(r'<a href="(/statistics/counted[^"]*)">([\d,]+)(?: not)?</a>')
_SPAN = "from=2026-09-01&to=2026-11-23"


@pytest.fixture
async def lapse(tmp_path: Path) -> AsyncIterator[Lapse]:
    async with figuring(tmp_path) as made:
        await filled(made, world(40))
        yield made


@pytest.mark.parametrize("name", ["lena", "otto"])
async def test_each_number_is_as_long_as_its_list(lapse: Lapse, name: str) -> None:
    reader = await lapse.at_player(name)
    links: list[tuple[str, str]] = []
    for by in ("month", "unit"):
        links += _PARTS.findall((await reader.get(f"/statistics?{_SPAN}&by={by}")).text)

    assert len(links) > 20
    for address, number in links[:: 9 if name == "lena" else 3]:
        words = (await reader.get(unescape(address))).words
        assert re.search(rf"\b{number} (clips?|incidents?)\b", words), (address, number)


async def test_names_are_text_and_what_cannot_be_asked_is_said(lapse: Lapse) -> None:
    reader = await lapse.at_player("sam")

    for path in ("/statistics?by=unit", "/statistics/counted?measure=link", "/statistics?unit=<b>"):
        answer = await reader.get(f"{path}&{_SPAN}")
        assert answer.status == 200
        assert "<img src=x" not in answer.text
        assert '="<b>' not in answer.text
    for query in ("from=x", "by=nobody", "from=2026-11-02&to=2026-11-01", "unit=%00"):
        answer = await reader.get(f"/statistics?{query}")
        assert (answer.status, "This cannot be done" in answer.words) == (400, True)


async def test_who_sees_which_figures(lapse: Lapse) -> None:
    who = {name: await lapse.at_player(name) for name in ("sam", "audrey", "otto", "rita")}
    for name, status in (("audrey", 200), ("otto", 200), ("rita", 403)):
        assert (await who[name].get(f"/statistics?{_SPAN}")).status == status
        assert ("/statistics" in (await who[name].get("/")).text) is (status == 200)

    own = (await who["otto"].get(f"/statistics.csv?{_SPAN}&by=month&officer=@SUM(A1)")).text
    asked = (await who["sam"].get(f"/statistics.csv?{_SPAN}&by=month&officer=4711")).text
    counted = await who["otto"].get(f"/statistics/counted?{_SPAN}&officer=@SUM(A1)")

    assert own == asked
    assert own.splitlines()[-1].split(",")[3] != "0"
    assert "@SUM" not in counted.words
    assert (await who["rita"].get(f"/statistics.csv?{_SPAN}")).status == 403


async def test_the_files_are_as_the_page(lapse: Lapse) -> None:
    reader = await lapse.at_player("audrey")

    answer = await reader.get(f"/statistics.csv?{_SPAN}&by=unit")
    book = await reader.get(f"/statistics.xlsx?{_SPAN}&by=unit")

    assert answer.body.startswith("\ufeff".encode())
    assert "'=HYPERLINK(A1)" in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    assert book.body.startswith(b"PK")


async def test_an_archive_of_nothing_says_so(tmp_path: Path) -> None:
    async with figuring(tmp_path) as lapse:
        reader = await lapse.at_player("lena")

        words = (await reader.get("/statistics")).words

    assert "Nothing to count" in words
    assert "%" not in words


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.9999, "> 99.9 %"), (1e-5, "< 0.1 %")],
)
def test_nearly_all_is_not_all(value: float | None, shown: str) -> None:
    assert percent(value) == shown


rates = st.builds(Rate, met=st.integers(0, 300), unmet=st.integers(0, 300)).map(RateShown.of)


@given(st.lists(rates, max_size=40))
def test_nothing_is_drawn_outside_the_picture(found: list[RateShown]) -> None:
    names = [f"n{n}" for n in range(len(found))]
    points = [point for piece in line(names, found).pieces for point in piece]
    drawn = bars(names, found)

    assert sum(rate.value is not None for rate in found) == len(points)
    assert all(44 <= p.x <= 348 and 12 <= p.high <= p.y <= p.low <= 132 for p in points)
    assert all(0 <= bar.length <= 192 and 118 <= bar.low <= bar.high <= 310 for bar in drawn)
    assert all(0 <= each.length <= 120 for each in columns(names, [r.met for r in found]))


@given(st.text())
def test_a_long_name_is_cut_to_what_fits(name: str) -> None:
    assert len(cut(name)) <= 15
    assert cut(name) == name or cut(name).endswith("…")
