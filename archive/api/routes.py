"""Every route of the API: what comes in, what goes out, who may come, and by what right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from archive.api import (
    cases,
    clips,
    disposal,
    fleet,
    intake,
    law,
    playback,
    record,
    release,
    sessions,
    stations,
)
from evidence import wire
from evidence.rights import Action

Handler = Callable[[web.Request], Awaitable[wire.Message | web.Response]]
About = Callable[[web.Request], Awaitable[Sequence[str]]]


async def _in_path(request: web.Request) -> Sequence[str]:
    """The clip in the path, if the route has one."""
    clip = request.match_info.get("clip")
    return () if clip is None else (clip,)


class Who(StrEnum):
    """Who may knock at a route."""

    ANYONE = "anyone"
    STATION = "station"
    """An enrolled station, by its signature."""
    PERSON = "person"
    """Somebody signed in; ``evidence.rights`` then decides."""
    EITHER = "station or person"
    LOG = "station or person; anyone where [archive] public_log says so"
    """Who reads the log's files, which hold no names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route.  People need *action*; None means it concerns only themselves."""

    method: str
    path: str
    handler: Handler
    who: Who
    takes: type[wire.Message] | None = None
    gives: type[wire.Message] | str
    """The message that is answered, or the media type of what is not a message."""
    action: Action | None = None
    about: About = _in_path
    """The clips a request is about: *action* must be allowed on each."""
    query: tuple[str, ...] = ()
    status: int = 200


ROUTES = (
    Route(
        method="POST",
        path="/v1/stations",
        handler=stations.enrol,
        who=Who.ANYONE,
        takes=wire.EnrolStation,
        gives=wire.StationEnrolled,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/log/successions",
        handler=stations.successions,
        who=Who.ANYONE,
        gives=wire.Successions,
    ),
    Route(
        method="POST",
        path="/v1/journal",
        handler=stations.push,
        who=Who.STATION,
        takes=wire.JournalPush,
        gives=wire.JournalAccepted,
    ),
    Route(
        method="GET",
        path="/v1/journal/through",
        handler=stations.through,
        who=Who.STATION,
        gives=wire.JournalAccepted,
    ),
    Route(
        method="POST",
        path="/v1/intake",
        handler=intake.offer,
        who=Who.STATION,
        takes=wire.ClipOffer,
        gives=wire.IntakeAnswer,
    ),
    Route(
        method="POST",
        path="/v1/intake/{clip}/parts",
        handler=intake.part,
        who=Who.STATION,
        takes=wire.PartWanted,
        gives=wire.WireRequest,
    ),
    Route(
        method="POST",
        path="/v1/intake/{clip}/complete",
        handler=intake.complete,
        who=Who.STATION,
        takes=wire.UploadDone,
        gives=wire.Archived,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/rendition",
        handler=intake.offer_rendition,
        who=Who.STATION,
        takes=wire.RenditionOffer,
        gives=wire.RenditionAnswer,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/rendition/complete",
        handler=intake.complete_rendition,
        who=Who.STATION,
        takes=wire.RenditionOffer,
        gives=wire.RenditionShown,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/release",
        handler=release.grant,
        who=Who.STATION,
        takes=wire.ReleaseWanted,
        gives=wire.ReleaseGranted,
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip}/receipts/{entry}",
        handler=record.receipt_of,
        who=Who.EITHER,
        gives="text/plain",
        action=Action.SEE_CLIP,
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip}/receipt",
        handler=record.receipt,
        who=Who.EITHER,
        gives="text/plain",
        action=Action.SEE_CLIP,
    ),
    Route(
        method="POST",
        path="/v1/sessions",
        handler=sessions.sign_in,
        who=Who.ANYONE,
        takes=wire.SignIn,
        gives=wire.Session,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/sessions",
        handler=sessions.who_am_i,
        who=Who.PERSON,
        gives=wire.PersonShown,
    ),
    Route(
        method="DELETE",
        path="/v1/sessions",
        handler=sessions.sign_out,
        who=Who.PERSON,
        gives=wire.PersonShown,
    ),
    Route(
        method="GET",
        path="/v1/clips",
        handler=clips.page,
        who=Who.PERSON,
        gives=wire.ClipPage,
        action=Action.LIST_CLIPS,
        query=("officer", "incident", "clip_class", "q", "after", "limit"),
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip}",
        handler=clips.detail,
        who=Who.PERSON,
        gives=wire.ClipDetail,
        action=Action.SEE_CLIP,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/views",
        handler=clips.watch,
        who=Who.PERSON,
        takes=wire.WatchRequest,
        gives=wire.WatchGrant,
        action=Action.WATCH_CLIP,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/classification",
        handler=law.classify,
        who=Who.PERSON,
        takes=wire.Classify,
        gives=wire.ClassifiedShown,
        action=Action.CLASSIFY_CLIP,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/holds",
        handler=law.hold,
        who=Who.PERSON,
        takes=wire.HoldWanted,
        gives=wire.HoldShown,
        action=Action.HOLD_CLIP,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/holds/{hold}/lift",
        handler=law.lift,
        who=Who.PERSON,
        takes=wire.HoldLifted,
        gives=wire.HoldShown,
        action=Action.LIFT_HOLD,
    ),
    Route(
        method="GET",
        path="/v1/cases",
        handler=cases.list_cases,
        who=Who.PERSON,
        gives=wire.CasePage,
        action=Action.LIST_CASES,
        query=("after",),
    ),
    Route(
        method="POST",
        path="/v1/cases/close",
        handler=cases.close_case,
        who=Who.PERSON,
        takes=wire.CaseClosed,
        gives=wire.CaseShown,
        action=Action.CLOSE_CASE,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/cases/reopen",
        handler=cases.reopen_case,
        who=Who.PERSON,
        takes=wire.CaseClosed,
        gives=wire.CaseShown,
        action=Action.CLOSE_CASE,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/disposal/queue",
        handler=disposal.queue,
        who=Who.PERSON,
        gives=wire.QueuePage,
        action=Action.SEE_DISPOSALS,
        query=("of", "after", "limit"),
    ),
    Route(
        method="GET",
        path="/v1/proposals",
        handler=disposal.proposals_made,
        who=Who.PERSON,
        gives=wire.ProposalPage,
        action=Action.SEE_DISPOSALS,
        query=("of", "clip", "after", "limit"),
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/disposal",
        handler=disposal.propose,
        who=Who.PERSON,
        takes=wire.DisposalWanted,
        gives=wire.ProposalShown,
        action=Action.PROPOSE_DISPOSAL,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/proposals/{proposal}/approve",
        handler=disposal.approve,
        who=Who.PERSON,
        gives=wire.ProposalShown,
        action=Action.APPROVE_PROPOSAL,
    ),
    Route(
        method="POST",
        path="/v1/proposals/{proposal}/withdraw",
        handler=disposal.withdraw,
        who=Who.PERSON,
        takes=wire.ProposalWithdrawn,
        gives=wire.ProposalShown,
        action=Action.WITHDRAW_PROPOSAL,
    ),
    Route(
        method="GET",
        path="/v1/law",
        handler=law.rules,
        who=Who.PERSON,
        gives=wire.LawShown,
        action=Action.LIST_CLIPS,
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip}/provenance",
        handler=playback.show,
        who=Who.PERSON,
        gives=wire.Provenance,
        action=Action.SEE_CLIP,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/refusals",
        handler=playback.refuse,
        who=Who.PERSON,
        takes=wire.PlaybackRefusal,
        gives=wire.PlaybackRefused,
        action=Action.WATCH_CLIP,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/thumbnails",
        handler=clips.thumbnails,
        who=Who.PERSON,
        takes=wire.ThumbnailsWanted,
        gives=wire.ThumbnailGrant,
        action=Action.WATCH_CLIP,
        about=clips.asked_for,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/incidents",
        handler=clips.incidents,
        who=Who.PERSON,
        gives=wire.IncidentPage,
        action=Action.LIST_INCIDENTS,
    ),
    Route(
        method="POST",
        path="/v1/fleet",
        handler=fleet.tell,
        who=Who.STATION,
        takes=wire.StationState,
        gives=wire.StateHeard,
    ),
    Route(
        method="GET",
        path="/v1/fleet",
        handler=fleet.overview,
        who=Who.PERSON,
        gives=wire.FleetPage,
        action=Action.SEE_FLEET,
    ),
    Route(
        method="GET",
        path="/v1/health",
        handler=record.health,
        who=Who.ANYONE,
        gives=wire.Health,
    ),
    Route(
        method="GET",
        path="/log/{path:checkpoint|witnessed|tile/.+}",
        handler=record.static,
        who=Who.LOG,
        gives="application/octet-stream",
        action=Action.READ_LOG,
    ),
)
"""``/v1/openapi.json``, printed from this list, is added beside it."""
