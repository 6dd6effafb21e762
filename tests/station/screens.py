"""Boards for a browser: stations of every size, served from a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from evidence.errors import NotHandedOut, TemporaryError
from evidence.wire import KioskIncident
from station.assignment import Assignment, How
from station.board import board
from station.choosing import OwnClip
from station.issuing import Issue
from station.kiosk import Own, Unheard
from station.kiosk_page import KioskDoor
from station.view import CardView, StationView, Totals, Word
from tests.ingest.serving import serving

GB = 10**9
LONG = "执法记录仪-the-longest-name-of-a-camera-that-anybody-ever-typed-into-a-firmware-" * 3
RECEIPT = f"EVIDOCK:RECEIPT:1:S-{'0A' * 16}:D-{'1B' * 16}:12:{'2C' * 32}"
BADGE = "0004711"
LONG_NUMBER, LONG_KIND = "J350203-20261128-00000001-" + "9" * 38, "家庭纠纷 " * 12
CALLED = "2026-11-27T09:03:00.000000Z"
PROBLEMS = ("the archive does not answer", "USB port 1-2.4: switched off, since it is a keyboard")

_WORKED = CardView(
    slot="",
    word=Word.COPYING,
    camera="BWC-00417",
    officer="031245",
    files_done=7,
    files_total=12,
    bytes_done=int(3.1 * GB),
    bytes_total=int(4.8 * GB),
    rate=31e6,
    battery=64,
    clock_offset=2.3,
    profile="ambarella-ga",
    verified="log",
)
_DONE = replace(_WORKED, files_done=12, bytes_done=int(4.8 * GB), rate=0.0)
KINDS = (
    _WORKED,
    replace(_DONE, word=Word.SAFE, cleared=True, next=True, receipt=RECEIPT, verified="hardware"),
    replace(_WORKED, word=Word.CALL, note="VID_0007.MP4 cannot be read: EIO at byte 8,388,608"),
    CardView(slot="", word=Word.EMPTY),
    replace(_WORKED, word=Word.CHECKING, important=2, clock_offset=-3700.0),
    replace(_WORKED, word=Word.READING, bytes_done=0, rate=0.0, verified="none"),
    replace(_DONE, word=Word.SAFE, cleared=True, unseen=True, next=True, receipt=RECEIPT),
    replace(
        _DONE,
        word=Word.SAFE,
        called=CALLED,
        worn_by=LONG,
        camera=LONG,
        officer=LONG,
        profile=LONG[:40],
    ),
    replace(_WORKED, word=Word.CALL, camera=LONG, officer=LONG, note=LONG, called=CALLED),
)


def station(slots: int) -> StationView:
    """A rack of *slots*, each kind of tile in turn."""
    cards = tuple(
        replace(KINDS[place % len(KINDS)], slot=f"usb 1-{place + 1}", label=str(place + 1))
        for place in range(slots)
    )
    totals = Totals(found=9001, verified=9000, archived=8765, released=321)
    return StationView(
        name="North gate",
        cards=cards,
        totals=totals,
        problems=PROBLEMS,
        witnesses_silent="2026-11-26T03:00:00.000Z",
    )


@dataclass(slots=True, kw_only=True)
class Screen:
    """A served board, and what it shows."""

    view: StationView
    url: str = ""
    records: bool = True
    """Whether a call can be recorded."""
    calls: list[str] = field(default_factory=list)
    asked: bool = True
    """Whether the archive can be asked for events."""
    said: list[tuple[str, ...]] = field(default_factory=list)
    """What was said at the kiosk."""

    async def call(self, place: str) -> None:
        if not self.records:
            raise TemporaryError("the journal cannot be written")
        self.calls.append(place)

    async def tap(self, badge: str) -> Issue:
        if badge != BADGE:
            raise NotHandedOut("this badge is nobody's", why="no-badge")
        card = self.view.cards[1]
        worn = Assignment(
            id="a-1", camera=card.camera, officer="031245", how=How.BADGE, since=CALLED
        )
        return Issue(assignment=worn, card=card, still_out=("BWC-00311",))

    async def own(self, badge: str) -> Own | Unheard:
        if badge != BADGE:
            return Unheard.NO_BADGE
        begins = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
        clips = [
            OwnClip(clip=f"c-{n}", camera=LONG if n else "BWC-00417", begins=each)
            for n, each in enumerate((begins, None, begins))
        ]
        events = [
            KioskIncident(
                incident=f"i-{n}",
                number=number,
                dispatched="2026-11-28T09:00:00.000Z",
                cleared="2026-11-28T10:00:00.000Z",
                call_type=kind,
            )
            for n, (number, kind) in enumerate((("E-1", "Burglary"), (LONG_NUMBER, LONG_KIND)))
        ]
        shown = [(clip, events if self.asked else []) for clip in clips]
        return Own(token="t", clips=shown, asked=self.asked)

    async def choose(self, token: str, clip: str, what: str, value: str) -> str | Unheard:
        if not self.records:
            raise TemporaryError("the journal cannot be written")
        self.said.append((token, clip, what, value))
        return Unheard.NOTHING if not value else {"i-0": "E-1"}.get(value, value)


@contextmanager
def shown(view: StationView) -> Iterator[Screen]:
    """*view* on a board."""
    screen = Screen(view=view)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="board")
    thread.start()
    door = KioskDoor(own=screen.own, choose=screen.choose)
    serves = serving(board(lambda: screen.view, screen.call, screen.tap, door))
    try:
        screen.url = asyncio.run_coroutine_threadsafe(serves.__aenter__(), loop).result(30)
        yield screen
    finally:
        ends = serves.__aexit__(None, None, None)
        asyncio.run_coroutine_threadsafe(ends, loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
