"""An archive whose log a court's witness sees, a real one."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from archive.log.key import load_or_make_signer
from archive.log.log import Log
from archive.service import Archive
from evidence.custody import EntryKind
from evidence.errors import EvidenceError, LogBroken, TemporaryError
from evidence.merkle import consistency_proof, leaf_hash, root_of
from evidence.note import Checkpoint, FileSigner, VerifierKey, sign_checkpoint
from evidence.policy import Policy
from evidence.receipt import believe_receipt
from evidence.settings import TimestampsSettings, WitnessesSettings
from evidence.vault import Bucket
from evidence.wire import EnrolStation, ReleaseGranted, ReleaseWanted, StationEnrolled
from evidence.witnessing import AddCheckpoint
from tests.archive.house import Footage, House
from tests.archive.log.authority import authority
from tests.court import Served, post, served
from tests.evidence.trees import MemoryTree


def log_key(house: House) -> VerifierKey:
    origin = house.parts.settings.agency.origin
    return load_or_make_signer(house.parts.folder / "log.key", origin).key


@asynccontextmanager
async def witnessed(house: House, court: Path) -> AsyncIterator[tuple[House, Served]]:
    """The house with the court's witness in its policy, and that witness at work."""
    async with served(court, log=log_key(house)) as serving:
        policy = court / "policy"
        policy.write_bytes(serving.policy())
        told = WitnessesSettings(policy=str(policy), every_seconds=0.2)
        yield house.with_(settings=replace(house.parts.settings, witnesses=told)), serving


async def act(archive: Archive) -> int:
    return await archive.record(EntryKind.CREDENTIALS_READ, "owner")


async def test_a_receipt_has_as_many_witnesses_as_are_asked_for(
    house: House, tmp_path: Path
) -> None:
    async with witnessed(house, tmp_path / "court") as (there, court), there.opened() as door:
        station = await door.station()
        archived = await station.archive(Footage(data=b"footage"))
        wanted = ReleaseWanted(challenge=secrets.token_hex(16))
        granted = await station.post(f"/v1/clips/{archived.clip}/release", wanted)
        told = granted.as_(ReleaseGranted)

        proof = await station.get(f"/v1/clips/{archived.clip}/receipts/{told.entry}?witnesses=1")
        odd = await station.get(f"/v1/clips/{archived.clip}/receipts/{told.entry}?witnesses=x")

        policy = Policy.parse(door.archive.witnesses.published.encode())
        proven = believe_receipt(proof.body, told.entry_text.encode(), policy)
        assert (proven.index, proven.cosignatures[0].witness) == (told.entry, court.key)
        assert odd.status == 400


async def test_a_station_is_told_the_witnesses_when_it_enrols(house: House, tmp_path: Path) -> None:
    async with witnessed(house, tmp_path / "court") as (there, court), there.opened() as door:
        code, key = await door.archive.enrolment_code("Dock 1"), secrets.token_hex(32)
        wanted = EnrolStation(code=code, name="Dock 1", public_key=key)
        told = (await door.post("/v1/stations", wanted)).as_(StationEnrolled)

    policy = Policy.parse(told.policy.encode())
    assert policy.witnesses["court"].key == court.key
    assert [str(key) for key in policy.logs] == [told.log_key]


async def test_the_witnessed_head_is_served_and_copied(house: House, tmp_path: Path) -> None:
    archive = replace(house.parts.settings.archive, public_log=True)
    house = house.with_(settings=replace(house.parts.settings, archive=archive))
    async with witnessed(house, tmp_path / "court") as (there, _), there.opened() as door:
        index = await act(door.archive)
        await door.archive.witnesses.covering(index, 1)
        await door.archive.witnesses.ask_all()  # ends once what was heard is published
        served_ = await door.send("GET", "/log/witnessed", b"", {})
        policy = Policy.parse(door.archive.witnesses.published.encode())

    assert policy.believe(served_.body).checkpoint.size > index
    copy = there.vault.find(Bucket.RECORDS, "log/witnessed")
    assert copy is not None
    held = b"".join(there.vault.read(copy.bucket, copy.key, copy.version_id))
    assert policy.believe(held).checkpoint.size > index


async def test_a_restored_backup_signs_nothing_until_it_has_caught_up(
    house: House, tmp_path: Path
) -> None:
    folder, backup, newer = house.parts.folder, tmp_path / "backup", tmp_path / "newer"
    async with witnessed(house, tmp_path / "court") as (there, _):
        async with there.opened() as door:
            await act(door.archive)
        shutil.copytree(folder, backup)
        async with there.opened() as door:
            await door.archive.witnesses.covering(await act(door.archive), 1)
        folder.rename(newer)
        backup.rename(folder)
        lose_copy(there)

        before = (folder / "log" / "checkpoint").read_bytes()

        for _ in range(2):  # it stays so
            with pytest.raises(EvidenceError):  # at once, where the catalogue is not in the folder
                async with there.opened() as door:
                    await act(door.archive)

    assert "the witness court has seen" in (folder / "halted").read_text()
    assert (folder / "log" / "checkpoint").read_bytes() == before


def lose_copy(house: House) -> None:
    """The vault's copy of the log is gone, so that nothing can be caught up with."""
    for version in list(house.vault.versions(Bucket.RECORDS, "log/")):
        house.vault.delete_version(version.bucket, version.key, version.version_id)


def one_more(log: Log, signer: FileSigner) -> bytes:
    """What a thief of the log's key asks: the log with one entry more than there is."""
    hashes = [leaf_hash(log.entry(n)) for n in range(log.size)] + [leaf_hash(b"of a thief")]
    head = Checkpoint(origin=log.key.name, size=len(hashes), root=root_of(hashes))
    proof = consistency_proof(MemoryTree(hashes), log.size, head.size)
    return AddCheckpoint(old=log.size, proof=proof, note=sign_checkpoint(head, signer)).body


async def test_a_log_stays_stopped_while_a_witness_knows_more(house: House, tmp_path: Path) -> None:
    async with witnessed(house, tmp_path / "court") as (there, court), there.opened() as door:
        witnesses = door.archive.witnesses
        await witnesses.covering(await act(door.archive), 1)
        signer = load_or_make_signer(house.parts.folder / "log.key", witnesses.log.key.name)
        stolen = one_more(witnesses.log, signer)
        assert (await asyncio.to_thread(post, court.url, stolen))[0] == 200

        await witnesses.ask_all()
        with pytest.raises(TemporaryError, match="not signed for"):
            await act(door.archive)
        with pytest.raises(LogBroken, match="court has seen"):
            await door.archive.resume_log()
        assert any("is stopped" in problem for problem in await door.archive.problems())


async def test_a_time_stamp_is_copied_beside_the_log_and_locked(
    house: House, tmp_path: Path
) -> None:
    async with authority(tmp_path / "tsa") as by:
        told = TimestampsSettings(url=by.url, ca_file=str(by.ca))
        there = house.with_(settings=replace(house.parts.settings, timestamps=told))
        async with there.opened() as door:
            await act(door.archive)
            one = await door.archive.stamp_now()

    for file in (one.token, one.about):
        copy = there.vault.find(Bucket.RECORDS, f"log/timestamps/{file.name}")
        assert copy is not None
        assert copy.lock is not None
        assert b"".join(there.vault.read(copy.bucket, copy.key, copy.version_id)) == (
            file.read_bytes()
        )


async def test_without_an_answer_of_the_witness_everything_goes_on(
    house: House, tmp_path: Path
) -> None:
    async with witnessed(house, tmp_path / "court") as (there, _):
        pass
    async with there.opened() as door:
        index = await act(door.archive)
        await act(door.archive)

        assert any("does not answer" in problem for problem in await door.archive.problems())
        assert door.archive.witnesses.receipt(index)
