"""An archive that stations tell an SM3 beside SHA-256."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from archive.fixity import Component, nobody
from archive.fixity.objects import Objects
from archive.originals import Bytes, see_same
from evidence.clock import SetClock
from evidence.custody import EntryKind
from evidence.digests import Sm3, digests_of, sm3_maker
from evidence.errors import DigestMismatch
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from evidence.wire import Archived, IntakeAnswer, ReleaseGranted, ReleaseWanted
from tests.archive.house import START, Answer, Footage, House, Open, Station

FOOTAGE = Footage(data=b"footage")
READ = digests_of(b"footage", sm3_maker()).to_wire()
WRONG = "00" * 32


async def offer(station: Station, sm3: str | None, footage: Footage = FOOTAGE) -> Answer:
    return await station.post("/v1/intake", msgspec.structs.replace(footage.offer, sm3=sm3))


async def archive(station: Station, sm3: str | None) -> Answer:
    """The whole way in."""
    answer = (await offer(station, sm3)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, FOOTAGE.data)
    return await station.complete(answer.clip)


async def test_both_are_in_the_entry_once_both_were_read_back(door: Open) -> None:
    archived = (await archive(await door.station(), READ["sm3"])).as_(Archived)

    told = json.loads(archived.entry_text)
    assert told["digests"] == READ
    key = f"lab/manifests/{archived.clip}.json"
    stored = door.vault.find(Bucket.RECORDS, key)
    assert stored is not None
    manifest = b"".join(door.vault.read(Bucket.RECORDS, key, stored.version_id))
    assert told["manifest"] == digests_of(manifest, sm3_maker()).to_wire()


async def test_without_sm3_the_entry_is_what_it_always_was(door: Open) -> None:
    told = json.loads((await archive(await door.station(), None)).as_(Archived).entry_text)

    assert told["digests"] == {"sha256": READ["sha256"]}
    assert list(told["manifest"]) == ["sha256"]


async def test_an_sm3_that_was_not_read_back_is_in_no_entry(door: Open) -> None:
    station = await door.station()

    refused = await archive(station, WRONG)

    assert (refused.status, refused.title) == (403, "Refused")
    assert await door.archive.clips() == []
    assert f"SM3 {READ['sm3']}, not {WRONG}" in (await door.archive.problems())[0]


async def test_a_wrong_sm3_does_not_spoil_the_true_bytes(door: Open) -> None:
    station, other = await door.station(), await door.station()
    await archive(station, WRONG)

    answer = await offer(other, READ["sm3"])

    archived = answer.as_(IntakeAnswer).archived
    assert archived is not None
    assert json.loads(archived.entry_text)["digests"] == READ
    assert len(list(door.vault.versions(Bucket.ORIGINALS))) == 1


@pytest.mark.parametrize("sm3", [None, READ["sm3"]])
async def test_a_clip_that_is_here_is_the_same_with_or_without(door: Open, sm3: str | None) -> None:
    station = await door.station()
    first = (await archive(station, READ["sm3"])).as_(Archived)

    assert (await offer(station, sm3)).as_(IntakeAnswer).archived == first


async def test_a_clip_that_is_here_is_another_with_another_sm3(door: Open) -> None:
    station = await door.station()
    await archive(station, READ["sm3"])

    refused = await offer(station, WRONG)

    assert (refused.status, refused.title) == (403, "Refused")


async def test_the_same_sha256_of_another_file_is_refused_by_its_sm3(door: Open) -> None:
    """As if SHA-256 had fallen: the vault holds one file, and another clip is told by its SM3."""
    station = await door.station()
    await archive(station, READ["sm3"])

    other = replace(FOOTAGE, path=b"B.MP4", clip=Footage(data=b"").clip)
    refused = await offer(station, WRONG, other)

    assert (refused.status, refused.title) == (403, "Refused")
    assert len(await door.archive.clips()) == 1


@pytest.mark.parametrize("sm3", ["x" * 64, "AB" * 32, "ab"])
async def test_what_is_no_sm3_is_not_understood(door: Open, sm3: str) -> None:
    assert (await offer(await door.station(), sm3)).status == 400


async def test_a_grant_tells_both_when_both_were_read_back_again(door: Open) -> None:
    station = await door.station()
    archived = (await archive(station, READ["sm3"])).as_(Archived)
    wanted = ReleaseWanted(challenge=secrets.token_hex(16))

    granted = await station.post(f"/v1/clips/{archived.clip}/release", wanted)

    assert json.loads(granted.as_(ReleaseGranted).entry_text)["digests"] == READ


async def test_the_rounds_read_sm3_back_where_the_entry_has_one(door: Open) -> None:
    archived = (await archive(await door.station(), READ["sm3"])).as_(Archived)
    told = json.loads(archived.entry_text)
    objects = Objects(vault=door.vault, agency="lab")

    assert objects.original(archived.clip, told) == []
    assert objects.original(archived.clip, told | {"digests": {"sha256": READ["sha256"]}}) == []
    (found,) = objects.original(archived.clip, told | {"digests": READ | {"sm3": WRONG}})
    assert f"(SM3 {WRONG})" in found.problem
    wrong = told | {"manifest": told["manifest"] | {"sm3": WRONG}}
    _, (found,) = objects.manifest(archived.clip, wrong)
    assert f"(SM3 {WRONG})" in found.problem


async def test_fsck_finds_nothing_wrong_with_both(door: Open) -> None:
    await archive(await door.station(), READ["sm3"])

    assert await door.archive.examine(nobody) == []


async def shares(house: House) -> list[dict[str, object]]:
    """The ``clip.digest`` entries after two rounds over a clip that came in without SM3."""
    async with house.opened() as door:
        archived = await (await door.station()).archive(FOOTAGE)
        for _ in range(2):
            house.clock.advance(40 * 86_400)
            assert await door.archive.upkeep.look_now() == 1
        assert await door.archive.examine(nobody) == []
        (clip,) = await door.archive.clips()
        assert clip.summary.id == archived.clip
        told = [json.loads(entry.text) for entry in clip.entries]
        return [each for each in told if each["kind"] == "clip.digest"]


async def test_the_rounds_take_sm3_of_clips_of_before_once_when_asked(tmp_path: Path) -> None:
    (told,) = await shares(House.at(tmp_path, also_sm3=True))

    assert (told["digests"], told["by"]) == (READ, "archive")


@pytest.mark.slow
async def test_the_rounds_take_nothing_that_nobody_asked_for(tmp_path: Path) -> None:
    assert await shares(House.at(tmp_path)) == []


@pytest.mark.parametrize("sm3", [READ["sm3"], WRONG])
async def test_what_was_taken_later_is_read_back_from_then_on(door: Open, sm3: str) -> None:
    archived = await (await door.station()).archive(FOOTAGE)
    digests = READ | {"sm3": sm3}
    await door.archive.record(
        EntryKind.CLIP_DIGESTED, "archive", clip=archived.clip, digests=digests
    )

    found = await door.archive.examine(nobody)
    await door.archive.upkeep.look_now()

    assert [each.component for each in found] == ([] if sm3 != WRONG else [Component.ORIGINAL])
    named = [each for each in await door.archive.problems() if archived.clip in each]
    assert bool(named) is (sm3 == WRONG)


def test_what_is_read_back_with_another_sm3_is_not_the_same() -> None:
    """As grants, and vaults that are stocked from a package, read originals back."""
    vault = MemoryVault(SetClock(START))
    stored = vault.put(Bucket.ORIGINALS, "lab/x", FOOTAGE.data)
    true = digests_of(FOOTAGE.data, sm3_maker())
    see_same(vault, stored, Bytes.of(true, len(FOOTAGE.data)))

    with pytest.raises(DigestMismatch, match="SHA-256 agrees, and SM3 does not"):
        see_same(vault, stored, Bytes.of(replace(true, sm3=Sm3(bytes(32))), len(FOOTAGE.data)))
