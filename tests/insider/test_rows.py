"""Acts of who owns the database: the rows are changed, the log and the store are not."""

from __future__ import annotations

import json

import pytest

from evidence.custody import EntryKind
from tests.insider.acts import act
from tests.insider.home import Home

CLIP_ROW, ENTRY_ROW = (4, "clip row"), (2, "entry row")


@act("I-01")
@pytest.mark.parametrize(
    "change",
    [
        "officer = '6666'",
        "started = '2020-01-01T00:00:00.000Z'",
        "sha256 = hex(zeroblob(32))",
        "retain_until = '2027-01-01T00:00:00.000Z'",
    ],
)
async def test_a_clips_row_is_edited(home: Home, change: str) -> None:
    with home.database() as db:
        db.execute(f"UPDATE clip SET {change} WHERE rowid = 1")  # noqa: S608

    assert await home.named() == {CLIP_ROW}


@act("I-02")
async def test_a_clips_row_is_deleted(home: Home) -> None:
    with home.database() as db:
        db.execute("DELETE FROM clip WHERE rowid = 1")

    assert await home.named() == {CLIP_ROW}


@act("I-03")
async def test_an_entrys_row_is_edited(home: Home) -> None:
    """The credentials were read by somebody else, or so the row says."""
    index = home.find(EntryKind.CREDENTIALS_READ)
    told = home.entries()[index].replace(b'"owner"', b'"clerk"')
    with home.database() as db:
        db.execute("UPDATE entry SET raw = ?, by = 'clerk' WHERE seq = ?", (told, index))

    assert await home.named() == {ENTRY_ROW}


@act("I-04")
async def test_an_entrys_row_is_deleted(home: Home) -> None:
    index = home.find(EntryKind.CREDENTIALS_READ)
    with home.database() as db:
        db.execute("DELETE FROM entry WHERE seq = ?", (index,))

    assert ENTRY_ROW in await home.named()


@act("I-05")
async def test_a_forged_clip_of_an_old_date_is_put_among_the_rows(home: Home) -> None:
    with home.database() as db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(clip)")]
        values = dict(zip(columns, db.execute("SELECT * FROM clip").fetchone(), strict=True))
        old = {"id": "c-" + "0" * 32, "received": "2020-01-01T00:00:00.000Z", "camera": "A0001"}
        marks = ", ".join("?" * len(columns))
        forged = list((values | old).values())
        db.execute(f"INSERT INTO clip VALUES ({marks})", forged)  # noqa: S608

    assert await home.named() == {CLIP_ROW}


@act("I-06")
async def test_rows_of_a_stations_journal_are_renumbered(home: Home) -> None:
    with home.database() as db:
        last = db.execute("SELECT max(number) FROM journal").fetchone()[0]
        db.execute("UPDATE journal SET number = ? WHERE number = ?", (last + 5, last))

    assert {step for step, _ in await home.named()} == {5}


@act("I-07")
async def test_a_key_of_a_station_is_exchanged(home: Home) -> None:
    with home.database() as db:
        db.execute("UPDATE station SET public_key = ?", ("ab" * 32,))

    assert await home.named() == {(5, "station row")}


@act("I-08")
async def test_an_entry_is_put_behind_the_log_with_an_old_time(home: Home) -> None:
    """The next start signs for it; then it stands behind every head that the court saw."""
    entries = home.entries()
    forged = json.dumps(json.loads(entries[-1]) | {"at": "2020-01-01T00:00:00.000Z"})
    with home.database() as db:
        columns = "kind, by, clip, state, raw"
        db.execute(
            f"INSERT INTO entry (seq, {columns}) SELECT seq + 1, kind, by, clip, state, ?"  # noqa: S608
            " FROM entry ORDER BY seq DESC LIMIT 1",
            (forged.encode(),),
        )

    assert (2, "entry row") in await home.named()
    assert 0 < home.seen <= len(entries)
