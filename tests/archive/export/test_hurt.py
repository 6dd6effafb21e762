"""What goes wrong in the middle of an export leaves nothing that looks whole."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow
from archive.export.bag import PART
from archive.export.order import Stage
from evidence.custody import Entry, EntryKind
from evidence.digest import BLOCK
from evidence.errors import (
    DigestMismatch,
    DiskFull,
    HomeBusy,
    LogBroken,
    SetupError,
    TemporaryError,
    VaultUnreachable,
)
from evidence.manifest import Manifest
from evidence.vault import Bucket
from tests.archive.export.packages import Package, archived, export, order
from tests.archive.house import Footage, House, Open
from tests.crash.mounted import forgetful_disk
from tests.faults.lab import RottingVault

FOOTAGE = Footage(data=b"footage" * BLOCK, path=b"1.MP4")


@pytest.fixture
async def held(house: House) -> AsyncIterator[tuple[Open, str, RottingVault]]:
    """A house with one clip, on a vault that can be hurt."""
    vault = RottingVault(house.clock)
    async with replace(house.with_(vault=vault), vault=vault).opened() as door:
        yield door, await archived(await door.station(), FOOTAGE), vault


Held = tuple[Open, str, RottingVault]


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"archive"}


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_a_wrong_byte_ends_it_by_name(held: Held, tmp_path: Path, name: str) -> None:
    door, clip, vault = held
    ((key, version),) = vault.objects(Bucket.ORIGINALS)
    vault.alter(Bucket.ORIGINALS, key, version, lambda data: b"F" + data[1:])

    with pytest.raises(DigestMismatch, match=FOOTAGE.sha256.hex):
        await export(door, tmp_path / name, "clips", clips=[clip])
    assert left(tmp_path) == set()


async def test_a_vault_that_goes_in_the_middle_ends_it(held: Held, tmp_path: Path) -> None:
    door, clip, vault = held

    def gone(stage: Stage, *_numbers: int) -> None:
        if stage is Stage.WRITING:
            raise VaultUnreachable("the store does not answer")

    with pytest.raises(VaultUnreachable):
        await door.archive.export(order(tmp_path / "out", "clips", clips=[clip]), gone)
    vault.reads_left = 0
    with pytest.raises(VaultUnreachable):
        await export(door, tmp_path / "out", "clips", clips=[clip])
    assert left(tmp_path) == set()


async def test_what_the_vault_has_no_more_is_listed(held: Held, tmp_path: Path) -> None:
    door, clip, vault = held
    ((key, version),) = vault.objects(Bucket.ORIGINALS)
    vault.relock(Bucket.ORIGINALS, key, version, None)
    vault.delete_version(Bucket.ORIGINALS, key, version)
    done = await export(door, tmp_path / "out", "clips", clips=[clip])

    (held_clip,) = Package(folder=tmp_path / "out").statement.clips
    assert (held_clip.original, held_clip.without) == (None, "missing")
    assert done.without == 1


async def test_what_was_put_over_a_manifest_is_not_taken(held: Held, tmp_path: Path) -> None:
    door, clip, vault = held
    vault.put(Bucket.RECORDS, Manifest.key_of("lab", clip), b"another's")
    await export(door, tmp_path / "out", "clips", clips=[clip])

    (packed,) = Package(folder=tmp_path / "out").statement.clips
    held_manifest = Package(folder=tmp_path / "out").data(str(packed.manifest))
    assert Manifest.from_bytes(held_manifest).clip == clip


async def test_nothing_leaves_before_it_is_signed_for(held: Held, tmp_path: Path) -> None:
    door, clip, vault = held
    await door.archive._books.sequencer.stop()
    vault.reads_left = 100

    with pytest.raises(TemporaryError, match="not signed for"):
        await export(door, tmp_path / "out", "clips", clips=[clip])
    assert left(tmp_path) == set()


async def test_what_was_begun_stays_on_record(held: Held, tmp_path: Path) -> None:
    door, clip, vault = held
    ((key, version),) = vault.objects(Bucket.ORIGINALS)
    undo = vault.alter(Bucket.ORIGINALS, key, version, bytes.upper)
    with pytest.raises(DigestMismatch):
        await export(door, tmp_path / "out", "clips", clips=[clip])
    undo()
    done = await export(door, tmp_path / "out", "clips", clips=[clip])

    log = door.archive._books.log
    kinds = [Entry(log.entry(index)).kind for index in range(log.size)]
    assert kinds.count(EntryKind.EXPORTED) == 2
    assert kinds[done.entry] is EntryKind.EXPORTED


async def test_a_row_that_leads_to_other_bytes_is_not_followed(held: Held, tmp_path: Path) -> None:
    door, clip, _vault = held
    other = await archived(await door.station(), Footage(data=b"other", path=b"2.MP4"))

    def swap(tx: Transaction) -> None:
        first, second = (tx.session.get_one(ClipRow, each) for each in (clip, other))
        first.archived_entry = second.archived_entry

    await door.archive._books.catalogue.run(swap)
    with pytest.raises(LogBroken, match="not what entry"):
        await export(door, tmp_path / "out", "clips", clips=[clip])
    assert left(tmp_path) == set()


async def test_nothing_is_ever_written_over(held: Held, tmp_path: Path) -> None:
    door, clip, _vault = held
    tmp_path.joinpath("folder").mkdir()
    tmp_path.joinpath("link").symlink_to("nowhere")
    tmp_path.joinpath("file.zip").write_bytes(b"mine")

    for name in ("folder", "link", "file.zip", "no/such/folder", ".zip"):
        with pytest.raises(SetupError):
            await export(door, tmp_path / name, "clips", clips=[clip])
    assert tmp_path.joinpath("file.zip").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_what_a_killed_export_left_is_removed(held: Held, tmp_path: Path, name: str) -> None:
    door, clip, _vault = held
    part = tmp_path / (name + PART)
    if name == "out":
        (part / "data").mkdir(parents=True)
        (part / "data" / "old").write_bytes(b"half")
    else:
        part.write_bytes(b"half")
    await export(door, tmp_path / name, "clips", clips=[clip])

    assert left(tmp_path) == {name}
    assert not (tmp_path / name / "data" / "old").exists()


async def test_two_at_once_do_not_mix(held: Held, tmp_path: Path) -> None:
    door, clip, _vault = held
    wanted = order(tmp_path / "out", "clips", clips=[clip])

    results = await asyncio.gather(
        *(door.archive.export(wanted, lambda *_told: None) for _ in range(3)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, BaseException) for each in results) == 1
    assert {type(each) for each in results if isinstance(each, BaseException)} <= {
        HomeBusy,
        SetupError,
    }
    assert Package(folder=tmp_path / "out").wrong_digests() == []
    assert left(tmp_path) == {"out"}


async def test_who_stops_it_leaves_nothing(held: Held, tmp_path: Path) -> None:
    door, clip, _vault = held
    loop, writing = asyncio.get_running_loop(), asyncio.Event()

    def told(stage: Stage, *_numbers: int) -> None:
        if stage is Stage.WRITING:
            loop.call_soon_threadsafe(writing.set)

    wanted = order(tmp_path / "out", "clips", clips=[clip])
    work = asyncio.create_task(door.archive.export(wanted, told))
    await writing.wait()
    work.cancel()
    await asyncio.wait([work])

    assert left(tmp_path) in (set(), {"out"})
    if left(tmp_path):
        assert Package(folder=tmp_path / "out").wrong_digests() == []


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    held: Held, tmp_path: Path, name: str
) -> None:
    door, clip, _vault = held
    wanted = order(tmp_path / "disk" / name, "clips", clips=[clip])
    refused = 0
    with forgetful_disk(tmp_path / "disk") as disk:
        for operations in range(0, 120, 7):
            disk.tell("record")
            disk.tell("refuse", errno.ENOSPC, operations)
            with suppress(DiskFull):
                await door.archive.export(wanted, lambda *_told: None)
            disk.tell("allow")
            if (there := sorted(os.listdir(disk.folder))) != [name]:
                assert there in ([], [name + PART])  # the disk lets nothing be removed either
                refused += 1
            elif name == "out":
                assert Package(folder=disk.folder / name).wrong_digests() == []
            _clear(disk.folder)
    assert refused > 3


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
