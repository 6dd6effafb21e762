"""The contract of feeds, kept by every adapter and every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from archive.catalogue.noting import Outcome
from archive.feeds.contract import Raw
from evidence.feed_settings import FeedKind
from tests.archive.feeds.sheets import row
from tests.archive.feeds.ways import World, world

WAYS = ("csv", "xlsx", "push", "pull")
SPAN = {"since": "2026-11-23T07:00:00Z", "until": "2026-11-23T15:00:00Z"}
KINDS: Mapping[FeedKind, tuple[Mapping[str, object], Mapping[str, object]]] = {
    FeedKind.INCIDENTS: (row(withdrawn=None), {"call_type": "盗窃"}),
    FeedKind.CASES: ({"number": "C-9", "withdrawn": None}, {"incidents": "E-1 E-2"}),
    FeedKind.DUTIES: ({"officer": "4711", **SPAN, "withdrawn": None}, {"unit": "U1"}),
    FeedKind.ASSIGNMENTS: (
        {"camera": "BWC-1", "officer": "4711", **SPAN, "withdrawn": None},
        {"officer": "0815"},
    ),
    FeedKind.STAYS: (
        {"session": "S-1", "room": "讯问室3", "enters": SPAN["since"], "withdrawn": None},
        {"leaves": SPAN["until"]},
    ),
}
"""A row of each kind, and what corrects it."""


@pytest.fixture(params=WAYS)
async def one(request: pytest.FixtureRequest, tmp_path: Path, place: None) -> AsyncIterator[World]:  # noqa: ARG001
    async with world(request.param, tmp_path) as made:
        yield made


async def test_rows_come_in_order_with_their_place(one: World) -> None:
    adapter = one.way.tell([row(), row(number="E-2")])

    batches = [batch async for batch in adapter.batches()]

    (batch,) = batches
    rows = [each for each in batch.sheet.rows if isinstance(each, Raw)]
    first = one.way.first
    assert [(each.row, each.cells["number"]) for each in rows] == [
        (first, "E-1"),
        (first + 1, "E-2"),
    ]
    assert batch.source


async def test_what_was_not_taken_is_told_again(one: World) -> None:
    adapter = one.way.tell([row()])

    told = [[batch.source async for batch in adapter.batches()] for _ in range(2)]

    assert len(told[0]) == 1
    assert told[0] == told[1]


async def test_what_was_taken_is_told_no_more(one: World) -> None:
    adapter = one.way.tell([row()])

    assert len(await one.drain(adapter)) == 1
    assert sum(each.changed for each in await one.drain(adapter)) == 0


async def test_a_bad_row_is_reported_and_every_good_one_is_in(one: World) -> None:
    bad = row(number="E-2", officer="")
    (taken,) = await one.hear([row(), bad, row(number="E-3")])

    first = one.way.first
    assert taken.outcomes == {first: Outcome.NEW, first + 2: Outcome.NEW}
    (problem,) = await one.problems()
    assert (problem.feed, problem.row, problem.field) == ("x", first + 1, "officer")
    await one.hear([row(), row(number="E-3")])


@pytest.mark.parametrize("kind", list(FeedKind))
@pytest.mark.parametrize("way", WAYS)
async def test_repeated_corrected_withdrawn_and_back(
    way: str,
    kind: FeedKind,
    tmp_path: Path,
    place: None,  # noqa: ARG001  it sets the place
) -> None:
    plain, more = KINDS[kind]
    changed, gone = {**plain, **more}, {**plain, "withdrawn": "true"}
    courses = [plain, plain, changed, gone, changed, plain]
    wanted = [
        {},
        None,
        {"changed": True},
        {"withdrawn": True},
        {"changed": True},
        {"changed": True},
    ]
    async with world(way, tmp_path, kind) as one:
        for nth, (course, mark) in enumerate(zip(courses, wanted, strict=True)):
            before = len(await one.entries())
            await one.hear([{**course, "told": nth}])
            found = [_marks(each) for each in (await one.entries())[before:]]
            assert found == ([] if mark is None else [mark])
        assert await one.problems() == []


def _marks(entry: Mapping[str, object]) -> dict[str, object]:
    return {name: entry[name] for name in ("changed", "withdrawn") if name in entry}


async def test_a_sheet_that_takes_back_a_row_of_its_own_is_quiet_when_told_again(
    one: World,
) -> None:
    rows = [row(told=1), row(call_type="Fire", told=2), row(number="E-2", told=3)]
    rows.append(row(number="E-2", withdrawn="yes", told=4))
    await one.hear(rows)
    before = await one.entries()

    await one.hear([*rows, row(number="E-9", told=5)])

    assert len(before) == 1
    assert len(await one.entries()) == 2
