from __future__ import annotations

import asyncio

import msgspec

from archive.intake import MOST_PARTS
from evidence.vault import OBJECT_MAX, SINGLE_PUT_MAX
from evidence.wire import IntakeAnswer, OpeningSent
from tests.archive.house import Footage, House, Open


async def test_an_id_that_another_journal_told_first_is_refused(door: Open) -> None:
    finder, thief = await door.station(), await door.station()
    footage = Footage(data=b"footage")
    await finder.pull(footage)

    answer = await thief.offer(Footage(data=b"other", camera="BWC-9", clip=footage.clip))

    assert (answer.status, answer.title) == (403, "Refused")
    assert (await finder.offer(footage)).status == 200


async def test_an_opening_under_a_name_of_ones_own_is_no_offer(door: Open) -> None:
    station = await door.station()
    offer = Footage(data=b"footage").offer
    more = {**offer.openings, "Ann Lee": OpeningSent(salt="00" * 32, value_hex="00")}

    answer = await station.post("/v1/intake", msgspec.structs.replace(offer, openings=more))

    assert answer.status == 400


async def test_offers_at_once_of_a_large_original_begin_one_upload(house: House) -> None:
    footage = Footage(data=b"footage")
    async with house.with_(single_put_max=1).opened() as door:
        station = await door.station()

        answers = await asyncio.gather(*[station.offer(footage) for _ in range(4)])

    grants = [answer.as_(IntakeAnswer).parts for answer in answers]
    assert len({grant and grant.upload for grant in grants}) == 1


async def test_the_largest_object_goes_in_parts_that_a_store_takes(door: Open) -> None:
    station = await door.station()
    offer = msgspec.structs.replace(Footage(data=b"sparse").offer, size=OBJECT_MAX)

    answer = (await station.post("/v1/intake", offer)).as_(IntakeAnswer)

    assert answer.parts is not None
    assert OBJECT_MAX // MOST_PARTS <= answer.parts.part_size <= SINGLE_PUT_MAX


async def test_what_no_object_can_hold_is_refused_before_a_byte_is_sent(door: Open) -> None:
    station = await door.station()
    offer = msgspec.structs.replace(Footage(data=b"sparse").offer, size=OBJECT_MAX + 1)

    answer = await station.post("/v1/intake", offer)

    assert (answer.status, answer.title) == (403, "Refused")
