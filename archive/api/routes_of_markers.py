"""The routes of markers."""

from __future__ import annotations

from archive.api import markers
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

ROUTES_OF_MARKERS = (
    Route(
        method="POST",
        path="/v1/clips/{clip}/markers",
        handler=markers.set_marker,
        who=Who.PERSON,
        takes=wire.MarkerWanted,
        gives=wire.MarkerShown,
        action=Action.MARK_CLIP,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/markers/{marker}/withdraw",
        handler=markers.withdraw_marker,
        who=Who.PERSON,
        gives=wire.MarkerShown,
        action=Action.MARK_CLIP,
        status=201,
    ),
)
