"""Cases with footage of one camera and of twelve, with documents and dossiers, before a player."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec

from evidence.clock import stamp
from evidence.wire import CaseClosed, CaseNamed, ClipPlaced, DocumentShown, Message
from tests.archive.feeds.sheets import HEADER
from tests.archive.house import START, Answer, Footage, House, derived_objects, rendition
from tests.player.lapsing import LONG, Lapse, lapsing

ONE, MANY, BARE = "K/1 一", "K-12", "K-0"
CAMERAS = 12
_CAMERA = "执法记录仪-BWC-with-a-very-long-name-{n:04}"


def _feed() -> str:
    """One officer at one event, and twelve at another; one event without anybody's footage."""
    span = "2026-11-23T07:00:00Z,2026-11-23T08:00:00Z"
    lines = [f"E-1,1000,{span},Theft,{ONE},1\n", f"E-0,9999,{span},Noise,{BARE},1\n"]
    lines += [f"E-12,{2000 + n},{span},Brawl,{MANY},1\n" for n in range(CAMERAS)]
    return HEADER + "".join(lines)


async def recorded(lapse: Lapse, n: int, officer: int, begin: int, minutes: int) -> str:
    """A clip of camera *n* that began so many minutes after the hour; its id."""
    started = START - timedelta(minutes=60 - begin)
    footage = Footage(
        data=f"{officer} {begin}".encode(),
        camera=_CAMERA.format(n=n),
        path=f"{begin}-{LONG}".encode(),
        officer=str(officer),
        started=stamp(started),
        offset_ms=1500,
    )
    clip = (await lapse.station.archive(footage)).clip
    objects = derived_objects(f"media of {clip}".encode())
    told = msgspec.structs.replace(rendition(objects), duration_ms=minutes * 60_000)
    await lapse.station.bring(clip, told, objects)
    return clip


async def filled(lapse: Lapse) -> None:
    """Footage with gaps in both cases; documents, versions and a closing in one."""
    lapse.clips["one"] = await recorded(lapse, 0, 1000, 5, 10)
    await recorded(lapse, 0, 1000, 20, 15)
    for n in range(CAMERAS):
        await recorded(lapse, n + 1, 2000 + n, 2 + n, 20)
        await recorded(lapse, n + 1, 2000 + n, 30 + n, 12)
    lapse.clips["none"] = (
        await lapse.station.archive(Footage(data=b"x", officer=None, started=None))
    ).clip
    await lapse.door.archive.import_feed_now()
    await said(lapse, "clips", ClipPlaced(number=ONE, clip=lapse.clips["none"], reason="shop CCTV"))
    assert (await hand_in(lapse, "询问笔录 " + "long title " * 9)).status == 201
    await said(lapse, "dossier", CaseNamed(number=ONE))
    await said(lapse, "close", CaseClosed(number=ONE, reason="verdict"))
    await said(lapse, "reopen", CaseClosed(number=ONE, reason="appeal"))


async def said(lapse: Lapse, what: str, told: Message) -> None:
    answer = await (await lapse.as_("lena")).post(f"/v1/cases/{what}", told)
    assert answer.status == 201, answer.body


async def hand_in(lapse: Lapse, title: str, data: bytes = b"%PDF-1.7") -> Answer:
    lena = await lapse.as_("lena")
    names = {"Case": ONE, "Title": title, "Name": "record " + LONG}
    headers = {f"Evidock-{name}": quote(text, safe="") for name, text in names.items()}
    headers["Authorization"] = f"Bearer {lena.token}"
    return await lapse.door.send("POST", "/v1/cases/documents", data, headers)


async def document_of(lapse: Lapse) -> DocumentShown:
    return (await hand_in(lapse, "another", b"other bytes")).as_(DocumentShown)


@asynccontextmanager
async def coursing(folder: Path) -> AsyncIterator[Lapse]:
    """Archive and player, with a feed that was not read yet."""
    (folder / "cad.csv").write_text(_feed())
    house = House.at(folder, incident_feed=str(folder / "cad.csv"), utc_offset_minutes=480)
    async with lapsing(folder, house) as lapse:
        yield lapse
