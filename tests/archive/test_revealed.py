"""Step 14 of ``fsck``: openings in the vault that no clip's manifest holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ReachedRow
from archive.fixity import Component, Finding, Step, nobody
from archive.fixity.examine import examine
from archive.fixity.opening import opened
from evidence.custody import Entry, EntryKind
from evidence.vault import Bucket
from tests.archive.house import House
from tests.archive.places import here
from tests.archive.rebuilding import busy_day
from tests.faults.lab import RottingVault

PREFIX = "lab/openings/"


@pytest.fixture
async def lived(place: None, tmp_path: Path) -> House:  # noqa: ARG001  it sets the place
    """A house with openings of every kind, closed; nothing is wrong with it."""
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    vault = RottingVault(house.clock)
    house = replace(house.with_(vault=vault), vault=vault)
    async with house.opened() as door:
        await busy_day(door, tmp_path / "cad.csv")
    assert await fsck(house) == []
    return house


async def fsck(house: House, act: Callable[[Transaction], object] | None = None) -> list[Finding]:
    """What is found, after *act* on the rows."""
    where = house.parts.settings, house.parts.folder, house.vault, house.clock
    async with opened(*where) as what:
        if act is not None:
            await what.catalogue.run(act)
        return await examine(what)


async def named(house: House) -> Mapping[str, str]:
    """Key and problem of each finding; all are of this step."""
    found = await fsck(house)
    assert {(each.step, each.component) for each in found} <= {(Step.OPENINGS, Component.OPENINGS)}
    return {each.subject.removeprefix(f"records/{PREFIX}"): each.problem for each in found}


async def of_kind(house: House, kind: EntryKind, at: int = 0) -> str:
    """The name of the object that opens one entry of *kind*."""
    async with house.opened() as door:
        log = door.archive._books.log
        kinds = [Entry(log.entry(index)).kind for index in range(log.size)]
    return f"{[index for index, each in enumerate(kinds) if each is kind][at]}.json"


def remove(house: House, name: str) -> None:
    for version in list(house.vault.versions(Bucket.RECORDS, PREFIX + name)):
        house.vault.delete_version(Bucket.RECORDS, version.key, version.version_id)


def read(house: House, name: str) -> bytes:
    held = house.vault.find(Bucket.RECORDS, PREFIX + name)
    assert held is not None
    return b"".join(house.vault.read(Bucket.RECORDS, held.key, held.version_id))


def forget(house: House, entry: int) -> None:
    """Remove a reason's row as the owner of the tables: the archive's role may not."""
    where = here(house.parts.folder / "catalogue.sqlite")
    if isinstance(where, URL):
        host, name = str(where.query["host"]), where.database
        with psycopg.connect(host=host, user="postgres", dbname=name) as session:
            session.execute("DELETE FROM view_reason WHERE entry = %s", (entry,))
        return
    with closing(sqlite3.connect(where)) as db, db:
        db.execute("DELETE FROM view_reason WHERE entry = ?", (entry,))


async def test_each_that_is_missing_is_named(lived: House) -> None:
    names = {each.key.removeprefix(PREFIX) for each in lived.vault.versions(Bucket.RECORDS, PREFIX)}
    for name in names:
        remove(lived, name)

    found = await named(lived)

    first = await of_kind(lived, EntryKind.INCIDENT_IMPORTED)  # superseded: it need not be there
    assert found.keys() == names - {first}
    assert set(found.values()) == {"is missing, and its row is there"}
    assert len(found) >= 6


async def test_what_opens_something_else_is_named(lived: House) -> None:
    view = await of_kind(lived, EntryKind.VIEWED)
    person = await of_kind(lived, EntryKind.PERSON_CREATED)
    other = read(lived, await of_kind(lived, EntryKind.PERSON_CREATED, 1))
    told = json.loads(read(lived, view))
    told["openings"]["reason"]["value_hex"] = b"no reason".hex()
    lived.vault.put(Bucket.RECORDS, PREFIX + view, json.dumps(told).encode())
    lived.vault.put(Bucket.RECORDS, PREFIX + person, other)

    found = await named(lived)

    assert found[view].endswith("commits to")
    assert found[person].startswith("tells of entry")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[" * 100_000, b'{"format":"evidock-openings/v1","entry":"x"}', b"\xff"]
)
async def test_what_cannot_be_read_is_named(lived: House, data: bytes) -> None:
    name = await of_kind(lived, EntryKind.STATION_ENROLLED)
    lived.vault.put(Bucket.RECORDS, PREFIX + name, data)

    assert list(await named(lived)) == [name]


async def test_a_column_that_no_commitment_holds_is_compared_with_the_row(lived: House) -> None:
    name = await of_kind(lived, EntryKind.STATION_ENROLLED)
    data = read(lived, name)
    told = json.loads(data)["columns"]["name"].encode()
    lived.vault.put(Bucket.RECORDS, PREFIX + name, data.replace(told, b"another"))

    assert (await named(lived))[name].startswith("does not say what the row")


@pytest.mark.parametrize("name", ["99999.json", "07.json", "x", "-1.json", "9" * 30, ""])
async def test_a_stranger_is_named(lived: House, name: str) -> None:
    name = name or await of_kind(lived, EntryKind.ARCHIVED)
    opening = read(lived, await of_kind(lived, EntryKind.VIEWED))
    lived.vault.put(Bucket.RECORDS, PREFIX + name, opening)

    assert await named(lived) == {name: "belongs to no entry that has openings here"}


async def test_what_is_forgotten_in_both_places_is_no_finding(lived: House) -> None:
    name = await of_kind(lived, EntryKind.VIEWED)
    entry = int(name.removesuffix(".json"))
    forget(lived, entry)

    assert await fsck(lived) == []
    remove(lived, name)
    assert await fsck(lived) == []


async def test_what_was_not_copied_yet_is_not_missed(lived: House) -> None:
    remove(lived, await of_kind(lived, EntryKind.VIEWED))

    def nothing_yet(tx: Transaction) -> None:
        tx.session.get_one(ReachedRow, "openings").through = -1

    assert await fsck(lived, nothing_yet) == []
    async with lived.opened() as door:
        assert await door.archive.examine(nobody) == []
    assert await fsck(lived) == []
