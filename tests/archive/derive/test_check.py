from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from archive.catalogue import provenance
from archive.catalogue.catalogue import Transaction
from archive.catalogue.provenance import Link
from evidence.custody import EntryKind
from evidence.rights import Role
from evidence.segments import SegmentList
from evidence.vault import Bucket
from evidence.wire import ClipDetail, PlaybackRefusal, RenditionAnswer, RenditionOffer
from ingest.classify import HEAD, classify
from ingest.derive import Made, derive
from ingest.rendition.tools import Tools
from tests.archive.house import Footage, House, Open, Station
from tests.ingest.rendition.test_signatures import ONVIF, sign

RECIPE = "-f lavfi -i {source}=s=160x90:r=10:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p"


@pytest.fixture(scope="module")
def tools() -> Tools:
    return Tools.find()


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Path:
    """Two short recordings."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, source in (("bars.mp4", "testsrc2"), ("other.mp4", "smptebars")):
        words = RECIPE.format(source=source).split()
        argv = [str(tools.ffmpeg), "-nostdin", "-v", "error", *words, name]
        subprocess.run(argv, cwd=folder, check=True, timeout=60)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """An open archive that compares, with a station that derives."""

    door: Open
    station: Station
    tools: Tools

    async def archive(self, recording: Path) -> str:
        footage = Footage(data=recording.read_bytes(), path=recording.name.encode())
        await self.station.pull(footage)
        return (await self.station.archive(footage)).clip

    async def made(self, recording: Path, folder: Path) -> Made:
        data = recording.read_bytes()
        kind = classify(data[:HEAD], recording.name.encode(), len(data))
        return await derive(recording, kind, folder, tools=self.tools)

    async def send(self, clip: str, made: Made, told: RenditionOffer | None = None) -> int:
        """Hand *made* over as station's code does; the status."""
        told = told or made.offer
        path = f"/v1/clips/{clip}/rendition"
        wanted = (await self.station.post(path, told)).as_(RenditionAnswer)
        for name, put in wanted.uploads.items():
            self.station.put(put, (made.folder / name).read_bytes())
        return (await self.station.post(f"{path}/complete", told)).status

    async def judged(self, clip: str) -> ClipDetail:
        """The clip, once the archive has done its work on it."""
        async with asyncio.timeout(60):
            while not await self.door.archive.idle():  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.05)
        return next(c for c in await self.door.archive.clips() if c.summary.id == clip)


@pytest.fixture
async def studio(house: House, tools: Tools) -> AsyncIterator[Studio]:
    async with house.with_(tools=tools).opened() as door:
        yield Studio(door=door, station=await door.station(), tools=tools)


def last(detail: ClipDetail) -> dict[str, object]:
    """The last entry that is about comparing; hints are looked for beside it."""
    looked = EntryKind.QUALITY_LOOKED.value
    entry = [each for each in detail.entries if each.kind != looked][-1]
    fields: dict[str, object] = json.loads(entry.text)
    return fields


async def test_a_true_rendition_is_verified_and_says_by_what(
    studio: Studio, recordings: Path, tmp_path: Path
) -> None:
    clip = await studio.archive(recordings / "bars.mp4")
    made = await studio.made(recordings / "bars.mp4", tmp_path / "made")
    assert await studio.send(clip, made) == 200

    detail = await studio.judged(clip)

    rendition = detail.summary.rendition
    assert rendition is not None
    assert rendition.verified_by_archive
    assert rendition.check is not None
    verdicts = [e for e in detail.entries if e.kind == EntryKind.RENDITION_VERIFIED]
    assert [rendition.check.entry] == [each.index for each in verdicts]
    entry = last(detail)
    assert entry["kind"] == EntryKind.RENDITION_VERIFIED
    assert entry["same"] == ["frames", "index", "pictures", "times"]
    assert entry["digests"]["picture"]["sha256"] == made.offer.picture_digest  # type: ignore[index]


async def test_the_rendition_of_another_clip_is_refused_and_a_person_is_told(
    studio: Studio, recordings: Path, tmp_path: Path
) -> None:
    clip = await studio.archive(recordings / "bars.mp4")
    made = await studio.made(recordings / "other.mp4", tmp_path / "made")
    assert await studio.send(clip, made) == 200

    detail = await studio.judged(clip)

    assert detail.summary.rendition is not None
    assert not detail.summary.rendition.verified_by_archive
    assert last(detail)["kind"] == EntryKind.RENDITION_REFUSED
    await alter(studio, "verdict = 'verified'")
    assert "pictures" in (await studio.door.archive.problems())[0]
    shown = (await studio.judged(clip)).summary.rendition
    assert shown is not None
    assert shown.check is not None
    assert (shown.check.verdict, shown.verified_by_archive) == ("refused", False)
    await alter(studio, "verdict_entry = by_entry")  # which is no verdict at all
    assert (await studio.judged(clip)).summary.rendition.check is None  # type: ignore[union-attr]


async def test_an_announced_digest_that_is_not_the_originals_is_refused(
    studio: Studio, recordings: Path, tmp_path: Path
) -> None:
    clip = await studio.archive(recordings / "bars.mp4")
    made = await studio.made(recordings / "bars.mp4", tmp_path / "made")
    lie = msgspec.structs.replace(made.offer, picture_digest="0" * 64)

    assert await studio.send(clip, replace(made, offer=lie)) == 200

    detail = await studio.judged(clip)
    assert last(detail)["kind"] == EntryKind.RENDITION_REFUSED
    assert detail.summary.rendition is not None
    assert not detail.summary.rendition.verified_by_archive


@pytest.mark.parametrize("said", [["onvif"], ["axis"], [], ["axis", "onvif"], None])
async def test_other_camera_signatures_than_the_original_carries_are_refused(
    studio: Studio, recordings: Path, tmp_path: Path, said: list[str] | None
) -> None:
    signed = tmp_path / "signed.mp4"
    sign(recordings / "bars.mp4", signed, ONVIF)
    clip = await studio.archive(signed)
    made = await studio.made(signed, tmp_path / "made")
    assert made.offer.camera_signatures == ["onvif"]
    told = msgspec.structs.replace(made.offer, camera_signatures=said)

    assert await studio.send(clip, replace(made, offer=told)) == 200

    differs = last(await studio.judged(clip)).get("differs")
    lie = {"what": "camera_signatures_announced", "original": "onvif"}
    lied = [lie | {"rendition": ", ".join(said or []) or "none"}]
    assert differs == (None if said in (["onvif"], None) else lied)


async def test_a_stored_rendition_that_rotted_is_refused(
    house: House, tools: Tools, recordings: Path, tmp_path: Path
) -> None:
    async with house.opened() as door:  # no tools: nothing is compared yet
        studio = Studio(door=door, station=await door.station(), tools=tools)
        clip = await studio.archive(recordings / "bars.mp4")
        await studio.send(clip, await studio.made(recordings / "bars.mp4", tmp_path / "made"))
    rot(house, "media.mp4")

    async with house.with_(tools=tools).opened() as door:
        detail = await replace(studio, door=door).judged(clip)

    assert last(detail)["differs"][0]["what"] == "media.mp4"  # type: ignore[index]


async def test_an_original_that_reads_back_differently_stops_the_check_with_words(
    house: House, tools: Tools, recordings: Path, tmp_path: Path
) -> None:
    async with house.opened() as door:
        studio = Studio(door=door, station=await door.station(), tools=tools)
        clip = await studio.archive(recordings / "bars.mp4")
        await studio.send(clip, await studio.made(recordings / "bars.mp4", tmp_path / "made"))
    rot(house, "lab/", Bucket.ORIGINALS)

    async with house.with_(tools=tools).opened() as door:
        detail = await replace(studio, door=door).judged(clip)
        problems = await door.archive.problems()

    assert last(detail)["kind"] == EntryKind.RENDITION_MADE
    assert "given up: DigestMismatch: originals/" in problems[0]


def rot(house: House, part: str, bucket: Bucket = Bucket.DERIVED) -> None:
    """Flip a bit in the stored objects whose key has *part* in it, as a disk would."""
    for (where, key), versions in house.vault._held.items():
        for version, held in versions.items():
            if where is bucket and part in key:
                flipped = held.data[:-1] + bytes([held.data[-1] ^ 1])
                versions[version] = replace(held, data=flipped)


async def test_who_may_not_watch_sees_the_verdict_all_the_same(
    studio: Studio, recordings: Path, tmp_path: Path
) -> None:
    clip = await studio.archive(recordings / "bars.mp4")
    await studio.send(clip, await studio.made(recordings / "bars.mp4", tmp_path / "made"))
    await studio.judged(clip)
    auditor = await studio.door.person(Role.AUDITOR)

    detail = (await auditor.get(f"/v1/clips/{clip}")).as_(ClipDetail)

    assert detail.summary.rendition is not None
    assert detail.summary.rendition.verified_by_archive


def refusal(made: Made) -> PlaybackRefusal:
    """What a player tells that was given another init part than *made* has."""
    init = SegmentList.parse((made.folder / "segments.json").read_bytes()).segments[0]
    return PlaybackRefusal(
        object="media.mp4",
        offset=0,
        length=init.length,
        received=6,
        expected=init.sha256.hex,
        found="1" * 64,
    )


async def test_what_a_browser_refused_is_looked_at_anew(
    studio: Studio, house: House, recordings: Path, tmp_path: Path
) -> None:
    clip = await studio.archive(recordings / "bars.mp4")
    made = await studio.made(recordings / "bars.mp4", tmp_path / "made")
    await studio.send(clip, made)
    good = last(await studio.judged(clip))
    assert await proven_verdict(studio, clip) == good
    rot(house, "media.mp4")
    reviewer = await studio.door.person(Role.REVIEWER)
    assert (await reviewer.post(f"/v1/clips/{clip}/refusals", refusal(made))).status == 201

    detail = await studio.judged(clip)
    assert last(detail)["kind"] == EntryKind.RENDITION_REFUSED
    assert detail.summary.rendition is not None
    assert not detail.summary.rendition.verified_by_archive
    await alter(studio, "verdict_entry = (SELECT seq FROM entry WHERE kind = 'derive.verified')")
    assert await proven_verdict(studio, clip) == last(detail)


async def alter(studio: Studio, change: str) -> None:
    """Change the catalogue as somebody with the database would."""

    def do(tx: Transaction) -> None:
        tx.session.execute(text(f"UPDATE rendition SET {change}"))  # noqa: S608

    await studio.door.archive._books.catalogue.run(do)


async def proven_verdict(studio: Studio, clip: str) -> dict[str, object]:
    """The verdict that a player is given to prove."""
    links = await studio.door.archive._books.catalogue.run(provenance.of_clip, clip)
    (compared,) = [json.loads(each.raw) for each in links if each.link is Link.COMPARED]
    return dict(compared)
