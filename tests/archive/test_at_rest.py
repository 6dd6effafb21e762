"""Books that are opened alone: they record, and sign nothing, since they may be an old copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.catalogue import entries
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence.custody import EntryKind
from evidence.errors import LogBroken, TemporaryError
from evidence.note import open_checkpoint
from tests.archive.house import House
from tests.archive.test_catching_up import head, key_of, put_back, work


@pytest.fixture(autouse=True)
def place() -> None:
    """In SQLite only: a database server's backups are its own."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.at(tmp_path)


async def recorded(house: House, others: Others | None = None) -> int:
    """An act at rest; its place in the log."""
    settings, folder = house.parts.settings, house.parts.folder
    async with Archive.at_rest(settings, folder, house.clock, others) as books:
        return await books.record(EntryKind.CREDENTIALS_READ, "owner")


async def test_the_next_start_signs_for_what_was_recorded_at_rest(house: House) -> None:
    await work(house, b"first")
    before = head(house)

    entry = await recorded(house)

    assert head(house) == before
    async with house.opened():
        pass
    assert open_checkpoint(head(house), [key_of(house)]).size > entry


async def test_an_old_copy_is_not_forked_at_rest(house: House, tmp_path: Path) -> None:
    """An unmarked snapshot, of which the vault knows more: nothing is signed in its place."""
    newest = await put_back(house, tmp_path / "away")
    before = head(house)

    entry = await recorded(house)

    assert entry < newest.size
    with pytest.raises(LogBroken, match="is not the one that was signed for") as told:
        async with house.opened():
            pass
    assert "evidock rebuild --from HOME" in told.value.advice
    assert head(house) == before


async def test_asked_first_an_old_copy_catches_up_and_signs(house: House, tmp_path: Path) -> None:
    newest = await put_back(house, tmp_path / "away")

    entry = await recorded(house, Others.around(house.vault, house.parts.settings.agency.name))

    assert entry >= newest.size
    assert open_checkpoint(head(house), [key_of(house)]).size == entry + 1
    async with house.opened() as door:
        assert len(await door.archive.clips()) == 2


async def test_who_waits_for_a_signature_at_rest_is_told(house: House) -> None:
    await work(house, b"first")
    settings, folder = house.parts.settings, house.parts.folder
    async with Archive.at_rest(settings, folder, house.clock) as books:
        entry = await books.record(EntryKind.CREDENTIALS_READ, "owner")
        assert await books.catalogue.run(entries.count) == entry + 1
        with pytest.raises(TemporaryError, match=r"the next start .* signs for it"):
            await books.sequencer.sequenced(entry)
