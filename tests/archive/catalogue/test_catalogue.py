from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.database import prepared
from evidence.clock import SetClock
from evidence.custody import EntryKind
from evidence.errors import SetupError, UnrecordedChange
from tests.archive.house import START, Footage
from tests.archive.ledger import archive, ledger
from tests.archive.places import here

ATTACKS = (
    "UPDATE clip SET state = 'RELEASED'",
    "UPDATE clip SET state = 'RELEASED', by_entry = by_entry + 1",
    "UPDATE clip SET by_entry = 0",
    "UPDATE clip SET id = 'c-other'",
    "DELETE FROM clip",
    "UPDATE entry SET raw = raw",
    "DELETE FROM entry",
    "INSERT INTO entry SELECT seq + 5, kind, by, clip, state, raw FROM entry",
    (
        "INSERT INTO entry SELECT seq, kind, by, clip, state, raw FROM entry WHERE true"
        " ON CONFLICT (seq) DO UPDATE SET kind = 'other'"
    ),
    "INSERT INTO clip SELECT * FROM clip WHERE true ON CONFLICT (id) DO UPDATE SET state = 'FOUND'",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_a_change_without_a_record(attack: str) -> None:
    with ledger() as tx:
        archive(tx, Footage(data=b"footage"))

        with pytest.raises(IntegrityError, match="unrecorded: "):
            tx.session.execute(text(attack))


async def test_a_refused_change_has_a_name_of_its_own(tmp_path: Path) -> None:
    catalogue = await Catalogue.opened(here(tmp_path / "c.sqlite"), SetClock(START))

    def attack(tx: Transaction) -> None:
        tx.record(EntryKind.CREDENTIALS_READ, "archive")
        tx.session.execute(text("DELETE FROM entry"))

    with pytest.raises(UnrecordedChange, match="unrecorded"):
        await catalogue.run(attack)
    assert await catalogue.run(entries.count) == 0
    await catalogue.close()


async def test_entries_are_numbered_without_a_gap_although_verbs_fail(tmp_path: Path) -> None:
    catalogue = await Catalogue.opened(here(tmp_path / "c.sqlite"), SetClock(START))

    def act(tx: Transaction, *, fail: bool) -> int:
        entry = tx.record(EntryKind.CREDENTIALS_READ, "archive")
        if fail:
            raise RuntimeError
        return entry

    found = []
    for fail in (False, True, False, True, True, False):
        if fail:
            with pytest.raises(RuntimeError):
                await catalogue.run(act, fail=True)
        else:
            found.append(await catalogue.run(act, fail=False))

    assert found == [0, 1, 2]
    await catalogue.close()


def test_a_catalogue_of_a_newer_product_is_not_opened(tmp_path: Path) -> None:
    where = here(tmp_path / "c.sqlite")
    engine = prepared(where)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    with pytest.raises(SetupError, match="revision 9999"):
        prepared(where)
