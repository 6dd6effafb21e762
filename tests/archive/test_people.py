from __future__ import annotations

import asyncio

import pytest

from evidence.errors import Refused
from evidence.rights import Role
from evidence.wire import PersonShown, SignIn
from tests.archive.house import PASSWORD, House, Open
from tests.archive.places import all_that_is_kept


async def _try(door: Open, name: str, password: str) -> int:
    return (await door.post("/v1/sessions", SignIn(name=name, password=password))).status


async def test_the_right_password_opens_a_session_and_tells_who_one_is(door: Open) -> None:
    person = await door.person(Role.OFFICER, "4711", "Ann Lee")

    shown = (await person.get("/v1/sessions")).as_(PersonShown)

    assert (shown.name, shown.role, shown.officer) == ("Ann Lee", "officer", "4711")


async def test_an_unknown_name_and_a_wrong_password_look_the_same(door: Open) -> None:
    await door.archive.create_person("Ann", PASSWORD, Role.REVIEWER)

    wrong = await door.post("/v1/sessions", SignIn(name="Ann", password="no"))
    unknown = await door.post("/v1/sessions", SignIn(name="Bob", password="no"))

    assert wrong == unknown
    assert wrong.status == 401


async def test_five_failures_close_a_name_for_fifteen_minutes(door: Open) -> None:
    await door.archive.create_person("Ann", PASSWORD, Role.REVIEWER)
    for _ in range(5):
        assert await _try(door, "ann ", "no") == 401

    assert await _try(door, "Ann", PASSWORD) == 429
    door.clock.advance(15 * 60)
    assert await _try(door, "Ann", PASSWORD) == 201


async def test_the_lockout_outlives_a_restart(house: House) -> None:
    async with house.opened() as door:
        await door.archive.create_person("Ann", PASSWORD, Role.REVIEWER)
        for _ in range(5):
            await _try(door, "Ann", "no")
    async with house.opened() as door:
        assert await _try(door, "Ann", PASSWORD) == 429


async def test_a_session_ends_when_nobody_uses_it(door: Open) -> None:
    person = await door.person(Role.REVIEWER)
    door.clock.advance(29 * 60)
    assert (await person.get("/v1/sessions")).status == 200
    door.clock.advance(29 * 60)
    assert (await person.get("/v1/sessions")).status == 200

    door.clock.advance(30 * 60)

    assert (await person.get("/v1/sessions")).status == 401


async def test_a_session_ends_after_half_a_day_however_busy(door: Open) -> None:
    person = await door.person(Role.REVIEWER)
    for _ in range(35):
        door.clock.advance(20 * 60)
        assert (await person.get("/v1/sessions")).status == 200

    door.clock.advance(20 * 60)

    assert (await person.get("/v1/sessions")).status == 401


async def test_signing_out_ends_the_session(door: Open) -> None:
    person = await door.person(Role.REVIEWER)

    assert (await person.delete("/v1/sessions")).status == 200
    assert (await person.get("/v1/sessions")).status == 401


async def test_an_account_that_exists_is_left_as_it_is(door: Open) -> None:
    first = await door.archive.create_person("Ann", PASSWORD, Role.REVIEWER)

    with pytest.raises(Refused, match="'ANN' already"):
        await door.archive.create_person("ANN", "another", Role.ADMIN)

    assert await door.archive.person("ann") == first
    assert await _try(door, "Ann", PASSWORD) == 201


async def test_neither_password_nor_token_nor_name_is_in_the_log(house: House) -> None:
    async with house.opened() as door:
        person = await door.person(Role.OFFICER, "0815", "Ann Lee")

    files = [file for file in (house.parts.folder / "log").rglob("*") if file.is_file()]
    log = b"".join(file.read_bytes() for file in files)
    kept = all_that_is_kept(house.parts.folder)
    assert b"session.open" in log
    assert not any(word in log for word in (b"Ann Lee", b'"0815"'))
    assert b"Ann Lee" in kept
    assert not any(word.encode() in kept for word in (PASSWORD, person.token))


async def test_many_guesses_at_once_are_no_more_than_five(door: Open) -> None:
    await door.archive.create_person("Ann", PASSWORD, Role.REVIEWER)

    tries = await asyncio.gather(*[_try(door, "Ann", f"guess {number}") for number in range(20)])

    assert tries.count(401) == 5
    assert tries.count(429) == 15


async def test_a_clock_set_back_does_not_keep_a_session_open(door: Open) -> None:
    person = await door.person(Role.REVIEWER)

    door.clock.advance(-31 * 60)  # work in the background may have let a little time pass

    assert (await person.get("/v1/sessions")).status == 401
