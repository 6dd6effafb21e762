"""Two archives over one PostgreSQL: one signs, and the other goes on where it ended."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from archive.catalogue import office
from archive.catalogue.catalogue import Catalogue
from archive.log.key import load_or_make_signer
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.errors import LogBroken, OfficeLost, TemporaryError
from evidence.guards.session import OWNER_LOCK
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, open_checkpoint
from evidence.rights import Role
from evidence.tiles import CHECKPOINT, TileTree
from evidence.vault.memory import MemoryVault
from tests.archive.house import Footage, House
from tests.archive.places import DATABASE, here
from tests.postgres import APP, Server

ROOT = Path(__file__).parents[2]


async def test_an_office_that_ended_signs_nothing(place: None, tmp_path: Path) -> None:  # noqa: ARG001
    catalogue = await Catalogue.opened(here(tmp_path / "c.sqlite"), SystemClock())
    try:
        first = await catalogue.run(office.take)
        await catalogue.run(office.claim, first, 0)
        second = await catalogue.run(office.take)

        with pytest.raises(OfficeLost, match=f"epoch {first} has ended"):
            await catalogue.run(office.claim, first, 0)
        await catalogue.run(office.claim, second, 0)
    finally:
        await catalogue.close()


async def test_an_archive_out_of_office_stops_for_good(house: House) -> None:
    async with house.opened() as door:
        books = door.archive._books
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
        await books.catalogue.run(office.take)
        signed = books.log.checkpoint()
        waiting = asyncio.create_task(door.archive.wait_ended())

        async with asyncio.timeout(20):
            with pytest.raises(OfficeLost, match="the office of epoch 1 has ended"):
                await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
            with pytest.raises(OfficeLost, match="that of epoch 2"):
                await waiting
        assert not isinstance(OfficeLost(""), TemporaryError)
        assert books.sequencer.work.stopped
        assert any("epoch 1" in each for each in await door.archive.problems())
        assert books.log.checkpoint() == signed

    async with house.opened() as door:  # what was committed meanwhile is signed for by the next
        assert door.archive._books.log.size == 3


async def test_with_nothing_to_sign_it_is_noticed_too(house: House) -> None:
    async with house.opened() as door:
        books = door.archive._books
        await books.catalogue.run(office.take)

        with pytest.raises(OfficeLost):
            await books.sequencer.tenure.look()

        async with asyncio.timeout(20):
            with pytest.raises(OfficeLost):
                await door.archive.wait_ended()
            with pytest.raises(OfficeLost):
                await books.sequencer.sequenced(books.log.size)


async def test_whoever_lost_entries_that_were_signed_for_takes_no_office(house: House) -> None:
    """A standby with an empty folder, over a database from which the last entry was removed."""
    async with house.opened() as door:
        for _ in range(2):
            await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    shutil.rmtree(house.parts.folder / "log")
    with closing(sqlite3.connect(house.parts.folder / "catalogue.sqlite")) as db, db:
        db.execute("DROP TRIGGER entry_is_kept")
        db.execute("DELETE FROM entry WHERE seq = 2")

    with pytest.raises(LogBroken, match=r"3 entries .* signed for, by the office of epoch 1"):
        async with house.with_(vault=MemoryVault(house.clock)).opened():
            pass
    with closing(sqlite3.connect(house.parts.folder / "catalogue.sqlite")) as db:
        assert db.execute("SELECT epoch FROM office").fetchall() == [(1,)]


async def test_a_claim_without_its_signature_keeps_nobody_out(house: House) -> None:
    """As after a kill between the two: the database says 1, the log has none yet."""
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    shutil.rmtree(house.parts.folder / "log")

    async with house.with_(vault=MemoryVault(house.clock)).opened() as door:
        assert door.archive._books.log.size == 2


async def test_a_standby_far_behind_takes_office_as_the_role_that_owns_nothing(
    postgres: Server, tmp_path: Path
) -> None:
    """It hears all of the vault's copy again, and most rows are there, which it may not change."""
    with postgres.database() as name:
        chosen = DATABASE.set(postgres.url(name, APP).render_as_string())
        house = House.at(tmp_path)
        async with house.opened() as door:
            station, footage = await door.station(), Footage(data=b"seen")
            await station.pull(footage)
            await station.archive(footage)
            await door.person(Role.REVIEWER)
            signed = door.archive._books.log.size
        shutil.rmtree(house.parts.folder / "log")

        async with house.opened() as door:
            assert door.archive._books.log.size >= signed
            assert len(await door.archive.clips()) == 1
        DATABASE.reset(chosen)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two archives' folders with one key, which both may take office with."""
    made = tmp_path / "a", tmp_path / "b"
    for folder in made:
        folder.mkdir()
    load_or_make_signer(made[0] / "log.key", "evidock.example/lab")
    (made[1] / "log.key").touch(mode=0o600)
    (made[1] / "log.key").write_bytes((made[0] / "log.key").read_bytes())
    return made


@contextmanager
def archive(server: Server, database: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """An archive in a process of its own."""
    address = server.url(database, APP).render_as_string()
    command = [sys.executable, "-m", "tests.archive.officer", address, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], lines: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(lines)]


def head(folder: Path) -> Checkpoint:
    key = load_or_make_signer(folder / "log.key", "evidock.example/lab").key
    return open_checkpoint((folder / "log" / CHECKPOINT).read_bytes(), [key])


def begins_with(folder: Path, other: Checkpoint) -> bool:
    """Whether the log in *folder* began as *other*."""
    tree = TileTree(head(folder).size, lambda path: _read(folder / "log" / path))
    return CompactRange.read(tree, other.size).root == other.root


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.mark.slow
def test_killed_in_office_the_other_goes_on_and_no_act_is_lost(
    postgres: Server, folders: tuple[Path, Path]
) -> None:
    with (
        postgres.database() as name,
        archive(postgres, name, folders[0]) as leader,
    ):
        assert said(leader, 2) == ["waiting", "in office"]
        with archive(postgres, name, folders[1]) as standby:
            acknowledged = [int(line) for line in said(leader, 30)]
            leader.kill()
            leader.wait()
            then = said(standby, 32)

    later = [int(line) for line in then[2:]]
    assert then[:2] == ["waiting", "in office"]
    assert min(later) > max(acknowledged)
    assert later == list(range(later[0], later[0] + 30))
    assert head(folders[1]).size > head(folders[0]).size
    assert begins_with(folders[1], head(folders[0]))


@pytest.mark.slow
def test_one_that_was_held_still_and_wakes_up_out_of_office_signs_nothing(
    postgres: Server, folders: tuple[Path, Path]
) -> None:
    with (
        postgres.database() as name,
        archive(postgres, name, folders[0]) as leader,
    ):
        assert said(leader, 12)[1] == "in office"
        with archive(postgres, name, folders[1]) as standby:
            leader.send_signal(signal.SIGSTOP)
            end_session_in_office(postgres)
            assert said(standby, 12)[:2] == ["waiting", "in office"]
            before = head(folders[0])
            leader.send_signal(signal.SIGCONT)
            while (last := said(leader, 1)) not in (["out of office"], [""]):
                pass
            code = leader.wait(60)
            said(standby, 10)  # which has the database all the while

    assert (last, code) == (["out of office"], OfficeLost.exit_code)

    assert head(folders[0]).size <= before.size + 1
    assert begins_with(folders[1], head(folders[0]))


def end_session_in_office(server: Server) -> None:
    """Cut the session that has the database, as a network or an administrator would."""
    with server.connect() as session:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND objid = %s",
            (OWNER_LOCK & 0xFFFF_FFFF,),
        )
