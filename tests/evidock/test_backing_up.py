"""A backup of a home whose files come and go, and of which several are made at once."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from evidence import durable
from evidence.clock import SystemClock
from evidence.errors import EvidenceError, TemporaryError
from evidence.vault.memory import MemoryVault
from evidock import control
from evidock.backing_up import CATALOGUE, HEAD, Snapshotting, back_up
from evidock.backup_file import BackupFile
from evidock.home import Home
from tests.evidock.homes import started
from tests.station.yard import Yard


@pytest.fixture
async def home(tmp_path: Path) -> Home:
    """A home at rest, whose witnesses said something."""
    made = Home(tmp_path / "home")
    made.prepare()
    await started(made)
    durable.make_folder(made.archive / "witnessed")
    durable.create(made.archive / "witnessed" / "7", b"7")
    return made


@contextmanager
def witnesses_speaking(home: Home) -> Iterator[None]:
    """Their words are replaced and dropped, as fast as the disk does it."""
    folder, done = home.archive / "witnessed", threading.Event()

    def speak() -> None:
        size = 7
        while not done.is_set():
            durable.replace(folder / str(size), b"again" * size)
            durable.create(folder / str(size + 1), b"new")
            durable.discard(folder / str(size))
            size += 1

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


async def test_what_changes_meanwhile_is_in_no_backup_half(home: Home, tmp_path: Path) -> None:
    made = 0
    with witnesses_speaking(home):
        for number in range(2):
            file = tmp_path / f"{number}.backup"
            try:
                contents = back_up(home, file, SystemClock(), keys=True)
            except TemporaryError:  # they came and went too fast: there is no backup then
                continue
            made += 1
            assert BackupFile(file).verified() == contents
            said = [name for name in contents.parts if name.startswith("archive/witnessed/")]
            assert said
    back_up(home, tmp_path / "last.backup", SystemClock(), keys=True)
    made += 1
    assert len(list(tmp_path.glob("*.backup*"))) == made


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Home]:
    """A home that is held by an archive and a station at work."""
    home, yard = Home(folder), Yard(home=folder, vault=MemoryVault(SystemClock()))
    home.mark()
    with home.locked():
        async with yard.archive() as archive, yard.station(archive) as station:
            made = Snapshotting(home=home, archive=archive, station=station)
            async with (
                aclosing(made) as snapshots,
                control.serving(home.socket, {"snapshot": snapshots.answer}),
            ):
                yield home


async def test_several_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.backup" for number in range(4)]
    async with running(tmp_path / "home") as home:
        made = await asyncio.gather(
            *(asyncio.to_thread(back_up, home, each, SystemClock(), keys=True) for each in files)
        )

    for file, contents in zip(files, made, strict=True):
        assert BackupFile(file).verified() == contents
        assert {CATALOGUE, HEAD, "archive/log.key"} <= contents.parts.keys()
    assert list((tmp_path / "home").glob("backup.parts*")) == []


async def test_a_snapshot_lies_where_its_name_says_and_nowhere_else(tmp_path: Path) -> None:
    async with running(tmp_path / "home") as home:
        for name in ("", "../out", "0" * 31, "A" * 32):
            with pytest.raises(EvidenceError, match="misstates"):
                await asyncio.to_thread(control.ask, home.socket, "snapshot", name=name)
        with pytest.raises(EvidenceError, match="lacks"):
            await asyncio.to_thread(control.ask, home.socket, "snapshot")


async def test_what_a_kill_left_behind_is_removed(home: Home, tmp_path: Path) -> None:
    left, busy = home.folder / "backup.parts", home.folder / f"backup.parts-{'0' * 32}"
    for folder in (left, busy):
        durable.make_folder(folder)
        durable.create(folder / "log.key", b"secret")
    handle = os.open(busy, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        back_up(home, tmp_path / "home.backup", SystemClock(), keys=False)
    finally:
        os.close(handle)

    assert list(home.folder.glob("backup.parts*")) == [busy]
    assert (busy / "log.key").exists()
