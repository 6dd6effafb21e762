"""Where handlers find what they work with: on the application, and on each request."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from aiohttp import web

from evidence.rights import Action, Allowed, Object, Role, Subject, decide
from evidence.settings import Settings
from evidence.wire import PersonShown
from player.archive import ArchiveApi
from player.grants import Grants

#: The reader's token at the archive; HttpOnly, SameSite=Strict.
SESSION_COOKIE = "evidock_session"
#: A random name for this browser, which form tokens are made from; HttpOnly, SameSite=Strict.
BROWSER_COOKIE = "evidock_browser"
#: The language the reader chose.
LANGUAGE_COOKIE = "evidock_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The person who is signed in."""

    token: str
    person: PersonShown

    def may(self, action: Action, officer: str | None = None) -> bool:
        """Whether the archive will allow *action*; asking it in vain would be logged as denied."""
        subject = Subject(
            id=self.person.id, role=Role(self.person.role), officer=self.person.officer
        )
        return isinstance(decide(subject, action, Object(officer=officer)), Allowed)


SETTINGS = web.AppKey("SETTINGS", Settings)
ARCHIVE = web.AppKey("ARCHIVE", ArchiveApi)
VAULT = web.AppKey("VAULT", aiohttp.ClientSession)
"""The client that makes granted requests; it holds no credential."""
GRANTS = web.AppKey("GRANTS", Grants)
FORM_SECRET = web.AppKey("FORM_SECRET", bytes)

BROWSER = web.RequestKey("BROWSER", str)
READER = web.RequestKey("READER", Reader)
"""Present once ``session.reader`` has asked the archive."""


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, *, days: int = 0
) -> None:
    """Give the browser a cookie no script and no other site can use; 0 *days*: until it closes."""
    response.set_cookie(
        name,
        value,
        httponly=True,
        samesite="Strict",
        secure=request.secure,
        path="/",
        max_age=days * 86_400 or None,
    )


def wants_json(request: web.Request) -> bool:
    """Whether one of our scripts asks, not a person following a link."""
    return "application/json" in request.headers.get("Accept", "")
