"""How a clip came here: what an archive takes a station's word for, and what it keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from archive.fixity import nobody
from archive.fixity.told import of_clip
from evidence.acquisition import Acquisition
from evidence.custody import Entry, EntryKind, wrap_station_act, write_entry
from evidence.rights import Role
from evidence.wire import ClipDetail, ClipPage, JournalPush, OpeningSent
from tests.archive.house import Footage, Open, derived_objects, rendition

IMPORTED = Footage(
    data=b"of a shop",
    camera="import/CCTV",
    officer=None,
    started=None,
    acquisition="imported",
    imported_by="李书记员",
    import_reason="case 7",
)


async def test_the_grade_and_who_handed_it_in_are_shown_with_the_clip(door: Open) -> None:
    station = await door.station()
    clip = (await station.archive(IMPORTED)).clip
    await station.archive(Footage(data=b"docked"))
    reader = await door.person(Role.REVIEWER)

    page = (await reader.get("/v1/clips")).as_(ClipPage)
    detail = (await reader.get(f"/v1/clips/{clip}")).as_(ClipDetail)

    assert sorted(each.acquisition for each in page.clips) == ["docked", "imported"]
    assert detail.imported is not None
    assert (detail.imported.by, detail.imported.reason, detail.imported.source) == (
        "李书记员",
        "case 7",
        None,
    )
    assert await door.archive.examine(nobody) == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(IMPORTED, camera="BWC-1"),
        replace(IMPORTED, acquisition="docked"),
        replace(IMPORTED, acquisition="pushed", imported_by=None, import_reason=None),
        replace(IMPORTED, imported_by=None),
        replace(IMPORTED, import_reason=None),
        replace(IMPORTED, imported_by="x" * 513),
        replace(IMPORTED, acquisition="given"),
        replace(IMPORTED, acquisition=""),
        Footage(data=b"x", imported_by="who"),
        Footage(data=b"x", acquisition="imported", imported_by="who", import_reason="why"),
    ],
    ids=lambda footage: f"{footage.acquisition}-{footage.camera[:9]}-{footage.imported_by}"[:40],
)
async def test_a_grade_that_does_not_fit_is_no_offer(door: Open, wrong: Footage) -> None:
    station = await door.station()

    assert (await station.offer(wrong)).status == 400


async def test_what_was_pushed_is_not_docked_because_an_older_station_does_not_say(
    door: Open,
) -> None:
    station = await door.station()
    silent = msgspec.structs.replace(Footage(data=b"x").offer, profile="axis-push")

    assert (await station.post("/v1/intake", silent)).status == 400


@pytest.mark.parametrize("value", ["ff", "", "zz"])
async def test_a_name_that_is_no_text_is_no_offer(door: Open, value: str) -> None:
    station = await door.station()
    sent = IMPORTED.offer
    for name in ("imported_by", "import_sha256"):
        odd = {**sent.openings, name: OpeningSent(salt="00" * 32, value_hex=value)}

        answer = await station.post("/v1/intake", msgspec.structs.replace(sent, openings=odd))

        assert answer.status == 400


@pytest.mark.parametrize("told", [Acquisition.DOCKED, Acquisition.PUSHED])
async def test_a_station_cannot_better_the_grade_that_it_signed(
    door: Open, told: Acquisition
) -> None:
    """Its journal says how the clip came, before it is offered."""
    station = await door.station()
    offered = Footage(data=b"x", acquisition=told.value)
    other = Acquisition.PUSHED if told is Acquisition.DOCKED else Acquisition.DOCKED
    await station.pull(replace(offered, acquisition=other.value))

    answer = await station.offer(offered)

    assert (answer.status, answer.title) == (403, "Refused")


async def test_a_station_that_signed_two_grades_can_offer_none(door: Open) -> None:
    station = await door.station()
    offered = Footage(data=b"x")
    await station.pull(replace(offered, acquisition="pushed"))
    again = station.act(EntryKind.CLIP_PULLED, offered.clip, acquisition="docked")
    assert (await station.post("/v1/journal", JournalPush(acts=[again]))).status == 200

    for told in ("docked", "pushed"):
        answer = await station.offer(replace(offered, acquisition=told))

        assert (answer.status, answer.title) == (403, "Refused")


async def test_a_grade_that_was_signed_after_a_better_one_was_archived_is_found(door: Open) -> None:
    """The journal may reach the archive after the clip: then only the log can tell."""
    station = await door.station()
    offered = Footage(data=b"x")
    await station.archive(offered)
    await station.pull(replace(offered, acquisition="pushed"))

    found = await door.archive.examine(nobody)

    assert ["acquisition" in each.problem for each in found] == [True]


def entry_of_before(moment: datetime) -> Entry:
    """An ``archive.verified`` entry as older products wrote it."""
    digests = {"sha256": "00" * 32}
    names = ("received", "bucket", "key", "lock_mode", "lock_until", "retain_until", "retain_rule")
    return write_entry(
        EntryKind.ARCHIVED,
        at=moment,
        by="archive",
        clip="c-1",
        digests=digests,
        manifest=digests,
        size=1,
        station="s-1",
        version="v",
        **{"class": "video"},
        **dict.fromkeys(names, "x"),
    )


@pytest.mark.parametrize(("profile", "came"), [("axis-push", "pushed"), ("generic", "docked")])
def test_entries_of_before_mean_what_the_stations_profile_says(profile: str, came: str) -> None:
    """They do not say how the clip came, and there were two ways then."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    found = write_entry(EntryKind.CLIP_FOUND, at=moment, by="s-1", clip="c-1", profile=profile)
    act = wrap_station_act(found.raw, at=moment, station="s-1", number=1, signature=bytes(64))
    archived = entry_of_before(moment)

    told = of_clip("c-1", [(0, act.raw), (1, archived.raw)], "lab")
    without = of_clip("c-1", [(1, archived.raw)], "lab")

    assert (told.clip["acquisition"], told.clip["profile"]) == (came, profile)
    assert without.clip["acquisition"] == "docked"


@pytest.mark.parametrize("told", [None, [], ["onvif"], ["onvif", "axis"]])
async def test_signatures_that_a_station_saw_are_shown_and_in_the_log(
    door: Open, told: list[str] | None
) -> None:
    station = await door.station()
    clip = (await station.archive(Footage(data=b"signed"))).clip
    offer = msgspec.structs.replace(rendition(derived_objects()), camera_signatures=told)
    await station.bring(clip, offer, derived_objects())
    reader = await door.person(Role.REVIEWER)

    detail = (await reader.get(f"/v1/clips/{clip}")).as_(ClipDetail)

    assert detail.summary.rendition is not None
    assert detail.summary.rendition.camera_signatures == told
    (made,) = [json.loads(each.text) for each in detail.entries if each.kind == "derive"]
    assert made.get("camera_signatures") == told
    assert await door.archive.examine(nobody) == []


@pytest.mark.parametrize("told", [["verified"], ["onvif", "onvif"], [""]])
async def test_no_other_word_is_taken_for_a_signature(door: Open, told: list[str]) -> None:
    station = await door.station()
    clip = (await station.archive(Footage(data=b"signed"))).clip
    offer = msgspec.structs.replace(rendition(derived_objects()), camera_signatures=told)

    assert (await station.post(f"/v1/clips/{clip}/rendition", offer)).status == 400
