"""Markers on the clip's page: a tap says what it shows, at the moment that stands there.

One rule: a script saves the reader a new page, and nothing else; without it the forms do the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from aiohttp import web

from evidence.rights import Action
from evidence.wire import MarkerShown, MarkerWanted
from player.disposal import as_things_stand
from player.pages import language_of
from player.places import ARCHIVE, Reader, wants_json
from player.session import reader, see_other
from player.shields import form_of
from player.timeline import Act, act

_MOMENT = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:\.(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One marker, as its list shows it."""

    marker: MarkerShown
    clock: str
    """Its moment; empty: the clip as a whole."""
    may_withdraw: bool


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's script learns when a marker is on record."""

    id: str
    code: str
    words: str
    at_ms: int | None
    clock: str
    note: str
    by: str
    act: Act | None
    """Its entry."""


def rows(markers: Sequence[MarkerShown], who: Reader) -> list[Row]:
    """The *markers* of a clip, those of it as a whole first."""
    any_of_them = who.may(Action.WITHDRAW_MARKER)
    return [
        Row(
            marker=each,
            clock=clock(each.at_ms),
            may_withdraw=each.withdrawn is None and (any_of_them or each.by == who.person.id),
        )
        for each in sorted(markers, key=lambda each: (each.at_ms is not None, each.at_ms or 0))
    ]


def clock(at_ms: int | None) -> str:
    """``1:02:03.400``, as the player writes moments; empty for none."""
    if at_ms is None:
        return ""
    seconds, rest = divmod(at_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{seconds:02}.{rest:03}"
    return f"{hours}:{minutes:02}:{tail}" if hours else f"{minutes}:{tail}"


def milliseconds(text: str) -> int | None:
    """The moment in *text* (``1:05.5``, ``65``); None for no text; ValueError if it is none."""
    if not text.strip():
        return None
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no moment such as 1:05 or 1:02:03.4")
    hours, minutes, seconds, rest = found.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int((rest or "0").ljust(3, "0"))


async def add(request: web.Request) -> web.Response:
    """POST /clips/{clip}/markers: it shows that, at that moment or as a whole."""
    who, form, clip = await reader(request), await form_of(request), request.match_info["clip"]
    try:
        at_ms = milliseconds(str(form.get("at", "")))
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    wanted = MarkerWanted(
        code=str(form.get("code", "")), at_ms=at_ms, note=str(form.get("note", "")).strip()
    )
    with as_things_stand(who, Action.MARK_CLIP):
        made = await request.app[ARCHIVE].set_marker(who.token, clip, wanted)
    if not wants_json(request):
        return see_other(f"/clips/{clip}#markers")
    entries, words = (
        (await request.app[ARCHIVE].clip(who.token, clip)).entries,
        language_of(request),
    )
    marked = Marked(
        id=made.id,
        code=made.code,
        words=words.coded("marker", made.code),
        at_ms=made.at_ms,
        clock=clock(made.at_ms),
        note=made.note or "",
        by=made.by_name,
        act=next((act(each, words) for each in entries if each.index == made.entry), None),
    )
    return web.Response(
        body=msgspec.json.encode(marked),
        status=HTTPStatus.CREATED,
        content_type="application/json",
    )


async def withdraw(request: web.Request) -> web.Response:
    """POST /clips/{clip}/markers/{marker}/withdraw: it is no longer said."""
    who, clip = await reader(request), request.match_info["clip"]
    with as_things_stand(who, Action.MARK_CLIP):
        await request.app[ARCHIVE].withdraw_marker(who.token, clip, request.match_info["marker"])
    return see_other(f"/clips/{clip}#markers")
