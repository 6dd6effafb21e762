from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue, Transaction, prepared
from evidence.clock import SetClock
from evidence.custody import EntryKind
from evidence.errors import SetupError, UnrecordedChange
from tests.archive.house import START, Footage
from tests.archive.ledger import archive, footage, ledger

ATTACKS = (
    "UPDATE clip SET state = 'RELEASED'",
    "UPDATE clip SET state = 'RELEASED', by_entry = by_entry + 1",
    "UPDATE clip SET by_entry = 0",
    "DELETE FROM clip",
    "UPDATE entry SET raw = x'00'",
    "DELETE FROM entry",
    "INSERT OR REPLACE INTO entry SELECT seq, kind, by, clip, state, x'00' FROM entry",
    "INSERT OR REPLACE INTO clip SELECT * FROM clip",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_a_change_without_a_record(attack: str) -> None:
    with ledger() as tx:
        archive(tx, Footage(data=b"footage"))

        with pytest.raises(IntegrityError, match="unrecorded: "):
            tx.session.execute(text(attack))


async def test_a_refused_change_has_a_name_of_its_own(tmp_path: Path) -> None:
    catalogue = await Catalogue.opened(tmp_path / "c.sqlite", SetClock(START))

    def attack(tx: Transaction) -> None:
        tx.record(EntryKind.CREDENTIALS_READ, "archive")
        tx.session.execute(text("DELETE FROM entry"))

    with pytest.raises(UnrecordedChange, match="unrecorded"):
        await catalogue.run(attack)
    assert await catalogue.run(entries.count) == 0
    await catalogue.close()


async def test_entries_are_numbered_without_a_gap_although_verbs_fail(tmp_path: Path) -> None:
    catalogue = await Catalogue.opened(tmp_path / "c.sqlite", SetClock(START))

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
    file = tmp_path / "c.sqlite"
    engine = prepared(file)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    with pytest.raises(SetupError, match="revision 9999"):
        prepared(file)


def test_a_file_that_is_no_database_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite"
    file.write_bytes(b"footage" * 1000)

    with pytest.raises(SetupError, match="cannot be used"):
        prepared(file)


def test_a_clip_is_not_replaced_under_another_id() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", None))
        archive(tx, footage("c-2", "4711", None))

        with pytest.raises(DatabaseError, match="unrecorded: clips are never deleted"):
            tx.session.execute(
                text(
                    "UPDATE OR REPLACE clip SET camera = old.camera, path_hex = old.path_hex,"
                    " sha256 = old.sha256 FROM clip AS old WHERE clip.id = 'c-2' AND old.id = 'c-1'"
                )
            )
