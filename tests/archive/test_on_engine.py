from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from archive.service import Archive
from evidence.clock import SetClock, SystemClock
from evidence.rights import Role
from evidence.vault.s3 import S3Vault
from evidence.wire import (
    Archived,
    IntakeAnswer,
    RenditionAnswer,
    WatchGrant,
    WatchRequest,
    WireRequest,
)
from tests.archive.house import Footage, House, Open, Station, derived_objects, rendition


async def _send(request: WireRequest, data: bytes | None = None) -> tuple[int, bytes]:
    method, url, headers = request.method, request.url, request.headers
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers, data=data) as answer,
    ):
        return answer.status, await answer.read()


async def _derive(station: Station, clip: str, objects: dict[str, bytes]) -> None:
    told = rendition(objects)
    wanted = await station.post(f"/v1/clips/{clip}/rendition", told)
    for name, request in wanted.as_(RenditionAnswer).uploads.items():
        assert (await _send(request, objects[name]))[0] == 200
    assert (await station.post(f"/v1/clips/{clip}/rendition/complete", told)).status == 200


async def test_a_clip_goes_in_and_is_watched_through_a_real_store(
    tmp_path: Path, agency_vault: S3Vault
) -> None:
    house = House.at(tmp_path)
    now = SetClock(SystemClock().now())
    parts = replace(house.parts, vault=agency_vault, clock=now)
    footage, objects = Footage(data=b"footage" * 1000), derived_objects()
    async with Archive.running(parts) as archive, TestClient(TestServer(archive.app)) as http:
        door = Open(archive=archive, http=http, vault=house.vault, clock=now)
        station, reviewer = await door.station(), await door.person(Role.REVIEWER)
        put = (await station.offer(footage)).as_(IntakeAnswer).put
        assert put is not None
        assert [(await _send(put, footage.data))[0] for _ in range(2)] == [200, 412]
        clip = (await station.complete(footage.clip)).as_(Archived).clip
        await _derive(station, clip, objects)

        grant = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest())

        media = grant.as_(WatchGrant).objects["media.mp4"]
        assert await _send(media) == (200, objects["media.mp4"])
