"""From a docked card to the archive, whatever stands on the card.  Archive and engine are real."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evidence.clip import ClipClass, ClipState
from evidence.digest import Sha256
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault
from station.view import Word
from tests.conformance.clip_source import NAMES
from tests.station.yard import Yard, once, seen, settled

GAT = b"DCAM_A1_P7_20260101_120000_IMP.mp4"


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


def originals(yard: Yard) -> int:
    return len(list(yard.vault.versions(Bucket.ORIGINALS)))


def picture(root: Path) -> list[tuple[bytes, int, int, bytes]]:
    """Everything under *root* that must not change."""
    found = []
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            held = os.stat(path, follow_symlinks=False)
            data = Path(os.fsdecode(path)).read_bytes() if os.path.isfile(path) else b""
            found.append((path, held.st_mtime_ns, held.st_mode, data))
    return sorted(found)


async def test_every_file_is_archived_with_its_own_digest_and_the_card_is_untouched(
    yard: Yard,
) -> None:
    files = {name: b"footage of " + name for name in NAMES} | {b"empty.mp4": b""}
    card = yard.card("cam-1", files)
    before = picture(card)

    items = await once(yard)

    assert {item.path: item.sha256 for item in items} == {
        name: Sha256.of(data) for name, data in files.items()
    }
    assert {item.state for item in items} == {ClipState.ARCHIVED}
    assert all((yard.receipts / str(item.receipt)).exists() for item in items)
    assert picture(card) == before
    assert list(yard.staging.iterdir()) == []


async def test_nothing_is_written_outside_the_home(yard: Yard, tmp_path: Path) -> None:
    yard.card("cam-1", {b"../cam-1/..x": b"1", b"a/b": b"2"})

    await once(yard)

    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"home", "docks"}


async def test_an_empty_file_is_archived_in_quarantine(yard: Yard) -> None:
    yard.card("cam-1", {b"empty.mp4": b""})

    (item,) = await once(yard)

    assert (item.state, item.clip_class) == (ClipState.ARCHIVED, ClipClass.QUARANTINE)
    assert (item.rendition, item.problem) == ("none", "there is nothing to play: empty file")


async def test_links_and_pipes_are_refused_by_name_and_stop_nothing(yard: Yard) -> None:
    card = yard.card("cam-1", {b"clip.txt": b"text"})
    (card / "link").symlink_to("/etc/passwd")
    (card / "loop").symlink_to(card)
    os.mkfifo(card / "pipe")

    items = await once(yard)

    refused = {i.path: i.problem for i in items if i.clip_class is ClipClass.REFUSED}
    assert set(refused) == {b"link", b"loop", b"pipe"}
    assert all("no original behind this name" in str(problem) for problem in refused.values())
    assert originals(yard) == 1


async def test_the_same_name_on_two_cards_is_two_clips(yard: Yard) -> None:
    yard.card("cam-1", {b"VID_0001.MP4": b"one"})
    yard.card("cam-2", {b"VID_0001.MP4": b"two"})

    items = await once(yard)

    assert {(item.camera, item.sha256) for item in items} == {
        ("cam-1", Sha256.of(b"one")),
        ("cam-2", Sha256.of(b"two")),
    }


async def test_a_copied_card_shares_the_stored_bytes(yard: Yard) -> None:
    card = yard.card("cam-1", {b"VID_0001.MP4": b"one", b"VID_0002.MP4": b"two"})
    shutil.copytree(card, yard.docks / "cam-1 (copy)")

    items = await once(yard)

    assert len({item.id for item in items}) == 4
    assert originals(yard) == 2


async def test_a_camera_that_names_itself_is_one_camera_in_any_slot(yard: Yard) -> None:
    card = yard.card("slot-1", {GAT: b"footage"})
    shutil.copytree(card, yard.docks / "slot-2")

    items = await once(yard)

    assert [(item.folder, item.camera, item.officer) for item in items] == [
        (b"slot-1", "A1", "P7"),
        (b"slot-2", "A1", "P7"),
    ] or [item.folder for item in items] == [b"slot-2", b"slot-1"]
    assert len({item.id for item in items}) == 1


async def test_two_cards_that_claim_one_camera_and_name_keep_both_recordings(yard: Yard) -> None:
    yard.card("slot-1", {GAT: b"one recording"})
    yard.card("slot-2", {GAT: b"another recording"})

    items = await once(yard)

    assert {item.sha256 for item in items if item.state is ClipState.ARCHIVED} == {
        Sha256.of(b"one recording"),
        Sha256.of(b"another recording"),
    }


async def test_a_second_run_changes_nothing(yard: Yard) -> None:
    yard.card("cam-1", {GAT: b"footage", b"x.txt": b"text"})
    first = await once(yard)
    entries = _entries(yard)

    second = await once(yard)

    assert (second, _entries(yard), originals(yard)) == (first, entries, 2)


async def test_a_card_docked_again_is_seen_again_and_stored_once(yard: Yard) -> None:
    card = yard.card("cam-1", {b"VID_0001.MP4": b"one"})
    first = await once(yard)
    shutil.move(card, yard.home / "pocket")
    assert await once(yard) == first
    shutil.move(yard.home / "pocket", card)

    assert await once(yard) == first

    assert [kind for kind in _entries(yard) if kind == "dock.seen"] == ["dock.seen"]
    assert originals(yard) == 1


async def test_a_recording_that_takes_an_old_name_is_kept_beside_the_old_one(yard: Yard) -> None:
    yard.card("cam-1", {b"VID_0001.MP4": b"old"})
    await once(yard)
    yard.card("cam-1", {b"VID_0001.MP4": b"new footage"})

    items = await once(yard)

    assert {item.sha256 for item in items} == {Sha256.of(b"old"), Sha256.of(b"new footage")}
    assert any("both are kept" in str(item.problem) for item in items)


async def test_a_file_still_written_to_is_copied_once_it_holds_still(yard: Yard) -> None:
    card = yard.card("cam-1", {b"a.log": b"start"})
    async with yard.archive() as archive, yard.station(archive) as station:
        for _ in range(5):
            with (card / "a.log").open("ab") as log:
                log.write(b" more")
            await seen(lambda: bool(station.snapshot().cards))
        await settled(station)

        items = await station.items()

    assert Sha256.of(b"start" + b" more" * 5) in {item.sha256 for item in items}


async def test_what_appears_on_a_docked_card_is_copied_too(yard: Yard) -> None:
    yard.card("cam-1", {b"one.txt": b"1"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        yard.card("cam-1", {b"two.txt": b"2"})
        yard.card("cam-2", {b"three.txt": b"3"})
        await settled(station)

        (first, second) = station.snapshot().cards

    assert (first.word, first.files_done, second.word) == (Word.SAFE, 2, Word.SAFE)
    assert len(yard.journal()) == 3


async def test_an_original_above_the_single_put_limit_goes_in_parts(yard: Yard) -> None:
    yard.single_put_max = 1024
    footage = os.urandom(11 * 1024**2)
    yard.card("cam-1", {b"large.mp4": footage})

    (item,) = await once(yard)

    assert (item.state, item.sha256) == (ClipState.ARCHIVED, Sha256.of(footage))


def _entries(yard: Yard) -> list[str]:
    """The kinds of all entries of the station's journal, in order."""
    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db:
        return [kind for (kind,) in db.execute("SELECT kind FROM entry ORDER BY seq")]


async def test_a_file_from_the_far_future_is_a_file_like_any_other(yard: Yard) -> None:
    card = yard.card("cam-1", {b"one.txt": b"1", b"two.txt": b"2"})
    os.utime(card / "one.txt", ns=(0, 2**63 + 1_000_000_000))

    items = await once(yard)

    assert {item.path: item.state for item in items} == {
        b"one.txt": ClipState.ARCHIVED,
        b"two.txt": ClipState.ARCHIVED,
    }


async def test_what_is_outside_the_scope_of_its_profile_is_listed_and_never_read(
    yard: Yard,
) -> None:
    yard.erase = True
    folder = yard.card(
        "phone", {b"DCIM/Camera/VID_20260101_120000.mp4": b"1", b"Download/private.pdf": b"2"}
    )

    items = {item.path: item for item in await once(yard)}

    private = items[b"Download/private.pdf"]
    assert (private.clip_class, private.sha256) == (ClipClass.REFUSED, None)
    assert private.problem is not None
    assert "outside the scope" in private.problem
    assert originals(yard) == 1
    assert (folder / "Download" / "private.pdf").exists()
    assert _entries(yard).count("clip.refused") == 1
