from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from evidence.custody import Entry, EntryKind
from evidence.errors import LogBroken, TemporaryError
from evidence.note import VerifierKey, open_checkpoint
from evidence.receipt import verify_receipt
from evidence.rights import Role
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from tests.archive.house import Footage, House, Open
from tests.archive.places import kept_copy


async def test_the_receipt_of_a_clip_verifies_with_the_key_alone(door: Open) -> None:
    station = await door.station()
    archived = await station.archive(Footage(data=b"footage"))

    proof = await station.get(f"/v1/clips/{archived.clip}/receipt")

    entry = Entry((await door.archive.clips())[0].entries[0].text.encode())
    assert entry.raw.decode() == archived.entry_text
    verify_receipt(proof.body, entry.raw, [VerifierKey.parse(door.archive.verifier_key)])


async def test_a_receipt_is_not_for_stations_that_never_had_the_clip(door: Open) -> None:
    archived = await (await door.station()).archive(Footage(data=b"footage"))

    answer = await (await door.station()).get(f"/v1/clips/{archived.clip}/receipt")

    assert answer.status == 403


async def test_what_was_committed_is_signed_for_when_the_archive_closes(house: House) -> None:
    async with house.opened() as door:
        acts = [door.archive.record(EntryKind.CREDENTIALS_READ, "owner") for _ in range(20)]
        last = max(await asyncio.gather(*acts))

    note = (house.parts.folder / "log" / "checkpoint").read_bytes()
    async with house.opened() as door:
        key = VerifierKey.parse(door.archive.verifier_key)
        assert open_checkpoint(note, [key]).size == last + 1
        assert await door.archive.idle()


async def test_a_start_catches_up_with_what_was_never_signed_for(house: House) -> None:
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    shutil.copytree(house.parts.folder / "log", house.parts.folder / "kept")
    async with house.opened() as door:
        last = await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    shutil.rmtree(house.parts.folder / "log")
    shutil.move(house.parts.folder / "kept", house.parts.folder / "log")

    async with house.with_(vault=MemoryVault(house.clock)).opened() as door:
        assert door.archive.desk.log.size == last + 1


async def test_a_catalogue_older_than_the_log_is_not_continued(house: House) -> None:
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    put_back = kept_copy(house.parts.folder)
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
    put_back()

    with pytest.raises(LogBroken, match="not the catalogue's"):
        async with house.opened():
            pass


async def test_the_log_is_served_and_copied_into_the_vault(tmp_path: Path) -> None:
    house = House.at(tmp_path, public_log=True)
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
        public = await door.send("GET", "/log/checkpoint", b"", {})
        tile = await door.send("GET", "/log/tile/entries/000.p/1", b"", {})
        stranger = await door.send("GET", "/log/tile/..%2f..%2flog.key", b"", {})

    assert (public.status, tile.status, stranger.status) == (200, 200, 404)
    copied = house.vault.find(Bucket.RECORDS, "log/checkpoint")
    assert copied is not None
    data = b"".join(house.vault.read(Bucket.RECORDS, copied.key, copied.version_id))
    assert data == (house.parts.folder / "log" / "checkpoint").read_bytes()


async def test_whoever_waits_for_a_signature_is_told_when_there_will_be_none(house: House) -> None:
    async with house.opened() as door:
        (house.parts.folder / "log" / "checkpoint").write_bytes(b"of another process")

        async with asyncio.timeout(10):
            with pytest.raises(TemporaryError, match="not the one we published"):
                await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")


async def test_a_path_longer_than_any_tile_has_is_not_found(door: Open) -> None:
    auditor = await door.person(Role.AUDITOR)
    for groups in (10, 850, 1600):
        assert (await auditor.get(f"/log/tile/0/{'x001/' * groups}000")).status == 404


async def test_the_log_is_read_by_staff_and_stations_and_by_nobody_else(door: Open) -> None:
    station = await door.station()
    readers = [await door.person(role, officer="4711") for role in Role]
    status = [(await reader.get("/log/checkpoint")).status for reader in readers]

    assert dict(zip(Role, status, strict=True)) == {
        role: 403 if role is Role.OFFICER else 200 for role in Role
    }
    assert (await station.get("/log/checkpoint")).status == 200
    assert (await door.send("GET", "/log/checkpoint", b"", {})).status == 401


@pytest.mark.parametrize(("public", "whose"), [(True, "public"), (False, "private")])
async def test_tiles_are_kept_by_caches_and_heads_are_not(
    tmp_path: Path, *, public: bool, whose: str
) -> None:
    async with House.at(tmp_path, public_log=public).opened() as door:
        auditor = await door.person(Role.AUDITOR)
        await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
        headers = {"Authorization": f"Bearer {auditor.token}"}
        async with door.http.get("/log/checkpoint", headers=headers) as head:
            size = int((await head.text()).split("\n")[1])
        async with door.http.get(f"/log/tile/0/000.p/{size}", headers=headers) as tile:
            assert len(await tile.read()) == 32 * size

    assert head.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert head.headers["Cache-Control"] == "no-cache"
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert tile.headers["Cache-Control"] == f"{whose}, max-age=31536000, immutable"
