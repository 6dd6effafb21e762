"""One route of the API: what comes in, what goes out, who may come, and by what right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from evidence import wire
from evidence.rights import Action

Handler = Callable[[web.Request], Awaitable[wire.Message | web.StreamResponse]]
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
    FEED = "feed"
    """Another system, by its key of a feed."""
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
