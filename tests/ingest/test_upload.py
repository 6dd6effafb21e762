from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from aiohttp import web

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.wire import Archived, ClipOffer, IntakeAnswer, VaultFacts, WireRequest
from ingest.archive_client import ArchiveClient
from ingest.upload import Upload
from tests.ingest.serving import serving

FOOTAGE = bytes(range(256)) * 4096
LONG_ENOUGH = 20


class SlowReader:
    """An archive, and its store, that takes every clip and reads none back before it may."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.may_read, self.has_both = asyncio.Event(), asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/intake", self.offered)
        app.router.add_put("/store/{clip}", self.stored)
        app.router.add_post("/v1/intake/{clip}/complete", self.completed)
        return app

    async def offered(self, request: web.Request) -> web.Response:
        clip = msgspec.json.decode(await request.read(), type=ClipOffer).clip
        self.told.append(f"offered {clip}")
        url = f"{request.scheme}://{request.host}/store/{clip}"
        put = WireRequest(method="PUT", url=url, headers={}, expires="")
        return web.Response(body=msgspec.json.encode(IntakeAnswer(clip=clip, put=put)))

    async def stored(self, request: web.Request) -> web.Response:
        assert await request.read() == FOOTAGE
        self.told.append(f"stored {request.match_info['clip']}")
        if "stored a" in self.told and "stored b" in self.told:
            self.has_both.set()
        return web.Response()

    async def completed(self, request: web.Request) -> web.Response:
        await self.may_read.wait()
        clip = request.match_info["clip"]
        self.told.append(f"read {clip}")
        vault = VaultFacts(bucket="b", key=clip, version_id="v", mode="COMPLIANCE", lock_until="")
        done = Archived(
            clip=clip, vault=vault, retain_until="", retain_rule="", entry=0, entry_text=""
        )
        return web.Response(body=msgspec.json.encode(done))


def offer(clip: str) -> ClipOffer:
    return ClipOffer(
        clip=clip,
        camera="c",
        path_hex="",
        sha256=Sha256.of(FOOTAGE).hex,
        size=len(FOOTAGE),
        clip_class="video",
        profile="p",
        openings={},
    )


async def test_the_next_clip_is_sent_while_the_archive_reads_one_back(tmp_path: Path) -> None:
    reader, turn, staged = SlowReader(), asyncio.Semaphore(1), tmp_path / "staged"
    staged.write_bytes(FOOTAGE)
    async with serving(reader.app()) as url, ArchiveClient(url, SystemClock()) as archive:
        uploads = [
            Upload(archive=archive, staged=staged, offer=offer(clip), turn=turn)
            for clip in ("a", "b")
        ]
        running = [asyncio.create_task(upload.run()) for upload in uploads]
        async with asyncio.timeout(LONG_ENOUGH):
            await reader.has_both.wait()
            reader.may_read.set()
            await asyncio.gather(*running)

    assert reader.told[:4] == ["offered a", "stored a", "offered b", "stored b"]
    assert sorted(reader.told[4:]) == ["read a", "read b"]
