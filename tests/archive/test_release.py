from __future__ import annotations

import secrets
from pathlib import Path

import msgspec
import pytest

from evidence.custody import EntryKind
from evidence.note import VerifierKey
from evidence.receipt import verify_receipt
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from evidence.wire import Archived, JournalPush, ReleaseGranted, ReleaseWanted
from tests.archive.house import Answer, Footage, House, Open, Station

FOOTAGE = Footage(data=b"footage")


async def asked(station: Station, clip: str, challenge: str | None = None) -> Answer:
    wanted = ReleaseWanted(challenge=challenge or secrets.token_hex(16))
    return await station.post(f"/v1/clips/{clip}/release", wanted)


async def kinds(door: Open) -> list[str]:
    return [entry.kind for clip in await door.archive.clips() for entry in clip.entries]


async def state(door: Open) -> str:
    (clip,) = await door.archive.clips()
    return clip.summary.state


async def say_released(station: Station, archived: Archived, grant: int | None) -> Answer:
    act = station.act(
        EntryKind.CLIP_RELEASED, FOOTAGE.clip, archive_clip=archived.clip, grant=grant
    )
    return await station.post("/v1/journal", JournalPush(acts=[act]))


async def test_the_grant_says_what_was_read_back_and_is_in_the_log(door: Open) -> None:
    station = await door.station()
    archived = await station.archive(FOOTAGE)

    granted = (await asked(station, archived.clip, "ab" * 16)).as_(ReleaseGranted)

    told = msgspec.json.decode(granted.entry_text)
    assert (told["version"], told["size"]) == (archived.vault.version_id, len(FOOTAGE.data))
    assert (told["station"], told["challenge"]) == (station.id, "ab" * 16)
    proof = await station.get(f"/v1/clips/{archived.clip}/receipts/{granted.entry}")
    key = VerifierKey.parse(door.archive.verifier_key)
    assert verify_receipt(proof.body, granted.entry_text.encode(), [key]).index == granted.entry


async def test_a_station_that_never_had_the_clip_gets_no_grant(door: Open) -> None:
    archived = await (await door.station()).archive(FOOTAGE)

    answer = await asked(await door.station(), archived.clip)

    assert (answer.status, answer.title) == (403, "Refused")


async def test_a_clip_that_is_not_archived_gets_no_grant(door: Open) -> None:
    assert (await asked(await door.station(), FOOTAGE.clip)).status == 404


@pytest.mark.parametrize("challenge", ["", "ab" * 15, "AB" * 16, "name of a person" * 2])
async def test_a_challenge_has_no_room_for_words(door: Open, challenge: str) -> None:
    station = await door.station()
    archived = await station.archive(FOOTAGE)

    wanted = ReleaseWanted(challenge=challenge)
    answer = await station.post(f"/v1/clips/{archived.clip}/release", wanted)

    assert answer.status == 400


async def test_a_receipt_of_an_entry_about_something_else_is_not_given(door: Open) -> None:
    station = await door.station()
    archived = await station.archive(FOOTAGE)

    assert (await station.get(f"/v1/clips/{archived.clip}/receipts/0")).status == 404


async def test_a_release_on_a_grant_moves_the_clip(door: Open) -> None:
    station = await door.station()
    archived = await station.archive(FOOTAGE)
    granted = (await asked(station, archived.clip)).as_(ReleaseGranted)

    assert (await say_released(station, archived, granted.entry)).status == 200

    assert await state(door) == "RELEASED"
    assert await door.archive.problems() == []


@pytest.mark.parametrize("grant", ["none", "another's", "no grant at all"])
async def test_a_release_without_a_grant_is_disputed(door: Open, grant: str) -> None:
    station, other = await door.station(), await door.station()
    archived = await station.archive(FOOTAGE)
    await other.archive(FOOTAGE)
    theirs = (await asked(other, archived.clip)).as_(ReleaseGranted).entry
    index = {"none": None, "another's": theirs, "no grant at all": archived.entry}[grant]

    assert (await say_released(station, archived, index)).status == 200

    assert await state(door) == "ARCHIVED"
    assert "release.dispute" in await kinds(door)
    assert any("without a grant" in text for text in await door.archive.problems())


async def test_a_lost_or_altered_copy_gets_no_grant_and_that_is_on_record(tmp_path: Path) -> None:
    house = House.at(tmp_path)
    rotten = _Rotten(house.clock)
    async with house.with_(vault=rotten).opened() as door:
        station = await Open(
            archive=door.archive, http=door.http, vault=rotten, clock=door.clock
        ).station()
        archived = await station.archive(FOOTAGE)
        rotten.gone = True
        lost = await asked(station, archived.clip)
        rotten.gone, rotten.flipped = False, True
        altered = await asked(station, archived.clip)

        assert (lost.status, altered.status) == (404, 422)
        assert (await kinds(door)).count("release.refuse") == 2
        assert "release.grant" not in await kinds(door)


class _Rotten(MemoryVault):
    """A vault that loses or alters what it took."""

    gone = False
    flipped = False

    def find(self, bucket, key, version_id=None):  # type: ignore[no-untyped-def]
        return None if self.gone else super().find(bucket, key, version_id)

    def read(self, bucket, key, version_id):  # type: ignore[no-untyped-def]
        for block in super().read(bucket, key, version_id):
            flip = self.flipped and bucket is Bucket.ORIGINALS
            yield bytes([block[0] ^ 1]) + block[1:] if flip else block
