"""A real archive on the real engine, with a real player before it, served from a thread of its own.

The only hand-made part is the station: it enrols, pushes a journal entry and sends each clip and
its rendition with the product's own code.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from aiohttp import web
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.service import Archive, ArchiveParts
from evidence.clip import new_id
from evidence.clock import SystemClock
from evidence.commitment import Opening
from evidence.custody import EntryKind, station_act_message, write_entry
from evidence.digest import Sha256
from evidence.rights import Role
from evidence.settings import AgencySettings, ArchiveSettings, Settings
from evidence.vault import Vault
from evidence.wire import (
    CameraState,
    ClipOffer,
    EnrolStation,
    JournalAccepted,
    JournalPush,
    OpeningSent,
    StateHeard,
    StationAct,
    StationEnrolled,
    StationState,
)
from ingest.archive_client import ArchiveClient, StationKey
from ingest.classify import HEAD, Kind, classify
from ingest.derive import derive
from ingest.rendition.tools import Tools
from ingest.upload import Upload
from player import service
from tests.player.samples import NO_PICTURES, NOTHING, Sample

PASSWORD = "a password for tests"
PEOPLE = {
    "rita": (Role.REVIEWER, None),
    "otto": (Role.OFFICER, "0815"),
    "audrey": (Role.AUDITOR, None),
    "adam": (Role.ADMIN, None),
    "lena": (Role.LEGAL, None),
}
CASE = "K-2026-7"
IN_A_CASE = "sound.wav"
FEED = (
    "Event ID,Officer Badge ID,Officer Dispatched DateTime,Officer Cleared DateTime,Call Type,"
    "Case ID\n"
    "2026-0071,4711,2026-11-22T21:00:00Z,2026-11-22T22:00:00Z,Disturbance,\n"
    "2026-0072,9999,2026-11-22T21:00:00Z,2026-11-22T22:00:00Z,Traffic stop,\n"
    f"2026-0073,0815,2026-11-22T21:00:00Z,2026-11-22T22:00:00Z,Noise,{CASE}\n"
)
FLEET = StationState(
    version="1",
    free_bytes=7 << 30,
    docked=1,
    journal=0,
    cameras=[
        CameraState(
            camera="<img src=x onerror=alert(1)>",
            seen="2026-11-27T09:10:00.000Z",
            battery=9,
            clock_offset_ms=-90_000,
            missing=["VID_0003.MP4"],
        )
    ],
)
IMPORTED = {
    "imported_by": b"<b>Clerk</b> Li",
    "import_reason": "案件 7".encode(),
    "import_source": b"Shop X",
    "import_sha256": b"0" * 64,
}
"""What is said of the sample that was handed in as a file: :data:`NOTHING`."""
Result = TypeVar("Result")


class MovableClock(SystemClock):
    """The host's clock, *ahead* of it as far as a test wants."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(slots=True, kw_only=True)
class Window:
    """The running archive and player."""

    archive: Archive
    archive_url: str
    url: str
    """Of the player."""
    clock: MovableClock
    """Of the player alone."""
    loop: asyncio.AbstractEventLoop
    clips: dict[str, str] = field(default_factory=dict)
    """Sample -> id of its clip."""

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        """Do *work* where the archive runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def clip_url(self, sample: str) -> str:
        return f"{self.url}/clips/{self.clips[sample]}"


@contextmanager
def opened(folder: Path, vault: Vault, agency: str, samples: dict[str, Sample]) -> Iterator[Window]:
    """Archive and player over *vault*, with every sample archived and its rendition made."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="window")
    thread.start()
    stack = AsyncExitStack()

    def run(work: Coroutine[object, object, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(120)

    try:
        window = run(stack.enter_async_context(_running(folder, vault, agency)))
        run(_filled(window, folder, samples))
        yield window
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def _running(folder: Path, vault: Vault, agency: str) -> AsyncIterator[Window]:
    feed = folder / "incidents.csv"
    feed.write_text(FEED)
    settings = Settings(
        agency=AgencySettings(name=agency, origin="evidock.example/window"),
        archive=ArchiveSettings(incident_feed=str(feed), law_pack="us-ca"),
    )
    parts = ArchiveParts(
        settings=settings,
        folder=folder / "archive",
        vault=vault,
        clock=SystemClock(),
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        tools=Tools.find(),
    )
    clock = MovableClock()
    async with (
        Archive.running(parts) as archive,
        served(archive.app) as archive_url,
        served(service.build(settings, archive_url, clock=clock)) as url,
    ):
        yield Window(
            archive=archive,
            archive_url=archive_url,
            url=url,
            clock=clock,
            loop=asyncio.get_running_loop(),
        )


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """*app* on a free port; its URL."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _filled(window: Window, folder: Path, samples: dict[str, Sample]) -> None:
    for name, (role, officer) in PEOPLE.items():
        await window.archive.create_person(name, PASSWORD, role, officer)
    async with ArchiveClient(window.archive_url, SystemClock()) as line:
        station = await _enrolled(window, line)
        for number, (name, sample) in enumerate(samples.items(), start=1):
            clip = await _send(line, station, number, sample)
            made = await derive(sample.path, _kind(sample), folder / "scratch", tools=Tools.find())
            if name == NO_PICTURES:
                made = replace(made, offer=msgspec.structs.replace(made.offer, kind="copy"))
            await made.send(line, clip)
            window.clips[name] = clip
        await line.post("/v1/fleet", FLEET, StateHeard)
    await window.archive.import_feed_now()
    while not await window.archive.idle():  # noqa: ASYNC110 - the archive is asked, not told
        await asyncio.sleep(0.05)


async def _enrolled(window: Window, line: ArchiveClient) -> StationKey:
    private = Ed25519PrivateKey.generate()
    wanted = EnrolStation(
        code=await window.archive.enrolment_code("Dock 1"),
        name="Dock 1",
        public_key=private.public_key().public_bytes_raw().hex(),
    )
    answer = await line.post("/v1/stations", wanted, StationEnrolled)
    key = StationKey(station=answer.station, private=private)
    line.sign_as(key)
    return key


def _kind(sample: Sample) -> Kind:
    data = sample.path.read_bytes()
    return classify(data[:HEAD], sample.name, len(data))


async def _send(line: ArchiveClient, station: StationKey, number: int, sample: Sample) -> str:
    """Archive *sample*; the clip's id."""
    offer = _offer(sample, sample.path.read_bytes(), _kind(sample).clip_class.value)
    pulled = _pulled(station, number, offer)
    await line.post("/v1/journal", JournalPush(acts=[pulled]), JournalAccepted)
    return (await Upload(archive=line, staged=sample.path, offer=offer).run()).clip


def _offer(sample: Sample, data: bytes, clip_class: str) -> ClipOffer:
    path = b"DCIM/" + sample.name
    came = IMPORTED if os.fsdecode(sample.name) == NOTHING else {}
    camera = "import/BWC-0042" if came else "BWC-0042"
    values = {"path": path, "camera": camera.encode(), "officer": sample.officer.encode()}
    values |= {"started": sample.started.encode()} | came
    return ClipOffer(
        clip=new_id("c"),
        camera=camera,
        path_hex=path.hex(),
        sha256=Sha256.of(data).hex,
        size=len(data),
        clip_class=clip_class,
        profile="generic-dcim",
        openings={n: OpeningSent(**Opening.fresh(v).to_wire()) for n, v in values.items()},
        officer=sample.officer,
        started=sample.started,
        acquisition="imported" if came else "docked",
    )


def _pulled(station: StationKey, number: int, offer: ClipOffer) -> StationAct:
    commitments = {
        name: Opening(value=bytes.fromhex(sent.value_hex), salt=bytes.fromhex(sent.salt))
        for name, sent in offer.openings.items()
    }
    entry = write_entry(
        EntryKind.CLIP_PULLED,
        at=SystemClock().now(),
        by=station.station,
        clip=offer.clip,
        sha256=offer.sha256,
        size=offer.size,
        commitments={name: opening.commitment.hex for name, opening in commitments.items()},
    )
    signature = station.private.sign(station_act_message(station.station, number, entry.raw))
    return StationAct(number=number, raw=entry.raw.decode(), signature=signature.hex())
