"""The kiosk on the board: what an officer is shown after a badge, and what they say by touch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web

from evidence import marking
from evidence.clock import unstamp
from evidence.errors import TemporaryError
from evidence.wire import KioskIncident
from station.board_requests import language_of, sent
from station.choosing import OwnClip
from station.kiosk import Own, Unheard
from station.words import LANGUAGES, TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskDoor:
    """What the board asks a kiosk."""

    own: Callable[[str], Awaitable[Own | Unheard]]
    """As :meth:`station.kiosk.Kiosk.own`; TemporaryError while there is no journal."""
    choose: Callable[[str, str, str, str], Awaitable[str | Unheard]]
    """As :meth:`station.kiosk.Kiosk.choose`."""


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A badge that was held to the reader."""

    badge: str


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody touched."""

    token: str
    clip: str
    what: str
    """``incident``, ``number`` or ``code``."""
    value: str


_DOOR: web.AppKey[KioskDoor] = web.AppKey("kiosk")


def add_kiosk(app: web.Application, door: KioskDoor) -> None:
    """Let the board hear what is said of clips."""
    app[_DOOR] = door
    app.router.add_post("/own", _own)
    app.router.add_post("/choose", _choose)


def has_kiosk(app: web.Application) -> bool:
    """Whether it does."""
    return _DOOR in app


def codes(language: str) -> Mapping[str, str]:
    """Kinds of markers, in the words of *language*."""
    place = LANGUAGES.index(language)
    return {code: words[place] for code, words in marking.CODES.items()}


async def _own(request: web.Request) -> web.Response:
    """What the badge is shown; 409 and why not; 503."""
    held = await sent(request, Held)
    try:
        found = await request.app[_DOOR].own(held.badge)
    except TemporaryError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    language = language_of(request)
    if isinstance(found, Unheard):
        raise web.HTTPConflict(text=TEXTS[language][f"not-{found.value}"])
    words = codes(language)
    return web.json_response(
        {
            "token": found.token,
            "asked": found.asked,
            "clips": [
                {
                    "clip": clip.clip,
                    "when": _when(clip, TEXTS[language]),
                    "said": [*clip.numbers, *(words.get(each, each) for each in clip.codes)],
                    "events": [_event(each) for each in events],
                }
                for clip, events in found.clips
            ],
        }
    )


async def _choose(request: web.Request) -> web.Response:
    """Put it on record; 200 and what to show for it; 409 and why not; 503."""
    chosen = await sent(request, Chosen)
    language = language_of(request)
    try:
        shown = await request.app[_DOOR].choose(
            chosen.token, chosen.clip, chosen.what, chosen.value
        )
    except TemporaryError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    if isinstance(shown, Unheard):
        raise web.HTTPConflict(text=TEXTS[language][f"not-{shown.value}"])
    return web.json_response({"said": codes(language).get(shown, shown)})


def _when(clip: OwnClip, texts: Mapping[str, str]) -> str:
    """When it began, by the clock on the wall, and its camera."""
    begins = texts["no-start"] if clip.begins is None else _local(clip.begins)
    return f"{begins} · {clip.camera}"


def _event(incident: KioskIncident) -> dict[str, str]:
    kind = f" {incident.call_type}" if incident.call_type else ""
    return {
        "incident": incident.incident,
        "number": incident.number,
        "about": f"{_local(unstamp(incident.dispatched))}{kind}",
    }


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%m-%d %H:%M}"
