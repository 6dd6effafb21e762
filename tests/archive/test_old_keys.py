"""Backups from before and amid a change of the log's key: the old key is not brought back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from archive.log.key import BEFORE, KEY, NEXT, change, retire, switch
from archive.restored import RestoredMark
from evidence.custody import EntryKind
from evidence.errors import LogBroken
from evidence.note import VerifierKey, open_checkpoint, signed_by
from evidence.settings import WitnessesSettings
from tests.archive.house import House
from tests.archive.test_catching_up import head, work


@pytest.fixture(autouse=True)
def place() -> None:
    """In SQLite only: a database server's backups are its own."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.at(tmp_path)


async def rotated(house: House, *, grown: bool = True) -> tuple[VerifierKey, bytes]:
    """Another key signs in *house* from now on; it, and its file."""
    folder, origin = house.parts.folder, house.parts.settings.agency.origin
    named = change(folder, origin)
    async with house.opened() as door:
        said = {"old": str(named.old.key), "new": str(named.new.key)}
        await door.archive.record(EntryKind.LOG_KEY, "owner", **said)
    async with house.opened():  # cut off before the keys changed places, it goes on
        pass
    shutil.copytree(folder, folder.with_name("amid"))
    switch(folder, origin)
    if grown:
        await work(house, b"under another key")
    else:
        async with house.opened():  # signs its head with both
            pass
    return named.new.key, (folder / KEY).read_bytes()


async def test_a_backup_from_before_another_key_does_not_bring_the_old_one_back(
    house: House, tmp_path: Path
) -> None:
    folder = house.parts.folder
    await work(house, b"first")
    shutil.copytree(folder, tmp_path / "away")
    new, its_file = await rotated(house)
    put_back(house, tmp_path / "away")

    with pytest.raises(LogBroken, match="this is an old key"):
        async with house.opened():
            pass

    assert RestoredMark(folder).stands
    signed = open_checkpoint(head(house), [new])
    (folder / KEY).write_bytes(its_file)
    await work(house, b"third")
    assert open_checkpoint(head(house), [new]).size > signed.size


def put_back(house: House, backup: Path, *, marked: bool = True) -> None:
    """Let the archive be as it was when *backup* was made."""
    shutil.rmtree(house.parts.folder)
    backup.rename(house.parts.folder)
    if marked:
        RestoredMark(house.parts.folder).set(house.clock.now(), 1)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("grown", [True, False])
async def test_a_backup_amid_the_change_does_not_either_once_the_new_key_has_signed(
    house: House, *, grown: bool, marked: bool
) -> None:
    folder = house.parts.folder
    await work(house, b"first")
    new, its_file = await rotated(house, grown=grown)
    put_back(house, folder.with_name("amid"), marked=marked)

    with pytest.raises(LogBroken, match="has signed this log already") as told:
        async with house.opened():
            pass

    assert f"copy {KEY} to {BEFORE}, then {NEXT} to {KEY}" in told.value.advice
    shutil.copy(folder / KEY, folder / BEFORE)
    shutil.copy(folder / NEXT, folder / KEY)
    await work(house, b"third")
    assert (folder / KEY).read_bytes() == its_file
    assert open_checkpoint(head(house), [new]).size > 0
    switch(folder, house.parts.settings.agency.origin)
    assert not (folder / NEXT).exists()


async def test_a_backup_from_before_a_key_that_signs_alone_is_told_what_it_lacks(
    house: House, tmp_path: Path
) -> None:
    folder = house.parts.folder
    await work(house, b"first")
    shutil.copytree(folder, tmp_path / "away")
    new, its_file = await rotated(house)
    retire(folder)
    await work(house, b"signed by it alone")
    put_back(house, tmp_path / "away")
    before = head(house)

    with pytest.raises(LogBroken, match="is not signed by a key that signs here") as told:
        async with house.opened():
            pass

    assert head(house) == before
    assert f"as {KEY}, the one here as {BEFORE}" in told.value.advice
    shutil.copy(folder / KEY, folder / BEFORE)
    (folder / KEY).write_bytes(its_file)
    async with house.opened() as door:
        assert len(await door.archive.clips()) == 3
    assert signed_by(head(house), [new])


async def test_a_policy_that_names_the_newer_key_does_not_hide_that_the_older_is_back(
    house: House, tmp_path: Path
) -> None:
    """Restored with the old key: nobody is told to trust that one again."""
    folder = house.parts.folder
    await work(house, b"first")
    shutil.copytree(folder, tmp_path / "away")
    new, _ = await rotated(house)
    put_back(house, tmp_path / "away")
    (policy := tmp_path / "policy").write_text(f"log {new}\nquorum none\n")
    told = WitnessesSettings(policy=str(policy))
    there = house.with_(settings=replace(house.parts.settings, witnesses=told))

    with pytest.raises(LogBroken, match="this is an old key") as refused:
        async with there.opened():
            pass

    assert "Add the line" not in refused.value.advice
