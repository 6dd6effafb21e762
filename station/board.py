"""The board: what officers at the dock see, a tile for each slot, one big word on each.

One rule: it shows, lets people call for a supervisor and, where badges are used, hands out a camera
for one, or hears which event a recording belongs to; nothing here changes anything else.  There is
no footage on it and no place where anybody was.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import jinja2
import msgspec
import segno
from aiohttp import web

from evidence.errors import NotHandedOut, TemporaryError
from station.board_requests import language_of, sent
from station.issuing import Issue
from station.journal.calls import STATION
from station.kiosk_page import KioskDoor, add_kiosk, codes, has_kiosk
from station.tiles import Tile, show
from station.view import StationView
from station.words import LANGUAGES, TEXTS

PERIOD = 0.5
"""Seconds between two looks at the station for a page that is open."""

Snapshot = Callable[[], StationView]
Call = Callable[[str], Awaitable[None]]
"""Calls a supervisor to a slot, or to the station; TemporaryError if that cannot be recorded."""

Tap = Callable[[str], Awaitable[Issue]]
"""Hands out a camera for a badge; NotHandedOut, or TemporaryError if that cannot be recorded."""

_LONGEST_REQUEST = 4096
_WEB = Path(__file__).with_name("web")
_SNAPSHOT: web.AppKey[Snapshot] = web.AppKey("snapshot")
_CALL: web.AppKey[Call] = web.AppKey("call")
_TAP: web.AppKey[Tap] = web.AppKey("tap")
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
_BLANK = {name: 0 if name == "percent" else "" for name in Tile.__struct_fields__}


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call for a supervisor."""

    slot: str
    """Where to; empty: to the station."""


class Badge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A badge that was held to the reader."""

    badge: str


def board(
    snapshot: Snapshot, call: Call, tap: Tap | None = None, kiosk: KioskDoor | None = None
) -> web.Application:
    """The board of the station that *snapshot* shows, and at which *call* calls.

    With *tap* it listens to a badge reader that types, as keyboards do; with *kiosk* as well, who
    holds a badge may say which event their recordings belong to.
    """
    app = web.Application(client_max_size=_LONGEST_REQUEST)
    app[_SNAPSHOT] = snapshot
    app[_CALL] = call
    app[_CLOSING] = asyncio.Event()
    app.router.add_get("/", _page)
    app.router.add_get("/events", _events)
    app.router.add_get("/receipt.svg", _receipt)
    app.router.add_post("/call", _called)
    if tap is not None:
        app[_TAP] = tap
        app.router.add_post("/tap", _tapped)
    if kiosk is not None:
        add_kiosk(app, kiosk)
    app.router.add_static("/static", _WEB / "static")
    app.on_response_prepare.append(_protect)
    app.on_shutdown.append(_close)
    return app


async def _page(request: web.Request) -> web.Response:
    language = language_of(request)
    view = request.app[_SNAPSHOT]()
    text = _PAGES.get_template("board.html").render(
        language=language,
        other=next(each for each in LANGUAGES if each != language),
        texts=TEXTS[language],
        name=view.name,
        shown=show(view, language),
        blank=_BLANK,
        badges=_TAP in request.app,
        kiosk=has_kiosk(request.app),
        codes=codes(language),
    )
    return web.Response(text=text, content_type="text/html")


async def _events(request: web.Request) -> web.StreamResponse:
    """The board as server-sent events: one when it changed, else a beat, every PERIOD."""
    language = language_of(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    last, closing = b"", request.app[_CLOSING]
    while not closing.is_set():
        now = msgspec.json.encode(show(request.app[_SNAPSHOT](), language))
        beat = b"event: beat\ndata:\n\n"
        try:
            await response.write(beat if now == last else b"data: " + now + b"\n\n")
        except ConnectionError:
            break
        last = now
        try:
            async with asyncio.timeout(PERIOD):
                await closing.wait()
        except TimeoutError:
            continue
    return response


async def _receipt(request: web.Request) -> web.Response:
    """The receipt of what stands in the slot, as a QR code."""
    slot = request.query.get("slot", "")
    cards = request.app[_SNAPSHOT]().cards
    text = next((card.receipt for card in cards if card.slot == slot), None)
    if text is None:
        raise web.HTTPNotFound(text="there is no receipt of what stands there")
    drawn = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return web.Response(body=drawn.getvalue(), content_type="image/svg+xml")


async def _called(request: web.Request) -> web.Response:
    """Call a supervisor; 204 once it is on record, 503 with the reason if it cannot be."""
    wanted = await sent(request, Wanted)
    slots = {card.slot for card in request.app[_SNAPSHOT]().cards}
    if wanted.slot != STATION and wanted.slot not in slots:
        raise web.HTTPNotFound(text="there is no such slot")
    try:
        await request.app[_CALL](wanted.slot)
    except TemporaryError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    return web.Response(status=web.HTTPNoContent.status_code)


async def _tapped(request: web.Request) -> web.Response:
    """Hand out a camera; 200 and what to do, once it is on record; 409 and why not; 503."""
    texts = TEXTS[language_of(request)]
    wanted = await sent(request, Badge)
    try:
        issue = await request.app[_TAP](wanted.badge)
    except NotHandedOut as error:
        raise web.HTTPConflict(text=texts[f"not-{error.why}"]) from error
    except TemporaryError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    out = f"{texts['still-out']} {', '.join(issue.still_out)}" if issue.still_out else ""
    told = {
        "place": texts["take"].format(issue.card.label or issue.card.slot),
        "camera": issue.card.camera,
        "officer": f"{texts['officer']} {issue.assignment.officer}",
        "out": out,
    }
    return web.json_response(told)


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _close(app: web.Application) -> None:
    app[_CLOSING].set()
