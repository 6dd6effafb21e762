from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from archive.catalogue.catalogue import Transaction
from evidence.canonical import canonical
from evidence.custody import EntryKind, station_act_message
from evidence.wire import EnrolStation, JournalAccepted, JournalPush, StationAct, StationEnrolled
from tests.archive.house import Answer, House, Open, Station
from tests.archive.places import all_that_is_kept


async def _enrol(door: Open, code: str, key: str = "ab" * 32) -> Answer:
    wanted = EnrolStation(code=code, name="Dock", public_key=key)
    return await door.post("/v1/stations", wanted)


async def _push(station: Station, *acts: StationAct) -> Answer:
    return await station.post("/v1/journal", JournalPush(acts=list(acts)))


async def test_a_code_enrols_once(door: Open) -> None:
    code = await door.archive.enrolment_code("Dock")

    assert (await _enrol(door, code)).status == 201
    assert (await _enrol(door, code, "cd" * 32)).status == 403


async def test_a_code_grows_old(door: Open) -> None:
    code = await door.archive.enrolment_code("Dock")
    door.clock.advance(15 * 60)

    assert (await _enrol(door, code)).status == 403


async def test_a_key_that_enrols_again_is_the_same_station(door: Open) -> None:
    first = await _enrol(door, await door.archive.enrolment_code("Dock"))
    second = await _enrol(door, await door.archive.enrolment_code("Dock"))

    assert first.as_(StationEnrolled) == second.as_(StationEnrolled)


async def test_the_catalogue_does_not_hold_the_code(house: House) -> None:
    async with house.opened() as door:
        code = await door.archive.enrolment_code("Dock")

    kept = all_that_is_kept(house.parts.folder)
    assert b"Dock" in kept
    assert code.encode() not in kept


async def test_a_request_of_another_key_is_refused(door: Open) -> None:
    station = await door.station()
    thief = replace(station, key=Ed25519PrivateKey.generate())

    assert (await thief.get("/v1/journal/through")).status == 403


async def test_a_request_without_signature_is_refused(door: Open) -> None:
    assert (await door.send("GET", "/v1/journal/through", b"", {})).status == 403


async def test_a_signed_request_cannot_be_replayed_even_after_a_restart(house: House) -> None:
    path = "/v1/journal/through"
    async with house.opened() as door:
        station = await door.station()
        headers = station.headers("GET", path, b"")
        assert (await door.send("GET", path, b"", headers)).status == 200
        assert (await door.send("GET", path, b"", headers)).status == 403
    async with house.opened() as door:
        assert (await door.send("GET", path, b"", headers)).status == 403


async def test_a_stale_signature_is_refused(door: Open) -> None:
    station = await door.station()
    headers = station.headers("GET", "/v1/journal/through", b"")
    door.clock.advance(301)

    assert (await door.send("GET", "/v1/journal/through", b"", headers)).status == 403


async def test_a_body_changed_under_way_is_refused(door: Open) -> None:
    station = await door.station()
    headers = station.headers("POST", "/v1/journal", b'{"acts":[]}')

    answer = await door.send("POST", "/v1/journal", b'{"acts": []}', headers)

    assert answer.status == 403


async def test_the_journal_is_taken_in_order_and_again_without_harm(door: Open) -> None:
    station = await door.station()
    acts = [station.act(EntryKind.DOCK_SEEN) for _ in range(5)]

    first = await _push(station, *acts[:3])
    again = await _push(station, *acts)

    assert first.as_(JournalAccepted).through == 3
    assert again.as_(JournalAccepted).through == 5
    assert (await station.get("/v1/journal/through")).as_(JournalAccepted).through == 5


async def test_a_gap_in_the_journal_takes_nothing_in(door: Open) -> None:
    station = await door.station()
    acts = [station.act(EntryKind.DOCK_SEEN) for _ in range(4)]

    answer = await _push(station, acts[0], acts[2])

    assert (answer.status, answer.title) == (409, "OutOfTurn")
    assert (await station.get("/v1/journal/through")).as_(JournalAccepted).through == 0


async def test_a_journal_entry_cannot_be_told_differently_later(door: Open) -> None:
    station = await door.station()
    first = station.act(EntryKind.DOCK_SEEN)
    assert (await _push(station, first)).status == 200
    station.acts.clear()

    answer = await _push(station, station.act(EntryKind.CLIP_FOUND, "c-" + "0" * 32))

    assert (answer.status, answer.title) == (403, "Refused")


async def test_an_act_signed_by_another_station_is_refused(door: Open) -> None:
    station, other = await door.station(), await door.station()

    answer = await _push(station, replace(other).act(EntryKind.DOCK_SEEN))

    assert answer.status == 403


async def test_a_signed_act_must_be_one_a_station_may_record(door: Open) -> None:
    station = await door.station()
    good = {"v": 1, "kind": "dock.seen", "at": "2026-11-23T08:00:00.000Z", "by": station.id}
    raws = [
        canonical({**good, "kind": "archive.verified"}),
        canonical({**good, "by": "s-somebody"}),
        canonical({**good, "v": 2}),
        canonical({**good, "at": 1}),
        canonical({**good, "commitments": {"path": "zz"}}),
        canonical(good) + b" ",
    ]
    for raw in raws:
        signature = station.key.sign(station_act_message(station.id, 1, raw)).hex()
        act = StationAct(number=1, raw=raw.decode(), signature=signature)

        assert (await _push(station, act)).status == 400


async def test_refusals_of_strangers_do_not_flood_the_log(door: Open) -> None:
    for _ in range(20):
        await door.send("GET", "/v1/journal/through", b"", {})

    assert await door.archive.desk.catalogue.run(_denials) == 1


def _denials(tx: Transaction) -> int:
    counted = tx.session.execute(text("SELECT count(*) FROM entry WHERE kind = 'denied'"))
    return int(counted.scalar_one())


async def test_an_act_has_no_room_for_a_name(door: Open) -> None:
    station = await door.station()
    good = {"v": 1, "kind": "dock.seen", "at": "2026-11-23T08:00:00.000Z", "by": station.id}
    raws = [
        canonical({**good, "officer": "4711"}),
        canonical({**good, "clip": "Ann Lee"}),
        canonical({**good, "at": "at noon, by Ann Lee"}),
        canonical({**good, "reason": "Ann Lee"}),
        canonical({**good, "commitments": {"Ann Lee": "00" * 32}}),
        canonical({**good, "port": "Ann Lee"}),
        canonical({**good, "interfaces": ["Ann Lee"]}),
        canonical({**good, "unanswered": ["Ann Lee"]}),
        canonical({**good, "camera_clock": "noon, says Ann Lee"}),
    ]
    for raw in raws:
        signature = station.key.sign(station_act_message(station.id, 1, raw)).hex()
        act = StationAct(number=1, raw=raw.decode(), signature=signature)

        assert (await _push(station, act)).status == 400


async def test_a_signature_time_in_foreign_digits_is_refused(door: Open) -> None:
    station, path = await door.station(), "/v1/journal/through"
    headers = station.headers("GET", path, b"")
    created = str(int(door.clock.now().timestamp()))
    arabic = created.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    headers["Signature-Input"] = headers["Signature-Input"].replace(created, arabic)

    assert (await door.send("GET", path, b"", headers)).status == 403
