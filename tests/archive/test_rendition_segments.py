"""A station's segment manifest is read against the media before anything of it is on record."""

from __future__ import annotations

import json

import pytest

from evidence.custody import EntryKind
from evidence.segments import SegmentList
from evidence.wire import RenditionAnswer
from tests.archive.house import Answer, Footage, Open, derived_objects, rendition, segments_of

MEDIA = b"moving pictures"
OTHER = b"other pictures!"


async def brought(door: Open, objects: dict[str, bytes]) -> tuple[str, Answer]:
    """The clip and what the archive answers to a station that brings *objects*."""
    station = await door.station()
    footage = Footage(data=b"footage")
    await station.pull(footage)
    clip = (await station.archive(footage)).clip
    told, path = rendition(objects), f"/v1/clips/{clip}/rendition"
    wanted = await station.post(path, told)
    if wanted.status >= 300:
        return clip, wanted
    for name, put in wanted.as_(RenditionAnswer).uploads.items():
        station.put(put, objects[name])
    return clip, await station.post(f"{path}/complete", told)


async def test_the_root_over_the_segments_is_on_record(door: Open) -> None:
    clip, answer = await brought(door, derived_objects(MEDIA))

    assert answer.status == 200
    detail = next(each for each in await door.archive.clips() if each.summary.id == clip)
    made = next(each for each in detail.entries if each.kind == EntryKind.RENDITION_MADE)
    wanted = SegmentList.parse(segments_of(MEDIA, 6)).root.hex()
    assert json.loads(made.text)["segment_root"] == wanted


def without_last(manifest: bytes) -> bytes:
    told = json.loads(manifest)
    told["size"] -= told["segments"].pop()["length"]
    return json.dumps(told).encode()


LIES = {
    "of another clip": segments_of(OTHER, 6),
    "of other cuts than were told": segments_of(MEDIA, 6, 9),
    "of the beginning only": segments_of(MEDIA[:-1], 6),
    "of more than there is": segments_of(MEDIA + b"!", 6),
    "without its last segment": without_last(segments_of(MEDIA, 6, 9)),
    "of another object": segments_of(MEDIA, 6).replace(b"media.mp4", b"tiles.jpg"),
    "that is none": b"{}",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_manifest_that_does_not_fit_the_media_is_not_taken_in(door: Open, lie: str) -> None:
    clip, answer = await brought(door, derived_objects(MEDIA) | {"segments.json": LIES[lie]})

    assert answer.status == 422
    detail = next(each for each in await door.archive.clips() if each.summary.id == clip)
    assert detail.summary.rendition is None
    assert EntryKind.RENDITION_MADE not in {each.kind for each in detail.entries}


@pytest.mark.parametrize("name", ["segments.json", "index.m3u8", "media.mp4"])
async def test_media_without_what_verifies_it_is_not_even_offered(door: Open, name: str) -> None:
    objects = derived_objects(MEDIA)
    del objects[name]

    assert (await brought(door, objects))[1].status == 400
