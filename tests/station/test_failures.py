"""What goes wrong at a station, and that nothing is lost by it.  Archive and engine are real."""

from __future__ import annotations

import os
import random
from pathlib import Path
from threading import Event

import pytest

from evidence.clip import ClipClass, ClipState
from evidence.digest import BLOCK, Sha256
from evidence.errors import CardReadFailed, IntegrityError
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault
from station.card import Card, FolderCard
from station.service import Station
from station.view import CardView, Word
from tests.station.played_back import card_of, playing
from tests.station.yard import Yard, once, seen, settled

FOOTAGE = random.Random(3).randbytes(3 * BLOCK + 77)


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


def only(station: Station) -> CardView:
    (card,) = station.snapshot().cards
    return card


async def test_a_card_pulled_mid_file_goes_on_where_it_stopped(yard: Yard) -> None:
    card = card_of({b"clip.mp4": FOOTAGE, b"done.txt": b"text"})
    card.gone_at[b"clip.mp4"] = 2 * BLOCK
    yard.open_card = playing(card)
    slot = yard.card("cam-1", {})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        slot.rmdir()
        await seen(lambda: only(station).word is Word.EMPTY)
        partial = {item.path: item.clip_class for item in await station.items()}
        note = only(station).note
        card.gone_at.clear()
        slot.mkdir()
        await seen(lambda: only(station).word is not Word.EMPTY)
        await settled(station)

    items = {item.path: item for item in yard.journal()}
    assert partial[b"clip.mp4"] is ClipClass.PARTIAL
    assert note == "taken at file 1 of 2; goes on when it is back"
    assert items[b"clip.mp4"].sha256 == Sha256.of(FOOTAGE)
    assert items[b"clip.mp4"].state is ClipState.ARCHIVED


async def test_a_file_that_cannot_be_read_is_listed_and_stops_no_other(yard: Yard) -> None:
    card = card_of({b"bad.mp4": FOOTAGE, b"locked.mp4": b"x", b"good.txt": b"text"})
    card.broken_at[b"bad.mp4"] = 2 * BLOCK
    card.unreadable.add(b"locked.mp4")
    yard.open_card = playing(card)
    yard.card("cam-1", {})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        view = only(station)

    items = {item.path: item for item in yard.journal()}
    assert items[b"good.txt"].state is ClipState.ARCHIVED
    assert items[b"bad.mp4"].clip_class is ClipClass.PARTIAL
    assert "input/output error" in str(items[b"bad.mp4"].problem)
    assert items[b"locked.mp4"].clip_class is ClipClass.PARTIAL
    assert "permission denied" in str(items[b"locked.mp4"].problem)
    assert (view.word, view.files_done, view.files_total) == (Word.CALL, 1, 3)


async def test_an_archive_that_is_away_costs_nothing_but_time(yard: Yard) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    yard.card("cam-1", {b"one.txt": b"1", b"two.txt": b"2"})

    async with yard.station() as station:
        await seen(lambda: bool(station.snapshot().cards) and only(station).word is Word.SAFE)
        await seen(lambda: bool(station.snapshot().problems))
        states = {item.state for item in await station.items()}
        async with yard.archive():
            await settled(station)

    assert states == {ClipState.VERIFIED}
    assert {item.state for item in yard.journal()} == {ClipState.ARCHIVED}


async def test_a_full_disk_stops_intake_and_says_so(yard: Yard) -> None:
    yard.card("cam-1", {b"one.txt": b"1"})
    async with yard.archive() as archive:
        async with yard.station(archive, reserve=1 << 60) as station:
            await seen(lambda: bool(station.snapshot().cards) and bool(only(station).note))
            view = only(station)
        async with yard.station() as station:
            await settled(station)

            assert only(station).word is Word.SAFE

    assert view.word is Word.CALL
    assert "bytes free" in str(view.note)


async def test_a_staged_copy_that_rots_stops_its_clip_and_no_other(yard: Yard) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    yard.card("cam-1", {b"one.mp4": FOOTAGE, b"two.txt": b"2"})
    async with yard.station() as station:
        await seen(lambda: bool(station.snapshot().cards) and only(station).word is Word.SAFE)
    (clip,) = [item.id for item in yard.journal() if item.path == b"one.mp4"]
    staged = yard.staging / clip
    staged.chmod(0o600)
    staged.write_bytes(b"X" + FOOTAGE[1:])

    items = {item.path: item for item in await once(yard)}

    assert items[b"two.txt"].state is ClipState.ARCHIVED
    assert items[b"one.mp4"].state is ClipState.VERIFIED
    assert "the store refused" in str(items[b"one.mp4"].problem)
    assert staged.exists()
    assert len(list(yard.vault.versions(Bucket.ORIGINALS))) == 1


async def test_a_copy_that_rotted_is_mended_when_the_camera_gives_the_bytes_again(
    yard: Yard,
) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    card = yard.card("cam-1", {b"one.mp4": FOOTAGE})
    async with yard.station() as station:
        await seen(lambda: bool(station.snapshot().cards) and only(station).word is Word.SAFE)
    (staged,) = yard.staging.iterdir()
    staged.chmod(0o600)
    staged.write_bytes(b"X" + FOOTAGE[1:])
    os.utime(card / "one.mp4", (1, 1))

    async with yard.station():
        await seen(lambda: staged.read_bytes() == FOOTAGE)
    (item,) = {item.id: item for item in await once(yard)}.values()

    assert (item.state, item.sha256) == (ClipState.ARCHIVED, Sha256.of(FOOTAGE))


async def test_one_broken_card_stops_no_other(yard: Yard) -> None:
    def open_card(folder: Path) -> Card:
        card = card_of({b"clip.mp4": FOOTAGE})
        if folder.name == "bad":
            card.short_at[b"clip.mp4"] = 5
        return playing(card)(folder)

    yard.open_card = open_card
    yard.card("bad", {})
    yard.card("good", {})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        words = {card.slot: card.word for card in station.snapshot().cards}

    assert words == {"bad": Word.CALL, "good": Word.SAFE}


async def test_a_file_that_grows_while_it_is_copied_is_copied_again_whole(yard: Yard) -> None:
    card = card_of({b"clip.mp4": FOOTAGE})
    card.growing[b"clip.mp4"] = b"more"
    yard.open_card = playing(card)
    yard.card("cam-1", {})

    (item,) = await once(yard)

    assert (item.sha256, item.state) == (Sha256.of(FOOTAGE + b"more"), ClipState.ARCHIVED)


async def test_a_card_taken_while_its_copy_lands_is_not_needed_again(yard: Yard) -> None:
    landing, taken = Event(), Event()

    def wait() -> None:
        landing.set()
        taken.wait(20)

    card = card_of({b"clip.mp4": FOOTAGE})
    card.at_the_end = wait
    yard.open_card = playing(card)
    slot = yard.card("cam-1", {})

    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(landing.is_set)
        slot.rmdir()
        await seen(lambda: only(station).word is Word.EMPTY)
        taken.set()
        await settled(station)
        (item,) = await station.items()

    assert (item.state, item.sha256) == (ClipState.ARCHIVED, Sha256.of(FOOTAGE))


async def test_a_file_too_large_for_the_disk_keeps_no_smaller_one_waiting(yard: Yard) -> None:
    card = yard.card("cam-1", {b"a.mp4": b"", b"b.txt": b"1", b"c.txt": b"2"})
    os.truncate(card / "a.mp4", 1 << 43)

    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(lambda: station.snapshot().totals.archived == 2)
        await seen(lambda: bool(only(station).note))

        assert "bytes free" in str(only(station).note)


async def test_a_card_that_cannot_be_opened_is_told_of_and_stops_no_other(yard: Yard) -> None:
    def open_card(folder: Path) -> Card:
        if folder.name == "bad":
            raise CardReadFailed("bad cannot be read: too many open files")
        return FolderCard(folder)

    yard.open_card = open_card
    yard.card("bad", {})
    yard.card("good", {b"one.txt": b"1"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(lambda: station.snapshot().totals.archived == 1)

        assert any("too many open files" in each for each in station.snapshot().problems)


async def test_what_is_no_card_in_the_dock_root_is_told_of(yard: Yard) -> None:
    yard.docks.joinpath("loose.mp4").write_bytes(FOOTAGE)
    yard.docks.joinpath("linked").symlink_to(yard.home)

    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)

        assert any("linked, loose.mp4" in each for each in station.snapshot().problems)


async def test_a_damaged_journal_ends_the_station_and_is_named(yard: Yard) -> None:
    await once(yard)
    journal = yard.home / "station" / "journal.sqlite"
    journal.write_bytes(b"not a database at all\n" * 400)

    async with yard.archive(), yard.station() as station:
        with pytest.raises(IntegrityError, match="the journal is damaged"):
            await station.wait_ended()
