"""Cameras are let to forget, or not.  Archive and engine are real; cards are folders or fakes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.custody import Entry, EntryKind
from evidence.digest import BLOCK
from evidence.erase_proof import EraseProof
from evidence.errors import CardWriteFailed, IntegrityError
from evidence.vault import Bucket, StoredVersion
from evidence.vault.s3 import S3Settings, S3Vault
from ingest.source import Listed
from station.card import FolderCard
from station.service import Station
from station.view import Word
from tests.station.played_back import PlayedBackCard, card_of, playing
from tests.station.yard import Yard, once, seen, settled

FILES = {b"DCIM/1.mp4": b"first footage", b"DCIM/2.mp4": b"second footage"}


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault, erase=True)


def acts(yard: Yard, *kinds: EntryKind) -> list[Entry]:
    """The station's own entries of these *kinds*, in order."""
    rows = []
    with (
        closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db,
        suppress(sqlite3.OperationalError),  # the station may not have begun it yet
    ):
        rows = db.execute("SELECT raw FROM entry ORDER BY seq").fetchall()
    return [each for each in (Entry(raw) for (raw,) in rows) if each.kind in kinds]


def log_kinds(yard: Yard) -> Sequence[str]:
    with closing(sqlite3.connect(yard.home / "archive" / "catalogue.sqlite")) as db:
        return [kind for (kind,) in db.execute("SELECT kind FROM entry ORDER BY seq")]


def files_on(card: Path) -> list[str]:
    return sorted(name for _, _, names in os.walk(card) for name in names)


async def test_an_archived_card_is_emptied_and_all_of_it_is_on_record(yard: Yard) -> None:
    card = yard.card("cam-1", FILES)

    items = await once(yard)

    assert {item.state for item in items} == {ClipState.RELEASED}
    assert files_on(card) == []
    told = [each.kind for each in acts(yard, EntryKind.CLIP_RELEASED, EntryKind.ERASE_DONE)]
    assert told == [EntryKind.CLIP_RELEASED, EntryKind.ERASE_DONE] * 2
    kinds = log_kinds(yard)
    assert kinds.count("release.grant") == kinds.count("archive.released") == 2
    assert "release.dispute" not in kinds


async def test_without_leave_to_erase_a_card_is_only_read(yard: Yard) -> None:
    yard.erase = False
    card = yard.card("cam-1", FILES)

    await once(yard)

    assert files_on(card) == ["1.mp4", "2.mp4"]
    assert acts(yard, EntryKind.CLIP_RELEASED) == []


async def test_a_card_that_left_before_is_erased_at_its_next_dock(yard: Yard) -> None:
    yard.erase = False
    card = yard.card("cam-1", FILES)
    await once(yard)
    away = yard.home / "away"
    card.rename(away)
    await once(yard)
    yard.erase = True
    away.rename(card)

    items = await once(yard)

    assert files_on(card) == []
    assert {item.state for item in items} == {ClipState.RELEASED}


async def test_a_refused_file_stays_on_the_card(yard: Yard) -> None:
    card = yard.card("cam-1", FILES)
    (card / "DCIM" / "link.mp4").symlink_to("1.mp4")

    await once(yard)

    assert files_on(card) == ["link.mp4"]


async def test_other_bytes_under_a_known_key_are_another_clip_and_are_pulled(yard: Yard) -> None:
    """Size, time and the first 64 KiB agree: only the second read tells."""
    old = os.urandom(1 << 17)
    new = old[:-1] + bytes([old[-1] ^ 1])
    yard.erase = False
    card = yard.card("cam-1", {b"1.mp4": old})
    os.utime(card / "1.mp4", ns=(7, 7))
    await once(yard)
    (card / "1.mp4").write_bytes(new)
    os.utime(card / "1.mp4", ns=(7, 7))
    yard.erase = True

    items = await once(yard)

    assert files_on(card) == []
    held = {bytes.fromhex(version.key.rpartition("/")[2]) for version in originals(yard)}
    assert held == {item.sha256.raw for item in items if item.sha256}
    assert len(held) == 2


def originals(yard: Yard) -> list[StoredVersion]:
    return list(yard.vault.versions(Bucket.ORIGINALS))


async def test_a_damaged_copy_in_the_vault_keeps_the_camera_from_forgetting(
    yard: Yard, agency_settings: S3Settings
) -> None:
    yard.vault = Rotten(agency_settings)
    card = yard.card("cam-1", FILES)

    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        assert word(station) is Word.CALL
        assert any("the vault's copy failed (digest)" in text for text in await archive.problems())

    assert files_on(card) == ["1.mp4", "2.mp4"]
    refused = acts(yard, EntryKind.ERASE_REFUSED)
    assert {each.fields["fact"] for each in refused} == {6}
    assert "release.refuse" in log_kinds(yard)


def word(station: Station) -> Word:
    return station.snapshot().cards[0].word


class Rotten(S3Vault):
    """Gives every version whole the first time, and with a flipped bit from then on."""

    def __init__(self, settings: S3Settings) -> None:
        super().__init__(settings)
        self._given: set[str] = set()

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        for block in super().read(bucket, key, version_id):
            rotten = bucket is Bucket.ORIGINALS and version_id in self._given
            yield bytes([block[0] ^ 1]) + block[1:] if rotten else block
        self._given.add(version_id)


async def test_a_crash_between_permission_and_deed_is_made_good(yard: Yard) -> None:
    """The journal let it go, and nothing was erased: fresh facts, and then it is."""
    yard.open_card = playing(Stubborn(files=dict(FILES)))
    yard.card("cam-1", {})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    assert len(acts(yard, EntryKind.CLIP_RELEASED)) == 2
    assert [each.fields["reason"] for each in acts(yard, EntryKind.ERASE_REFUSED)] == ["card"] * 2
    assert acts(yard, EntryKind.ERASE_DONE) == []
    good = card_of(FILES)
    yard.open_card = playing(good)

    items = await once(yard)

    assert sorted(good.erased) == sorted(FILES)
    assert {item.state for item in items} == {ClipState.RELEASED}


class Stubborn(PlayedBackCard):
    """Reads well and cannot be written."""

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        raise CardWriteFailed(f"{listed.path!r}: read-only file system ({proof.clip})")


async def test_a_crash_between_deed_and_word_is_told_at_the_next_look(yard: Yard) -> None:
    card = yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive):
        await seen(lambda: len(acts(yard, EntryKind.CLIP_RELEASED)) == 2)
    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db, db:
        db.execute("UPDATE erasure SET done = 0")
    for name in files_on(card):
        (card / "DCIM" / name).unlink()

    await once(yard)

    how = {each.fields["how"] for each in acts(yard, EntryKind.ERASE_DONE)}
    assert "found-gone" in how


async def test_what_tells_whose_the_card_is_goes_last(yard: Yard) -> None:
    """The parameter file names the camera: without it the rest would be another camera's."""
    files = {b"PARAM.INI": b"[DEVICE]\nDEVICEID=7530142\n", b"DCIM/b.txt": b"b", b"zz.mp4": b"z"}
    good = card_of(files)
    yard.open_card = playing(good)
    yard.card("cam-1", {})

    items = await once(yard)

    assert good.erased[-1] == b"PARAM.INI"
    assert len({item.camera for item in items}) == 1
    assert len(items) == len(files)


async def test_a_card_that_was_pulled_out_mid_file_is_emptied_when_it_is_back(yard: Yard) -> None:
    """The clip was found at one docking, and what stands on the card now at another."""
    footage = os.urandom(3 * BLOCK)
    card = card_of({b"clip.mp4": footage})
    card.gone_at[b"clip.mp4"] = 2 * BLOCK
    yard.open_card = playing(card)
    slot = yard.card("cam-1", {})
    await once(yard)
    away = yard.home / "away"
    slot.rename(away)
    await once(yard)
    away.rename(slot)
    card.gone_at.clear()

    items = await once(yard)

    assert card.erased == [b"clip.mp4"]
    assert {item.state for item in items} == {ClipState.RELEASED}
    assert len(acts(yard, EntryKind.DOCK_SEEN)) == 1


async def test_a_receipt_that_was_carried_away_stops_no_card(yard: Yard) -> None:
    yard.erase = False
    card = yard.card("cam-1", FILES)
    await once(yard)
    for kept in yard.receipts.iterdir():
        kept.unlink()
    yard.erase = True
    yard.card("cam-1", {b"DCIM/3.mp4": b"a new recording"})

    items = await once(yard)

    assert files_on(card) == []
    assert {item.state for item in items} == {ClipState.RELEASED}


async def test_of_a_card_that_left_nothing_is_said(yard: Yard) -> None:
    """Another card may stand in its slot by now, even with the same numbers."""
    yard.open_card = playing(Stubborn(files=dict(FILES)))
    slot = yard.card("cam-1", {})
    await once(yard)
    slot.rename(yard.home / "away")
    yard.open_card = FolderCard
    await once(yard)
    (yard.home / "away").rename(slot)

    await once(yard)

    assert acts(yard, EntryKind.ERASE_DONE) == []


async def test_a_journal_that_does_not_reach_the_archive_erases_nothing(
    yard: Yard, tmp_path: Path
) -> None:
    """It was restored from a backup: the archive holds more of it than there is."""
    yard.erase = False
    card = yard.card("cam-1", FILES)
    await once(yard)
    journal, backup = yard.home / "station" / "journal.sqlite", tmp_path / "backup"
    shutil.copy(journal, backup)
    yard.card("cam-2", {b"3.mp4": b"third"})
    await once(yard)
    shutil.copy(backup, journal)
    yard.erase = True

    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(lambda: "release.grant" in log_kinds(yard))
        with pytest.raises(IntegrityError, match="archive holds"):
            await settled(station)

    assert files_on(card) == ["1.mp4", "2.mp4"]
