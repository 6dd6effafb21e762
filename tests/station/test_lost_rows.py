"""A row that root removed from the station's journal is named, and nothing else is held up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass, ClipState
from evidence.clock import SetClock
from evidence.digest import Sha256
from evidence.errors import IntegrityError
from evidence.vault.s3 import S3Vault
from ingest.archive_client import StationKey
from ingest.pull import Pulled
from ingest.source import FileKey
from station.claims import Claims, Told
from station.journal.journal import FILE, Journal
from station.journal.records import ClipRecord, Finding
from tests.station.yard import Yard, once

KEY = StationKey(station="s-1", private=Ed25519PrivateKey.generate())
PULLED = Pulled(sha256=Sha256.of(b"footage"), size=7)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    journal = Journal.open(tmp_path / FILE, KEY, clock)
    yield journal
    journal.close()


def finding(journal: Journal, path: bytes) -> Finding:
    return Finding(
        docking=journal.dock(b"slot", "1-2").id,
        folder=b"slot",
        key=FileKey(camera="c", serial="", path=path, size=7, mtime_ns=1, head=PULLED.sha256),
        claims=Claims(camera="c", camera_told=Told.FOLDER),
        clip_class=ClipClass.VIDEO,
        profile="generic-dcim",
        acquisition=Acquisition.DOCKED,
    )


def pulled(journal: Journal, path: bytes) -> ClipRecord:
    clip = journal.found(what := finding(journal, path)).id
    journal.pulled(clip, what.key, PULLED, ClipClass.VIDEO)
    return journal.clip(clip)


def remove(file: Path, clip: str) -> None:
    """As root: guards and all."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("DROP TRIGGER clip_is_kept")
        db.execute("DELETE FROM clip WHERE id = ?", (clip,))


def test_its_item_says_what_its_entries_say(journal: Journal, tmp_path: Path) -> None:
    lost = pulled(journal, b"lost.mp4")
    kept = journal.found(finding(journal, b"kept.mp4"))
    remove(tmp_path / FILE, lost.id)

    item, other = journal.items()

    assert (item.id, item.path, item.size, item.camera) == (lost.id, b"lost.mp4", 7, "c")
    assert (item.state, item.clip_class) == (ClipState.PULLED, ClipClass.VIDEO)
    assert item.sha256 == PULLED.sha256
    assert f"the row of clip {lost.id} is gone from the station's journal; it has 2" in str(
        item.problem
    )
    assert (other.id, other.problem) == (kept.id, None)


def test_whoever_works_on_it_is_told_by_name(journal: Journal, tmp_path: Path) -> None:
    lost = pulled(journal, b"lost.mp4")
    remove(tmp_path / FILE, lost.id)

    with pytest.raises(IntegrityError, match=f"the row of clip {lost.id} is gone"):
        journal.verified(lost.id)


def test_docked_again_its_file_is_found_anew(journal: Journal, tmp_path: Path) -> None:
    lost = pulled(journal, b"lost.mp4")
    remove(tmp_path / FILE, lost.id)

    again = pulled(journal, b"lost.mp4")

    assert again.id != lost.id
    assert {item.id: item.state for item in journal.items()} == {
        lost.id: ClipState.PULLED,
        again.id: ClipState.PULLED,
    }


async def test_the_other_clips_go_on_and_the_lost_one_comes_in_again(
    tmp_path: Path, agency_vault: S3Vault
) -> None:
    yard = Yard(home=tmp_path / "home", vault=agency_vault)
    yard.card("cam-7", {b"a.mp4": b"first", b"b.mp4": b"second"})
    first = {item.path: item for item in await once(yard)}
    with closing(sqlite3.connect(yard.home / "station" / FILE)) as db:
        (lost,) = db.execute("SELECT id FROM clip WHERE path = ?", (b"a.mp4",)).fetchone()
    remove(yard.home / "station" / FILE, lost)
    yard.card("cam-7", {b"c.mp4": b"third"})

    items = await once(yard)

    (named,) = [item for item in items if "is gone from" in (item.problem or "")]
    assert (named.id, named.sha256) == (first[b"a.mp4"].id, first[b"a.mp4"].sha256)
    assert {item.path for item in items if item.receipt} == {b"a.mp4", b"b.mp4", b"c.mp4"}
