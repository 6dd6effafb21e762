from __future__ import annotations

import json

import pytest

from archive.catalogue.refusals import AGAIN, MOST
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.note import VerifierKey
from evidence.receipt import verify_receipt
from evidence.rights import Role
from evidence.wire import PlaybackRefusal, PlaybackRefused, Provenance
from tests.archive.house import Footage, Open, derived_objects

RECORDED = Sha256.of(derived_objects()["media.mp4"][6:]).hex
TOLD = PlaybackRefusal(
    object="media.mp4", offset=6, length=9, received=9, expected=RECORDED, found="1" * 64
)


async def watchable(door: Open) -> str:
    """The id of a clip with a rendition."""
    station, footage = await door.station(), Footage(data=b"footage")
    await station.pull(footage)
    clip = (await station.archive(footage)).clip
    await station.derive(clip)
    return clip


async def entries(door: Open, clip: str) -> list[dict[str, object]]:
    detail = next(each for each in await door.archive.clips() if each.summary.id == clip)
    return [json.loads(each.text) for each in detail.entries]


async def test_each_link_of_the_chain_comes_with_a_proof_that_holds(door: Open) -> None:
    clip = await watchable(door)
    person = await door.person(Role.REVIEWER)

    told = (await person.get(f"/v1/clips/{clip}/provenance")).as_(Provenance)

    assert [each.link for each in told.entries] == ["archive", "derived"]
    key = VerifierKey.parse(door.archive.verifier_key)
    assert told.log_key == str(key)
    for each in told.entries:
        assert each.receipt is not None
        proven = verify_receipt(each.receipt.encode(), each.text.encode(), [key])
        assert proven.index == each.index


async def test_a_refusal_is_on_record_with_range_and_both_digests(door: Open) -> None:
    clip = await watchable(door)
    person = await door.person(Role.REVIEWER)

    answer = await person.post(f"/v1/clips/{clip}/refusals", TOLD)

    told = (await entries(door, clip))[-1]
    assert answer.status == 201
    assert told["kind"] == EntryKind.VIEW_REFUSED
    assert (told["object"], told["offset"], told["length"]) == ("media.mp4", 6, 9)
    assert (told["expected"], told["found"]) == ({"sha256": RECORDED}, {"sha256": "1" * 64})


async def test_the_same_refusal_told_again_does_not_fill_the_log(door: Open) -> None:
    clip = await watchable(door)
    person = await door.person(Role.REVIEWER)

    first, again = [
        (await person.post(f"/v1/clips/{clip}/refusals", TOLD)).as_(PlaybackRefused)
        for _ in range(2)
    ]
    door.clock.advance(AGAIN.total_seconds() + 1)
    person = await door.person(Role.REVIEWER, name="later")
    later = (await person.post(f"/v1/clips/{clip}/refusals", TOLD)).as_(PlaybackRefused)

    assert first.entry == again.entry < later.entry


async def test_a_refusal_of_what_is_not_there_is_refused(door: Open) -> None:
    clip = await watchable(door)
    person = await door.person(Role.REVIEWER)
    frames = PlaybackRefusal(**{**_fields(TOLD), "object": "frames.json"})  # type: ignore[arg-type]
    passwd = PlaybackRefusal(**{**_fields(TOLD), "object": "/etc/passwd"})  # type: ignore[arg-type]

    absent = await person.post(f"/v1/clips/{clip}/refusals", frames)
    strange = await person.post(f"/v1/clips/{clip}/refusals", passwd)

    assert (absent.status, strange.status) == (404, 400)


NOT_ON_RECORD: tuple[dict[str, object], ...] = (
    {"expected": "0" * 64},
    {"offset": 5},
    {"length": 10},
    {"object": "index.m3u8"},
    {"object": "index.m3u8", "expected": Sha256.of(b"#EXTM3U").hex},  # whole, but not from 0
)


async def test_a_refusal_of_what_the_record_does_not_say_is_no_entry(door: Open) -> None:
    clip = await watchable(door)
    person = await door.person(Role.REVIEWER)

    answers = [
        await person.post(
            f"/v1/clips/{clip}/refusals",
            PlaybackRefusal(**{**_fields(TOLD), **change}),  # type: ignore[arg-type]
        )
        for change in NOT_ON_RECORD
    ]

    assert [each.status for each in answers] == [404] * len(NOT_ON_RECORD)
    assert EntryKind.VIEW_REFUSED not in {each["kind"] for each in await entries(door, clip)}


async def test_so_many_refusals_in_an_hour_are_enough(door: Open) -> None:
    clip = await watchable(door)
    person, other = await door.person(Role.REVIEWER), await door.person(Role.REVIEWER, name="other")

    def told(n: int) -> PlaybackRefusal:
        return PlaybackRefusal(**{**_fields(TOLD), "found": f"{n:064x}"})  # type: ignore[arg-type]

    path = f"/v1/clips/{clip}/refusals"
    taken = {(await person.post(path, told(n))).status for n in range(MOST)}
    answers = [await person.post(path, told(MOST)), await person.post(path, told(0))]
    answers.append(await other.post(path, told(MOST)))

    assert taken == {201}
    assert [each.status for each in answers] == [429, 201, 201]  # the first one stands already


def _fields(told: PlaybackRefusal) -> dict[str, object]:
    return {name: getattr(told, name) for name in told.__struct_fields__}


@pytest.mark.parametrize(
    ("role", "see", "refuse"),
    [(Role.AUDITOR, 200, 403), (Role.ADMIN, 403, 403), (Role.OFFICER, 403, 403)],
)
async def test_who_may_not_watch_has_nothing_to_refuse(
    door: Open, role: Role, see: int, refuse: int
) -> None:
    clip = await watchable(door)
    person = await door.person(role, officer="1" if role is Role.OFFICER else None)

    seen = await person.get(f"/v1/clips/{clip}/provenance")
    told = await person.post(f"/v1/clips/{clip}/refusals", TOLD)

    assert (seen.status, told.status) == (see, refuse)
