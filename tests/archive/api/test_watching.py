from __future__ import annotations

from urllib.parse import urlsplit

from evidence.rights import Role
from evidence.vault import Bucket
from evidence.wire import (
    ClipDetail,
    ClipPage,
    RenditionAnswer,
    RenditionOffer,
    RenditionShown,
    ThumbnailGrant,
    ThumbnailsWanted,
    WatchGrant,
    WatchRequest,
)
from tests.archive.house import Footage, Open, Person, Station, derived_objects, rendition, signed


async def _clip(door: Open, **facts: str) -> tuple[Station, str]:
    station = await door.station()
    footage = Footage(data=b"footage" + repr(facts).encode(), **facts)  # type: ignore[arg-type]
    return station, (await station.archive(footage)).clip


async def _kinds(person: Person, clip: str) -> list[str]:
    detail = (await person.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    return [entry.kind for entry in detail.entries]


async def test_a_view_is_on_record_before_the_first_byte(door: Open) -> None:
    station, clip = await _clip(door)
    await station.derive(clip)
    reviewer = await door.person(Role.REVIEWER)

    answer = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest(reason="case C-9"))

    grant = answer.as_(WatchGrant)
    assert set(grant.objects) == set(derived_objects())
    got = door.vault.answer(signed(grant.objects["media.mp4"]))
    assert (got.status, got.body) == (200, b"moving pictures")
    assert (await _kinds(reviewer, clip))[-1] == "view"
    detail = (await reviewer.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    assert "C-9" not in detail.entries[-1].text


async def test_a_clip_without_rendition_is_not_viewed(door: Open) -> None:
    _, clip = await _clip(door)
    reviewer = await door.person(Role.REVIEWER)

    answer = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest())

    assert answer.status == 409
    assert await _kinds(reviewer, clip) == ["archive.verified"]


async def test_one_entry_names_all_clips_whose_thumbnails_are_seen(door: Open) -> None:
    clips = []
    for camera in ("A", "B"):
        station, clip = await _clip(door, camera=camera)
        await station.derive(clip)
        clips.append(clip)
    reviewer = await door.person(Role.REVIEWER)

    answer = await reviewer.post("/v1/thumbnails", ThumbnailsWanted(clips=clips))

    assert set(answer.as_(ThumbnailGrant).objects) == set(clips)


async def test_an_officer_sees_only_clips_of_their_own(door: Open) -> None:
    station, other = await _clip(door, officer="0815")
    await station.derive(other)
    _, own = await _clip(door, officer="4711")
    officer = await door.person(Role.OFFICER, "4711")

    page = (await officer.get("/v1/clips?officer=0815")).as_(ClipPage)
    mine = (await officer.get("/v1/clips")).as_(ClipPage)

    assert (page.total, [clip.id for clip in mine.clips]) == (0, [own])
    assert (await officer.get(f"/v1/clips/{other}")).status == 403
    assert (await officer.post(f"/v1/clips/{other}/views", WatchRequest())).status == 403
    both = ThumbnailsWanted(clips=[own, other])
    assert (await officer.post("/v1/thumbnails", both)).status == 403


async def test_an_officer_without_number_sees_nothing(door: Open) -> None:
    await _clip(door)
    station = await door.station()
    await station.archive(Footage(data=b"nobody's", officer=None))

    page = (await (await door.person(Role.OFFICER)).get("/v1/clips")).as_(ClipPage)

    assert page.clips == []


async def test_an_officer_learns_nothing_from_an_id_that_does_not_exist(door: Open) -> None:
    _, other = await _clip(door, officer="0815")
    officer = await door.person(Role.OFFICER, "4711")

    absent = await officer.get("/v1/clips/c-" + "0" * 32)
    present = await officer.get(f"/v1/clips/{other}")

    assert absent == present


async def test_a_denied_attempt_is_on_record(door: Open) -> None:
    station, clip = await _clip(door)
    await station.derive(clip)
    admin = await door.person(Role.ADMIN)

    assert (await admin.post(f"/v1/clips/{clip}/views", WatchRequest())).status == 403

    assert (await _kinds(await door.person(Role.AUDITOR), clip))[-1] == "denied"


async def test_pages_follow_one_another_without_gap_or_double(door: Open) -> None:
    clips = [(await _clip(door, camera=f"cam {n}"))[1] for n in range(5)]
    reviewer = await door.person(Role.REVIEWER)

    seen: list[str] = []
    after = ""
    while True:
        page = (await reviewer.get(f"/v1/clips?limit=2{after}")).as_(ClipPage)
        seen += [clip.id for clip in page.clips]
        assert page.total == 5
        if page.next is None:
            break
        after = f"&after={page.next}"

    assert seen == clips[::-1]


async def test_the_list_can_be_searched(door: Open) -> None:
    for camera in ("cam A", "cam B"):
        await _clip(door, camera=camera)
    reviewer = await door.person(Role.REVIEWER)
    searches = {"q=cam%20a": 1, "q=%25": 0, "q=.mp4": 2, "clip_class=audio": 0, "q=4711": 2}

    found = {q: (await reviewer.get(f"/v1/clips?{q}")).as_(ClipPage).total for q in searches}

    assert found == searches


async def test_a_bad_number_in_the_query_is_a_bad_request(door: Open) -> None:
    reviewer = await door.person(Role.REVIEWER)

    for query in ("limit=0", "limit=x", "after=-1", "limit=" + "9" * 6000):
        assert (await reviewer.get(f"/v1/clips?{query}")).status == 400


async def test_a_rendition_is_taken_in_once_and_links_by_its_claimed_start(door: Open) -> None:
    station = await door.station()
    clip = (await station.archive(Footage(data=b"x", started=None))).clip

    first = await station.derive(clip, "2026-11-23T07:30:00+00:00")
    second = await station.derive(clip)

    assert first == second
    summary = (await door.archive.clips())[0].summary
    assert summary.started == "2026-11-23T07:30:00.000Z"
    assert summary.has_thumbnail


async def test_a_rendition_is_not_complete_before_its_objects_are(door: Open) -> None:
    station, clip = await _clip(door)
    told = rendition(derived_objects())

    missing = await station.post(f"/v1/clips/{clip}/rendition/complete", told)
    wanted = await station.post(f"/v1/clips/{clip}/rendition", told)
    for name, put in wanted.as_(RenditionAnswer).uploads.items():
        key = urlsplit(put.url).path.removeprefix("/derived/")
        door.vault.put(Bucket.DERIVED, key, derived_objects()[name][::-1])
    false = await station.post(f"/v1/clips/{clip}/rendition/complete", told)

    assert (missing.status, false.status) == (409, 422)


async def test_that_nothing_could_be_made_is_recorded_and_may_be_made_good(door: Open) -> None:
    station, clip = await _clip(door)
    none = RenditionOffer(kind="none", problem="moov atom not found")

    answer = await station.post(f"/v1/clips/{clip}/rendition/complete", none)
    assert answer.as_(RenditionShown).problem == "moov atom not found"

    assert (await station.derive(clip)).kind == "copy"


async def test_another_station_brings_no_rendition(door: Open) -> None:
    _, clip = await _clip(door)
    told = rendition(derived_objects())

    answer = await (await door.station()).post(f"/v1/clips/{clip}/rendition", told)

    assert answer.status == 403


async def test_a_put_of_a_rendition_not_taken_in_does_not_reach_the_one_that_was(
    door: Open,
) -> None:
    station, clip = await _clip(door)
    other = derived_objects(b"other pictures")
    offered = await station.post(f"/v1/clips/{clip}/rendition", rendition(other))
    await station.derive(clip)

    for name, put in offered.as_(RenditionAnswer).uploads.items():
        station.put(put, other[name])

    reviewer = await door.person(Role.REVIEWER)
    grant = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest())
    media = door.vault.answer(signed(grant.as_(WatchGrant).objects["media.mp4"]))
    assert media.body == derived_objects()["media.mp4"]


async def test_a_rendition_tells_its_problem_in_bounds(door: Open) -> None:
    station, clip = await _clip(door)
    told = RenditionOffer(kind="none", problem="x" * 20_000)

    answer = await station.post(f"/v1/clips/{clip}/rendition/complete", told)

    assert answer.status == 400
