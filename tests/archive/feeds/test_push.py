"""Rows that other systems push: by key, once, and each row answered for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archive.catalogue import feed_keys
from evidence.errors import NotKnown, Refused
from evidence.feed_settings import FeedKind, FeedSettings
from evidence.rights import Role
from evidence.wire import FeedPage, RowsTaken
from tests.archive.api.test_bad_requests import NASTY
from tests.archive.feeds.sheets import row
from tests.archive.house import Answer, Footage, House, Open

FEEDS = (
    FeedSettings(name="cad", kind=FeedKind.INCIDENTS, how="push"),
    FeedSettings(name="roster", kind=FeedKind.DUTIES, how="push"),
)


@dataclass
class Pusher:
    door: Open
    key: str

    async def push(self, rows: object, idempotency: str | None = "1") -> Answer:
        headers = {"Authorization": f"Bearer {self.key}"}
        headers |= {} if idempotency is None else {"Idempotency-Key": idempotency}
        body = json.dumps({"rows": rows}).encode()
        return await self.door.send("POST", "/v1/feeds/rows", body, headers)

    async def size(self) -> int:
        async with self.door.http.get("/v1/health") as answer:
            return int((await answer.json())["entries"])


@pytest.fixture
async def cad(place: None, tmp_path: Path) -> AsyncIterator[Pusher]:  # noqa: ARG001
    house = House.at(tmp_path)
    house = house.with_(settings=replace(house.parts.settings, feeds=FEEDS))
    async with house.opened() as door:
        run = door.archive.books.catalogue.run
        _, key = await run(feed_keys.make, "owner", "cad", "incidents")
        yield Pusher(door, key)


def outcomes(answer: Answer) -> list[tuple[int, str]]:
    return [(each.row, each.outcome) for each in answer.as_(RowsTaken).rows]


async def test_each_row_is_answered_for_and_good_ones_are_linked(cad: Pusher) -> None:
    clip = (await (await cad.door.station()).archive(Footage(data=b"x"))).clip

    answer = await cad.push([row(), row(number="E-2", officer=None), "no row", row()])

    told = answer.as_(RowsTaken)
    assert (told.feed, told.used, told.unused) == ("cad", 2, 2)
    assert outcomes(answer) == [(1, "same"), (2, "unused"), (3, "unused"), (4, "new")]
    assert told.rows[1].field == "officer"
    reviewer = await cad.door.person(Role.REVIEWER)
    assert b"E-1" in (await reviewer.get(f"/v1/clips/{clip}")).body


async def test_the_same_push_has_the_same_answer_and_does_nothing_twice(cad: Pusher) -> None:
    first = await cad.push([row()])
    size = await cad.size()

    assert await cad.push([row()]) == first
    assert outcomes(await cad.push([row()], "2")) == [(1, "same")]
    assert await cad.size() == size


async def test_another_body_under_the_same_key_is_refused(cad: Pusher) -> None:
    await cad.push([row()])
    size = await cad.size()

    answer = await cad.push([row(number="E-2")])

    assert answer.status == 409
    assert b"with another body" in answer.body
    assert await cad.size() == size


@pytest.mark.parametrize("idempotency", [None, "", "x" * 129, "a b"])
async def test_a_push_without_a_name_is_refused(cad: Pusher, idempotency: str | None) -> None:
    answer = await cad.push([row()], idempotency)

    assert answer.status == 400
    assert b"Idempotency-Key" in answer.body


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"rows":[]}', b'{"rows":{}}', b"[" * 5000, b'{"rows":[{"a":"\\u0000"}]}']
)
async def test_what_is_no_push_is_a_bad_request(cad: Pusher, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {cad.key}", "Idempotency-Key": "1"}

    assert (await cad.door.send("POST", "/v1/feeds/rows", body, headers)).status == 400


async def test_more_rows_than_one_push_holds_are_refused(cad: Pusher) -> None:
    assert (await cad.push([{}] * 1001)).status == 400


async def test_nasty_values_break_nothing(cad: Pusher) -> None:
    rows: list[Mapping[str, object]] = [{n: each} for each in NASTY[1:] for n in row()]
    rows += [row(**each) for each in rows]

    answer = (await cad.push([each for each in rows if "\x00" not in each.values()])).as_(RowsTaken)

    assert answer.used + answer.unused == len(answer.rows)
    assert all(each.reason for each in answer.rows if each.outcome == "unused")


async def test_a_key_opens_nothing_else_and_is_known_by_its_digest_alone(cad: Pusher) -> None:
    headers = {"Authorization": f"Bearer {cad.key}"}
    for path in ("/v1/clips", "/v1/feeds", "/v1/sessions"):
        assert (await cad.door.send("GET", path, b"", headers)).status == 401

    supervisor = await cad.door.person(Role.SUPERVISOR)
    assert (await Pusher(cad.door, supervisor.token).push([row()])).status == 401


async def test_a_revoked_key_counts_no_more(cad: Pusher) -> None:
    run = cad.door.archive.books.catalogue.run
    with pytest.raises(Refused, match="has a key that counts"):
        await run(feed_keys.make, "owner", "cad", "incidents")

    await run(feed_keys.revoke, "owner", "cad")

    assert (await cad.push([row()])).status == 401
    with pytest.raises(NotKnown):
        await run(feed_keys.revoke, "owner", "cad")
    _, again = await run(feed_keys.make, "owner", "cad", "incidents")
    assert outcomes(await Pusher(cad.door, again).push([row()])) == [(1, "new")]


async def test_a_key_pushes_one_kind(cad: Pusher) -> None:
    run = cad.door.archive.books.catalogue.run
    _, wrong = await run(feed_keys.make, "owner", "roster", "incidents")
    _, gone = await run(feed_keys.make, "owner", "nowhere", "incidents")

    for key in (wrong, gone):
        answer = await Pusher(cad.door, key).push([row()])
        assert answer.status == 403
        assert b"is set up here to be pushed" in answer.body


async def test_supervisors_see_feeds_problems_and_gaps(cad: Pusher) -> None:
    await cad.push([row(number="E-1"), row(number="E-4"), row(number="=cmd|x", officer="")])
    supervisor = await cad.door.person(Role.SUPERVISOR)

    page = (await supervisor.get("/v1/feeds")).as_(FeedPage)

    assert [(e.name, e.used, e.unused, e.open_problems) for e in page.feeds] == [
        ("cad", 2, 1, 1),
        ("roster", 0, 0, 0),
    ]
    assert [(each.first, each.last) for each in page.gaps] == [("E-2", "E-3")]
    (problem,) = page.problems
    assert (problem.row, problem.field, problem.reason) == (3, "officer", "no officer")
    csv = (await supervisor.get("/v1/feeds/problems.csv?feed=cad")).body.decode("utf-8-sig")
    assert csv.splitlines()[1].endswith(",3,officer,no officer")
