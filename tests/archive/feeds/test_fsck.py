"""``fsck`` holds what feeds told, and who may tell, against the log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from archive.catalogue.catalogue import Transaction
from archive.fixity import nobody
from tests.archive.house import House
from tests.archive.rebuilding import fed

CHANGES = {
    "incident": ("unit", "latitude", "place", "call_type", "withdrawn_entry"),
    "police_case": ("title", "stage", "incidents", "withdrawn_entry"),
    "duty": ("officer_key", "until", "reference", "withdrawn_entry"),
    "assignment": ("camera", "camera_key", "until"),
    "stay": ("room", "room_key", "person", "until"),
    "feed_key": ("name", "kind", "sha256", "revoked_entry"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"), [(table, each) for table, some in CHANGES.items() for each in some]
)
async def test_a_row_that_somebody_changed_is_named(house: House, table: str, column: str) -> None:
    value = {"latitude": "25.5", "withdrawn_entry": "0", "revoked_entry": "0"}.get(column, "'x'")
    changed = f"UPDATE {table} SET {column} = {value} WHERE id = (SELECT min(id) FROM {table})"  # noqa: S608

    assert table.removeprefix("police_").replace("_", " ") + " row" in await found(house, changed)


@pytest.mark.slow
@pytest.mark.parametrize("table", [*CHANGES, "case_incident"])
async def test_a_row_that_somebody_removed_is_named(house: House, table: str) -> None:
    column = "case_id" if table == "case_incident" else "id"
    removed = f"DELETE FROM {table} WHERE {column} = (SELECT min({column}) FROM {table})"  # noqa: S608
    kinds = {"police_case": "case row", "case_incident": "case incident row"}

    assert kinds.get(table, table.replace("_", " ") + " row") in await found(house, removed)


@pytest.mark.parametrize(
    "put",
    [
        "INSERT INTO case_incident VALUES ('C-9', 'E-99', 0)",
        """INSERT INTO feed_key SELECT 'x-0', 0, name, name_salt, kind, 'ff', NULL
        FROM feed_key LIMIT 1""",
        """INSERT INTO duty (id, by_entry, reference, officer, officer_key, since, until, salt)
        SELECT 'y-0', 0, 'z', officer, officer_key, since, until, salt FROM duty LIMIT 1""",
    ],
)
async def test_a_row_that_no_feed_told_is_named(house: House, put: str) -> None:
    assert await found(house, put)


async def test_what_was_told_is_as_it_was_told(house: House) -> None:
    assert await found(house, "SELECT 1") == set()


async def found(house: House, statement: str) -> set[str]:
    """What is found wrong after *statement*."""

    async with house.opened() as door:
        run = door.archive.books.catalogue.run
        await run(fed)
        await run(_does(statement))
        return {each.component.value for each in await door.archive.examine(nobody)}


def _does(statement: str) -> Callable[[Transaction], None]:
    def act(tx: Transaction) -> None:
        tx.session.execute(text(statement))

    return act
