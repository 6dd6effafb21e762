"""Clips and incidents for people: lists, details, and grants to watch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from aiohttp import web

from archive.api.desk import DESK, Desk, bad_request, message_of, number_of, person_of
from archive.catalogue import shown, views
from archive.catalogue.shown import Wanted
from archive.catalogue.views import Place
from evidence.clock import stamp
from evidence.rights import Action, Allowed, Object, Subject, decide
from evidence.vault import Bucket, SignedRequest
from evidence.wire import (
    ClipDetail,
    ClipPage,
    HoldShown,
    IncidentPage,
    ThumbnailGrant,
    ThumbnailsWanted,
    WatchGrant,
    WatchRequest,
    WireRequest,
)

#: Seconds a grant is good: long enough to watch a piece of footage, after which a new one is asked.
WATCH_LIFE = 900
THUMBNAIL_LIFE = 120
MOST_SHOWN = 200
_LONGEST_REASON = 2000


async def page(request: web.Request) -> ClipPage:
    """A page of the clips this person may see, newest first."""
    subject = person_of(request).subject
    with bad_request():
        wanted = _wanted(request, subject)
    return await request.app[DESK].catalogue.run(shown.page, wanted)


async def detail(request: web.Request) -> ClipDetail:
    """One clip with its custody entries."""
    desk = request.app[DESK]
    clip = request.match_info["clip"]
    found = await desk.catalogue.run(shown.detail, clip, desk.sequencer.size)
    if isinstance(decide(person_of(request).subject, Action.READ_HOLDS), Allowed):
        return found
    return msgspec.structs.replace(found, holds=[_unnamed(each) for each in found.holds])


def _unnamed(hold: HoldShown) -> HoldShown:
    """That there is a hold, without whose and why."""
    return msgspec.structs.replace(hold, authority=None, reason=None, lift_reason=None)


async def incidents(request: web.Request) -> IncidentPage:
    """The incidents, each with the number of its clips."""
    return await request.app[DESK].catalogue.run(shown.incidents)


async def watch(request: web.Request) -> WatchGrant:
    """Record a view, then give the means to watch: in this order."""
    desk = request.app[DESK]
    asked = await message_of(request, WatchRequest)
    if len(asked.reason or "") > _LONGEST_REASON:
        raise web.HTTPBadRequest(text=f"a reason has at most {_LONGEST_REASON} characters")
    person, clip = person_of(request).id, request.match_info["clip"]
    view = await desk.catalogue.run(views.watch, person, clip, asked.reason)
    signed = await asyncio.to_thread(_sign, desk, view.places, WATCH_LIFE)
    return WatchGrant(
        entry=view.entry,
        expires=stamp(min(request.expires for _, request in signed)),
        objects={place.name: WireRequest.of(request) for place, request in signed},
    )


async def asked_for(request: web.Request) -> Sequence[str]:
    """The clips whose thumbnails are asked for."""
    asked = await message_of(request, ThumbnailsWanted)
    if not 0 < len(asked.clips) <= MOST_SHOWN:
        raise web.HTTPBadRequest(text=f"ask for 1 to {MOST_SHOWN} thumbnails at a time")
    return asked.clips


async def thumbnails(request: web.Request) -> ThumbnailGrant:
    """Record which clips' thumbnails are seen, then give the means to see them."""
    desk = request.app[DESK]
    clips = await asked_for(request)
    view = await desk.catalogue.run(views.glance, person_of(request).id, clips)
    signed = await asyncio.to_thread(_sign, desk, view.places, THUMBNAIL_LIFE)
    return ThumbnailGrant(
        entry=view.entry,
        objects={place.clip: WireRequest.of(request) for place, request in signed},
    )


def _sign(desk: Desk, places: Iterable[Place], seconds: int) -> list[tuple[Place, SignedRequest]]:
    vault = desk.vault
    return [
        (place, vault.sign_get(Bucket.DERIVED, place.key, place.version_id, seconds=seconds))
        for place in places
    ]


def _wanted(request: web.Request, subject: Subject) -> Wanted:
    """What the query asks for, within what *subject* may see; ValueError for a bad number."""
    query = request.query
    return Wanted(
        owner=_own_only(subject),
        officer=query.get("officer"),
        incident=query.get("incident"),
        clip_class=query.get("clip_class"),
        marker=query.get("marker"),
        unmarked=query.get("unmarked"),
        text=query.get("q"),
        before=None if "after" not in query else number_of(query["after"], 2**53),
        limit=number_of(query.get("limit", "50"), MOST_SHOWN),
    )


def _own_only(subject: Subject) -> str | None:
    """None for who may see anybody's clips; else the officer number they are held to."""
    if isinstance(decide(subject, Action.SEE_CLIP, Object(officer=None)), Allowed):
        return None
    return subject.officer or ""
