"""What only a catalogue in a file of SQLite can meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from archive.catalogue.database import prepared
from evidence.errors import SetupError
from tests.archive.ledger import archive, footage, ledger


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
