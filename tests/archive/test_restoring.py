"""A backup taken at one size, put back when the log was longer: no fork, nothing open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive import books
from archive.log import key
from archive.log.elsewhere import VaultCopy
from archive.log.key import load_or_make_signer
from archive.rebuild.catching_up import Others
from archive.rebuild.source import VaultSource
from archive.restored import RestoredMark
from archive.restoring import put_back
from evidence.errors import LogBroken
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, open_checkpoint, signed_by
from evidence.rights import Role
from evidence.tiles import CHECKPOINT, TileTree
from evidence.vault.memory import MemoryVault
from tests.archive.house import Footage, House, Open


async def work(door: Open, name: str) -> str:
    """A clip comes in and somebody signs in; the token."""
    station, footage = await door.station(), Footage(data=name.encode(), path=name.encode())
    await station.pull(footage)
    await station.archive(footage)
    return (await door.person(Role.REVIEWER, name=name)).token


async def backed_up(house: House, into: Path) -> tuple[bytes, str]:
    """A copy of the books of the running *house*, which then goes on; head, and an open sign-in."""
    into.mkdir()
    async with house.opened() as door:
        token = await work(door, "first")
        note = await door.archive.copy_books(into / "catalogue.sqlite")
        await work(door, "second")
    (into / "log.key").write_bytes((house.parts.folder / "log.key").read_bytes())
    (into / "log.key").chmod(0o600)
    return note, token


def newest(folder: Path) -> Checkpoint:
    key = load_or_make_signer(folder / "log.key", "evidock.example/lab").key
    return open_checkpoint((folder / "log" / CHECKPOINT).read_bytes(), [key])


async def test_it_catches_up_and_goes_on_as_one_log(house: House, tmp_path: Path) -> None:
    note, token = await backed_up(house, tmp_path / "copy")
    gone = newest(house.parts.folder)

    head = await put_back(house.parts.settings, tmp_path / "copy", note, house.clock)
    assert head.size < gone.size
    async with house.with_(folder=tmp_path / "copy").opened() as door:
        await work(door, "third")
        clips = await door.archive.clips()
        answer = await asked_with(door, token)

    now = newest(tmp_path / "copy")
    tree = TileTree(now.size, lambda path: read(tmp_path / "copy" / "log" / path))
    assert CompactRange.read(tree, gone.size).root == gone.root
    assert len(clips) == 3
    assert answer == 401


async def asked_with(door: Open, token: str) -> int:
    """What a sign-in that was open in the backup is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return (await door.send("GET", "/v1/clips", b"", headers)).status


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


async def test_a_catalogue_that_lacks_what_was_signed_for_is_refused(
    house: House, tmp_path: Path
) -> None:
    await backed_up(house, tmp_path / "copy")
    later = (house.parts.folder / "log" / CHECKPOINT).read_bytes()

    with pytest.raises(LogBroken, match="were signed for"):
        await put_back(house.parts.settings, tmp_path / "copy", later, house.clock)


async def test_an_altered_entry_is_found_before_anything_is_published(
    house: House, tmp_path: Path
) -> None:
    note, _ = await backed_up(house, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / "catalogue.sqlite")) as db, db:
        db.execute("DROP TRIGGER entry_is_unchanging")
        db.execute("UPDATE entry SET raw = x'7b7d' WHERE seq = 1")

    with pytest.raises(LogBroken, match="root"):
        await put_back(house.parts.settings, tmp_path / "copy", note, house.clock)

    assert not (tmp_path / "copy" / "log" / CHECKPOINT).exists()


async def test_no_key_signs_before_everybody_was_heard(house: House) -> None:
    """Not even the head again, which a key that follows another has not signed yet."""
    settings, folder = house.parts.settings, house.parts.folder
    async with house.opened() as door:
        await work(door, "first")
    key.change(folder, settings.agency.origin)
    key.switch(folder, settings.agency.origin)
    both = [each.key for each in key.signers(folder, settings.agency.origin)]
    RestoredMark(folder).set(house.clock.now(), 1)
    empty = MemoryVault(house.clock)
    nobody = Others(places=(VaultCopy(empty),), source=VaultSource(empty, "lab"), agency="lab")

    with pytest.raises(LogBroken, match="nobody can say"):
        async with books.opened(settings, folder, house.clock, others=nobody):
            pass

    assert len(signed_by((folder / "log" / CHECKPOINT).read_bytes(), both)) == 1
    async with house.opened():  # its vault is heard
        pass
    assert len(signed_by((folder / "log" / CHECKPOINT).read_bytes(), both)) == 2
