"""The routes of links: what people say of them, and the cameras of an event."""

from __future__ import annotations

from archive.api import kiosk, links
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

ROUTES_OF_LINKS = (
    Route(
        method="POST",
        path="/v1/clips/{clip}/links/{incident}/confirm",
        handler=links.confirm_link,
        who=Who.PERSON,
        gives=wire.LinkShown,
        action=Action.CONFIRM_LINK,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/links/{incident}/reject",
        handler=links.reject_link,
        who=Who.PERSON,
        takes=wire.LinkRejected,
        gives=wire.LinkShown,
        action=Action.REJECT_LINK,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/clips/{clip}/candidates",
        handler=links.list_candidates,
        who=Who.PERSON,
        gives=wire.CandidatePage,
        action=Action.CONFIRM_LINK,
        query=("number",),
    ),
    Route(
        method="GET",
        path="/v1/mine",
        handler=links.list_mine,
        who=Who.PERSON,
        gives=wire.MinePage,
        action=Action.LIST_CLIPS,
        query=("of", "days", "after", "limit"),
    ),
    Route(
        method="POST",
        path="/v1/kiosk/incidents",
        handler=kiosk.officer_incidents,
        who=Who.STATION,
        takes=wire.KioskAsked,
        gives=wire.KioskIncidents,
    ),
    Route(
        method="GET",
        path="/v1/groups",
        handler=links.event_groups,
        who=Who.PERSON,
        gives=wire.EventGroups,
        action=Action.LIST_INCIDENTS,
        query=("event",),
    ),
)
