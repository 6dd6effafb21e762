"""An archive and its player with three months of figures: odd names, few clips, late uploads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from archive.catalogue.catalogue import Transaction
from evidence.acquisition import Acquisition
from evidence.clip import ClipClass
from tests.archive.figured import Clip, Duty, Incident, World
from tests.archive.house import START
from tests.archive.ledger import enrol
from tests.player.lapsing import Lapse, lapsing

UNITS = ("350200310000", "思明分局" * 12, "=HYPERLINK(A1)", "<img src=x onerror=alert(1)>")
DAYS = timedelta(days=1)
_OFFICERS = (
    "4711",
    "@SUM(A1)",
    "厦门市公安局_" + "very-long-number-without-any-blank_" * 2,
)


def world(clips: int = 260) -> World:
    """Some of everything, the same each time."""
    duties = [
        Duty(officer=officer, unit=UNITS[n], since=_day(k), until=_day(k, 10), withdrawn=False)
        for n, officer in enumerate(_OFFICERS)
        for k in range(1, 60)
    ]
    incidents = [
        Incident(
            officer=_OFFICERS[n % 3],
            unit=UNITS[n % 4] if n % 2 else None,
            dispatched=_day(n % 70, 1),
            withdrawn=n % 17 == 0,
        )
        for n in range(90)
    ]
    return World(clips=[_clip(n) for n in range(clips)], incidents=incidents, duties=duties)


def _day(before: int, hours: int = 0) -> datetime:
    return START - before * DAYS + timedelta(hours=hours)


def _clip(n: int) -> Clip:
    started = _day(n % 70, 2)
    late = timedelta(hours=(9, 20, 40, 90, 400, 11, 12)[n % 7])
    return Clip(
        clip_class=(ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE)[n % 11 // 5],
        officer=_OFFICERS[n % 3] if n % 13 else None,
        started=started if n % 19 else None,
        offset_ms=500 if n % 5 == 0 else None,
        received=min(started + late, START),
        minutes=n % 60 if n % 6 else None,
        acquisition=Acquisition.IMPORTED if n % 23 == 0 else Acquisition.DOCKED,
        classified=n % 3 != 0,
        viewers=frozenset({"u-3"} if n % 9 == 0 else ()),
        incidents=frozenset({n % 90} if n % 4 else ()),
    )


@asynccontextmanager
async def figuring(folder: Path) -> AsyncIterator[Lapse]:
    """The archive and its player, with nothing in it yet; :func:`filled` brings the figures."""
    async with lapsing(folder) as lapse:
        yield lapse


async def filled(lapse: Lapse, made: World) -> None:
    """Have *made* in the archive."""

    def put(tx: Transaction) -> None:
        enrol(tx)
        made.put(tx)

    await lapse.door.archive._books.catalogue.run(put)
