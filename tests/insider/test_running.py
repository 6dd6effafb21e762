"""Acts that only a home at work can find: it is put back, or its own clerk works against it."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from archive.log.mirror import PREFIX
from evidence.custody import EntryKind
from evidence.errors import EvidenceError, OutOfTurn, SetupError
from evidence.vault import Bucket
from evidence.vault.embedded import Engine
from tests.insider.acts import act
from tests.insider.home import Home, verify
from tests.insider.volume import destroy
from tests.station.yard import settled


async def acts(home: Home) -> None:
    """Run the archive of *home*, and have it put something on record."""
    async with home.yard.archive() as archive:
        await archive.record(EntryKind.CREDENTIALS_READ, "owner")
        await archive.witnesses.ask_all()


def forget_copy(home: Home) -> None:
    """Remove the vault's copy of the log: what is not full yet carries no lock."""
    for version in list(home.root.versions(Bucket.RECORDS, PREFIX)):
        home.root.delete_version(Bucket.RECORDS, version.key, version.version_id)


@act("I-30")
async def test_an_old_backup_is_put_back(moving: Home) -> None:
    """Folder, catalogue and the vault's copy are old; the court remembers what came after."""
    backup = moving.folder / "backup"
    shutil.copytree(moving.archive, backup)
    async with moving.witnessed():
        await acts(moving)
        shutil.rmtree(moving.archive)
        backup.rename(moving.archive)
        forget_copy(moving)
        before = (moving.archive / "log" / "checkpoint").read_bytes()

        with pytest.raises(EvidenceError):
            await acts(moving)

    assert "the witness court has seen" in (moving.archive / "halted").read_text()
    assert (moving.archive / "log" / "checkpoint").read_bytes() == before


@act("I-31")
async def test_another_history_is_written_and_gone_on_with(moving: Home) -> None:
    """The vault's copy is gone, too; what the court said lies in the folder, and stops the log."""
    entries = moving.entries()
    entries[-1] = entries[-1].replace(b'"kind":"export"', b'"kind":"denied"')
    moving.rewrite(entries)
    forget_copy(moving)

    with pytest.raises(EvidenceError):
        await acts(moving)

    assert "another history" in (moving.archive / "halted").read_text()


@act("I-32")
async def test_a_clip_is_hidden_from_the_census(moving: Home) -> None:
    (moving.folder / "witnesses").unlink()  # they have no part in this
    yard = moving.yard
    yard.card("cam-8", {b"DCAM_A9999_P0001_20261121_090000.mp4": b"left out"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    with moving.database() as db:
        newest = "SELECT rowid FROM clip ORDER BY archived_entry DESC LIMIT 1"
        db.execute(f"DELETE FROM clip WHERE rowid = ({newest})")  # noqa: S608
    async with yard.archive() as archive:
        with pytest.raises(OutOfTurn, match="1 originals came in"):
            await archive.census_now()

    assert (4, "clip row") in await moving.named()


@act("I-28")
async def test_all_that_s3_lets_go_of_is_deleted(moving: Home) -> None:
    """What is locked stays, whoever asks; what is not can be made again."""
    for version in [each for bucket in Bucket for each in moving.root.versions(bucket)]:
        where = {"Key": version.key, "VersionId": version.version_id}
        moving.root.attempt("delete_object", version.bucket, **where)

    assert moving.root.attempt("delete_bucket", Bucket.ORIGINALS).status == 409
    assert {step for step, _ in await moving.named()} == {9, 14}


@act("I-29")
async def test_the_whole_store_is_destroyed(moving: Home, engine: Engine) -> None:
    """Below S3 no lock holds; first the buckets are gone, then there are empty ones."""
    (moving.folder / "witnesses").unlink()  # they have no part in this
    destroy(engine, map(moving.vault.bucket_name, Bucket))

    with pytest.raises(SetupError, match="NoSuchBucket"):
        await moving.fsck()
    async with moving.yard.archive() as archive, asyncio.timeout(60):
        while not any("NoSuchBucket" in told for told in await archive.problems()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    made = [moving.root.attempt("create_bucket", bucket).status for bucket in Bucket]
    assert made == [200] * len(made)
    assert {step for step, _ in await moving.named()} == {6, 7, 9, 11, 13, 14}
    receipt = moving.receipts[0]
    entry = receipt.with_suffix(".entry.json")
    assert verify(receipt, moving.log_key, "--entry", str(entry)) == (0, set())
