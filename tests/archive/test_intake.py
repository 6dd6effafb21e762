from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest

from evidence.manifest import Manifest
from evidence.vault import Bucket, Lock, LockMode
from evidence.wire import (
    Archived,
    IntakeAnswer,
    OpeningSent,
    PartSent,
    PartWanted,
    UploadDone,
    WireRequest,
)
from tests.archive.house import Footage, House, Open, signed


async def test_a_clip_is_archived_after_its_bytes_were_read_back(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")

    archived = await station.archive(footage)

    clip = (await door.archive.clips())[0]
    assert clip.summary.id == archived.clip == footage.clip
    assert clip.summary.state == "ARCHIVED"
    assert archived.vault.key == f"lab/{footage.sha256.hex}"
    stored = door.vault.find(Bucket.ORIGINALS, archived.vault.key, archived.vault.version_id)
    assert stored is not None
    assert stored.lock is not None
    assert stored.lock.mode is LockMode.COMPLIANCE


async def test_the_manifest_opens_what_the_entry_commits_to(door: Open) -> None:
    footage = Footage(data=b"footage")
    archived = await (await door.station()).archive(footage)

    key = f"lab/manifests/{archived.clip}.json"
    stored = door.vault.find(Bucket.RECORDS, key)
    assert stored is not None
    manifest = Manifest.from_bytes(
        b"".join(door.vault.read(Bucket.RECORDS, key, stored.version_id))
    )

    entry = (await door.archive.clips())[0].entries[0].text
    assert manifest.openings == footage.openings
    for opening in manifest.openings.values():
        assert opening.commitment.hex in entry
    assert '"4711"' not in entry  # four digits alone may stand in a digest
    assert "A.MP4" not in entry


async def test_an_archived_clip_that_is_offered_again_stays_one_clip(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    first = await station.archive(footage)

    again = await station.offer(replace(footage, clip=Footage(data=b"").clip))

    assert again.as_(IntakeAnswer).archived == first
    assert len(await door.archive.clips()) == 1


async def test_two_offers_at_once_get_one_id(door: Open) -> None:
    station = await door.station()
    one = Footage(data=b"footage")
    other = replace(one, clip=Footage(data=b"").clip)

    answers = await asyncio.gather(station.offer(one), station.offer(other))

    assert len({answer.as_(IntakeAnswer).clip for answer in answers}) == 1


async def test_two_completes_at_once_make_one_entry(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, footage.data)

    done = await asyncio.gather(*[station.complete(answer.clip) for _ in range(4)])

    assert len({each.as_(Archived).entry for each in done}) == 1
    assert len(list(door.vault.versions(Bucket.ORIGINALS))) == 1


async def test_complete_without_upload_is_a_conflict(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    await station.offer(footage)

    answer = await station.complete(footage.clip)

    assert (answer.status, answer.title) == (409, "OutOfTurn")
    assert await door.archive.clips() == []


async def test_complete_of_a_clip_nobody_offered_is_not_known(door: Open) -> None:
    station = await door.station()

    answer = await station.complete(Footage(data=b"x").clip)

    assert answer.status == 404


async def test_bytes_that_read_back_differently_are_not_archived(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, footage.data)
    lock = Lock(mode=LockMode.COMPLIANCE, until=door.clock.now().replace(year=2030))
    door.vault.put(Bucket.ORIGINALS, f"lab/{footage.sha256.hex}", b"fooTage", lock=lock)

    refused = await station.complete(answer.clip)

    assert (refused.status, refused.title) == (422, "DigestMismatch")
    assert await door.archive.clips() == []
    assert footage.clip in (await door.archive.problems())[0]


async def test_wrong_bytes_in_the_originals_place_do_not_keep_the_true_ones_out(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    lock = Lock(mode=LockMode.COMPLIANCE, until=door.clock.now().replace(year=2030))
    bad = door.vault.put(Bucket.ORIGINALS, f"lab/{footage.sha256.hex}", b"fooTage", lock=lock)
    assert (await station.offer(footage)).status == 422

    answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, footage.data)
    archived = (await station.complete(answer.clip)).as_(Archived)

    assert archived.vault.version_id != bad.version_id
    assert await door.archive.problems() == []


async def test_an_object_without_lock_is_not_evidence(door: Open) -> None:
    footage = Footage(data=b"footage")
    door.vault.put(Bucket.ORIGINALS, f"lab/{footage.sha256.hex}", footage.data)

    refused = await (await door.station()).offer(footage)

    assert (refused.status, refused.title) == (422, "LockMissing")


async def test_equal_bytes_of_another_clip_are_not_sent_twice(door: Open) -> None:
    station = await door.station()
    first = Footage(data=b"footage")
    await station.archive(first)
    door.clock.advance(40 * 86400)

    answer = await station.offer(Footage(data=b"footage", camera="BWC-0043"))

    second = answer.as_(IntakeAnswer).archived
    assert second is not None
    clips = await door.archive.clips()
    assert len(clips) == 2
    assert len({clip.vault and clip.vault.version_id for clip in clips}) == 1
    stored = door.vault.find(Bucket.ORIGINALS, second.vault.key)
    assert stored is not None
    assert stored.lock is not None
    assert (stored.lock.until - door.clock.now()).days >= 179


async def test_another_station_cannot_complete_what_it_never_offered(door: Open) -> None:
    owner, stranger = await door.station(), await door.station()
    footage = Footage(data=b"footage")
    await owner.offer(footage)

    answer = await stranger.complete(footage.clip)

    assert (answer.status, answer.title) == (403, "Refused")


async def test_another_station_that_holds_the_same_clip_goes_on_with_it(door: Open) -> None:
    first, second = await door.station(), await door.station()
    footage = Footage(data=b"footage")
    await first.offer(footage)

    archived = await second.archive(replace(footage, clip=Footage(data=b"").clip))

    assert archived.clip == footage.clip
    assert (await door.archive.clips())[0].station == second.id


async def test_an_id_cannot_be_used_for_two_clips(door: Open) -> None:
    station = await door.station()
    first = Footage(data=b"footage")
    await station.archive(first)

    answer = await station.offer(Footage(data=b"other", clip=first.clip))

    assert answer.status == 403


async def test_an_opening_other_than_the_one_committed_to_is_refused(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    await station.pull(footage)

    answer = await station.offer(replace(footage, officer="0815"))

    assert (answer.status, answer.title) == (403, "Refused")
    assert (await station.offer(footage)).status == 200


async def test_a_fact_without_its_opening_is_refused(door: Open) -> None:
    station = await door.station()
    offer = Footage(data=b"footage").offer
    wrong = OpeningSent(salt="00" * 32, value_hex=b"9999".hex())

    bare = msgspec.structs.replace(offer, openings={})
    false = msgspec.structs.replace(offer, openings={**offer.openings, "officer": wrong})

    assert (await station.post("/v1/intake", bare)).status == 403
    assert (await station.post("/v1/intake", false)).status == 403


@pytest.mark.parametrize("size", [0, 1, 200_000])
async def test_every_step_may_be_followed_by_a_restart(house: House, size: int) -> None:
    footage = Footage(data=b"x" * size)
    async with house.opened() as door:
        station = await door.station()
        await station.pull(footage)
    async with house.opened() as door:
        station = replace(station, door=door)
        answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    assert station.put(answer.put, footage.data) == 200
    async with house.opened() as door:
        archived = (await replace(station, door=door).complete(answer.clip)).as_(Archived)
    async with house.opened() as door:
        station = replace(station, door=door)

        assert (await station.offer(footage)).as_(IntakeAnswer).archived == archived
        assert len(await door.archive.clips()) == 1


async def test_a_restart_before_commit_takes_up_what_is_stored(house: House) -> None:
    footage = Footage(data=b"footage")
    async with house.opened() as door:
        station = await door.station()
        answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, footage.data)
    house.clock.advance(3600)
    async with house.opened() as door:
        again = await replace(station, door=door).offer(footage)

        assert again.as_(IntakeAnswer).archived is not None
        assert len(list(house.vault.versions(Bucket.ORIGINALS))) == 1


async def test_a_large_original_goes_in_parts(house: House) -> None:
    mib = 1024**2
    footage = Footage(data=bytes(range(256)) * (11 * mib // 256))
    async with house.with_(single_put_max=mib, part_size=5 * mib).opened() as door:
        station = await door.station()
        grant = (await station.offer(footage)).as_(IntakeAnswer).parts
        assert grant is not None
        assert (await station.offer(footage)).as_(IntakeAnswer).parts == grant
        sent = []
        for number, first in enumerate(range(0, len(footage.data), grant.part_size), start=1):
            part = replace(footage, data=footage.data[first : first + grant.part_size])
            digest, size = part.sha256.hex, len(part.data)
            wanted = PartWanted(upload=grant.upload, number=number, size=size, sha256=digest)
            request = await station.post(f"/v1/intake/{footage.clip}/parts", wanted)
            etag = _put_part(door, request.as_(WireRequest), part.data)
            sent.append(PartSent(number=number, etag=etag, sha256=digest))

        done = UploadDone(upload=grant.upload, parts=sent)
        archived = (await station.complete(footage.clip, done)).as_(Archived)

        assert (await station.complete(footage.clip, done)).as_(Archived) == archived
        assert len(list(door.vault.versions(Bucket.ORIGINALS))) == 1


def _put_part(door: Open, request: WireRequest, data: bytes) -> str:
    answer = door.vault.accept(signed(request), data)
    return answer.headers["etag"]


async def test_a_manifest_that_is_not_ours_stops_the_clip(door: Open) -> None:
    station = await door.station()
    footage = Footage(data=b"footage")
    lock = Lock(mode=LockMode.COMPLIANCE, until=door.clock.now().replace(year=2030))
    door.vault.put(Bucket.RECORDS, f"lab/manifests/{footage.clip}.json", b"{}", lock=lock)
    answer = (await station.offer(footage)).as_(IntakeAnswer)
    assert answer.put is not None
    station.put(answer.put, footage.data)

    refused = await station.complete(footage.clip)

    assert (refused.status, refused.title) == (422, "DigestMismatch")
    assert await door.archive.clips() == []
