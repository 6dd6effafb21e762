"""The routes of coverage: what lacks, and who answers why."""

from __future__ import annotations

from archive.api import coverage, rooms
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

ROUTES_OF_COVERAGE = (
    Route(
        method="GET",
        path="/v1/coverage",
        handler=coverage.list_coverage,
        who=Who.PERSON,
        gives=wire.CoveragePage,
        action=Action.SEE_COVERAGE,
        query=("since", "until", "unit", "officer", "event", "outcome", "after", "limit"),
    ),
    Route(
        method="GET",
        path="/v1/coverage/event",
        handler=coverage.one_event,
        who=Who.PERSON,
        gives=wire.EventCoverage,
        action=Action.SEE_COVERAGE,
        query=("number",),
    ),
    Route(
        method="GET",
        path="/v1/coverage/withheld",
        handler=coverage.list_withheld,
        who=Who.PERSON,
        gives=wire.WithheldPage,
        action=Action.SEE_COVERAGE,
        query=("since",),
    ),
    Route(
        method="POST",
        path="/v1/coverage/excuses",
        handler=coverage.ask_excuse,
        who=Who.PERSON,
        takes=wire.ExcuseWanted,
        gives=wire.ExcuseShown,
        action=Action.ASK_EXCUSE,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/coverage/excuses/{excuse}/approve",
        handler=coverage.approve_excuse,
        who=Who.PERSON,
        gives=wire.ExcuseShown,
        action=Action.APPROVE_EXCUSE,
    ),
    Route(
        method="POST",
        path="/v1/coverage/excuses/{excuse}/end",
        handler=coverage.end_excuse,
        who=Who.PERSON,
        takes=wire.ExcuseEnded,
        gives=wire.ExcuseShown,
        action=Action.END_EXCUSE,
    ),
    Route(
        method="GET",
        path="/v1/coverage/rooms",
        handler=rooms.list_stays,
        who=Who.PERSON,
        gives=wire.StayPage,
        action=Action.SEE_COVERAGE,
        query=("since", "until", "room", "outcome", "after", "limit"),
    ),
    Route(
        method="GET",
        path="/v1/coverage/rooms/stay",
        handler=rooms.one_stay,
        who=Who.PERSON,
        gives=wire.StayCoverage,
        action=Action.SEE_COVERAGE,
        query=("session",),
    ),
    Route(
        method="GET",
        path="/v1/coverage/outages",
        handler=rooms.list_outages,
        who=Who.PERSON,
        gives=wire.OutagePage,
        action=Action.SEE_COVERAGE,
        query=("after", "limit"),
    ),
    Route(
        method="POST",
        path="/v1/coverage/outages",
        handler=rooms.say_outage,
        who=Who.PERSON,
        takes=wire.OutageWanted,
        gives=wire.OutageShown,
        action=Action.SAY_OUTAGE,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/coverage/outages/{outage}/approve",
        handler=rooms.agree_outage,
        who=Who.PERSON,
        gives=wire.OutageShown,
        action=Action.AGREE_OUTAGE,
    ),
    Route(
        method="POST",
        path="/v1/coverage/outages/{outage}/end",
        handler=rooms.end_outage,
        who=Who.PERSON,
        takes=wire.OutageEnded,
        gives=wire.OutageShown,
        action=Action.END_OUTAGE,
    ),
)
