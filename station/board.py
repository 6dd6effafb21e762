"""The board: what officers at the dock see, a tile for each slot, one big word on each.

One rule: it shows and does nothing else: no footage, no place, no button that changes anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import jinja2
import msgspec
from aiohttp import web

from station.view import CardView, StationView
from station.words import LANGUAGES, TEXTS

PERIOD = 0.5
"""Seconds between two looks at the station for a page that is open."""

Snapshot = Callable[[], StationView]

_WEB = Path(__file__).with_name("web")
_SNAPSHOT: web.AppKey[Snapshot] = web.AppKey("snapshot")
_CLOSING = web.AppKey("closing", asyncio.Event)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_WEB), autoescape=True, undefined=jinja2.StrictUndefined
)


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One slot, in the reader's language."""

    slot: str
    word: str
    text: str
    camera: str
    officer: str
    files: str
    percent: int
    speed: str
    note: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The whole board, in the reader's language."""

    tiles: list[Tile]
    totals: str
    problems: list[str]


def board(snapshot: Snapshot) -> web.Application:
    """The board of the station that *snapshot* shows."""
    app = web.Application()
    app[_SNAPSHOT] = snapshot
    app[_CLOSING] = asyncio.Event()
    app.router.add_get("/", _page)
    app.router.add_get("/events", _events)
    app.router.add_static("/static", _WEB / "static")
    app.on_response_prepare.append(_protect)
    app.on_shutdown.append(_close)
    return app


def show(view: StationView, language: str) -> Shown:
    """*view* in the words of *language*."""
    texts = TEXTS[language]
    totals = view.totals
    waiting = totals.verified - totals.archived
    counts = [f"{totals.archived} {texts['archived']}", f"{waiting} {texts['waiting']}"]
    if totals.released:
        counts.append(f"{totals.released} {texts['released']}")
    return Shown(
        tiles=[_tile(card, language) for card in view.cards],
        totals=" · ".join(counts),
        problems=list(view.problems),
    )


def _tile(card: CardView, language: str) -> Tile:
    texts = TEXTS[language]
    speed = f"{card.rate / 1e6:.1f} MB/s" if card.rate else ""
    if card.minutes_left is not None:
        speed += f" · {card.minutes_left} {texts['left']}"
    files = f"{texts['files']} {card.files_done}/{card.files_total}" if card.files_total else ""
    return Tile(
        slot=card.slot,
        word=card.word.value,
        text=texts[card.word],
        camera=card.camera,
        officer=f"{texts['officer']} {card.officer}" if card.officer else "",
        files=files,
        percent=card.percent,
        speed=speed,
        note=card.note or "",
    )


def _language(request: web.Request) -> str:
    wanted = request.query.get("lang", LANGUAGES[0])
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


async def _page(request: web.Request) -> web.Response:
    language = _language(request)
    view = request.app[_SNAPSHOT]()
    text = _PAGES.get_template("board.html").render(
        language=language,
        other=next(each for each in LANGUAGES if each != language),
        texts=TEXTS[language],
        name=view.name,
        shown=show(view, language),
    )
    return web.Response(text=text, content_type="text/html")


async def _events(request: web.Request) -> web.StreamResponse:
    """The board as server-sent events: one when it changed, at most every PERIOD."""
    language = _language(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    last, closing = b"", request.app[_CLOSING]
    while not closing.is_set():
        now = msgspec.json.encode(show(request.app[_SNAPSHOT](), language))
        try:
            await response.write(b": here\n\n" if now == last else b"data: " + now + b"\n\n")
        except ConnectionError:
            break
        last = now
        try:
            async with asyncio.timeout(PERIOD):
                await closing.wait()
        except TimeoutError:
            continue
    return response


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _close(app: web.Application) -> None:
    app[_CLOSING].set()
