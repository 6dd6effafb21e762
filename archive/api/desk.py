"""What the handlers work with: the archive's parts, who asks, and what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from aiohttp import web

from archive.accountability.terms import CoverageTerms
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.feed_keys import FeedKey
from archive.catalogue.people import Account
from archive.derived import Renditions
from archive.disposal.walking import Disposer
from archive.documents import Documents
from archive.dossiers import Dossiers
from archive.feeds.works import Feeds
from archive.intake import Intake
from archive.log.log import Log
from archive.log.witnesses import Witnesses
from archive.people import People
from archive.release import Releases
from archive.reviewing.terms import ReviewTerms
from archive.sequencer import Sequencer
from archive.shortening import Shortening
from archive.stations import Stations
from archive.upkeep import Upkeep
from evidence.clock import Clock
from evidence.law.rulebook import Rulebook
from evidence.spoken import spoken
from evidence.vault import Vault
from evidence.wire import Message

Sent = TypeVar("Sent", bound=Message)

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it; a backslash before it that is not itself escaped makes it other text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts of one archive."""

    agency: str
    clock: Clock
    vault: Vault
    catalogue: Catalogue
    log: Log
    sequencer: Sequencer
    witnesses: Witnesses
    stations: Stations
    people: People
    intake: Intake
    renditions: Renditions
    releases: Releases
    upkeep: Upkeep
    shortening: Shortening
    rulebook: Rulebook
    disposer: Disposer
    feeds: Feeds
    reviews: ReviewTerms
    documents: Documents
    dossiers: Dossiers
    coverage: CoverageTerms
    successions: tuple[str, ...] = ()
    """The statements by which one key of the log followed another."""
    public_log: bool = False
    """Whether anybody may read the log's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a station, a person with the token they showed, another system, or nobody."""

    station: str | None = None
    person: Account | None = None
    feed: FeedKey | None = None
    token: str = ""

    @property
    def id(self) -> str | None:
        """The id that entries name the caller by."""
        if self.feed is not None:
            return self.feed.id
        return self.person.id if self.person is not None else self.station


DESK = web.AppKey("desk", Desk)
CALLER = web.RequestKey("caller", Caller)


def station_of(request: web.Request) -> str:
    """The station that signed *request*; its route lets only stations in."""
    station = request[CALLER].station
    if station is None:
        raise web.HTTPUnauthorized(text="this route is for stations")
    return station


def feed_of(request: web.Request) -> FeedKey:
    """The key that *request* shows; its route lets only other systems in."""
    key = request[CALLER].feed
    if key is None:
        raise web.HTTPUnauthorized(text="this route is for feeds")
    return key


def person_of(request: web.Request) -> Account:
    """The person who makes *request*; its route lets only people in."""
    person = request[CALLER].person
    if person is None:
        raise web.HTTPUnauthorized(text="sign in first")
    return person


async def message_of(request: web.Request, kind: type[Sent]) -> Sent:
    """The message in the body; answers 400 if it is none of this *kind*, naming the place."""
    with bad_request():
        body = await request.read()
        if _NUL.search(body):
            raise ValueError("the message holds the character NUL, which no text here may")
        return msgspec.json.decode(body, type=kind)


def without_nul(request: web.Request) -> None:
    """Answer 400 if path or query hold the character NUL: PostgreSQL keeps no text that does."""
    asked = (*request.match_info.values(), *request.query.values())
    if any("\0" in text for text in asked):
        raise web.HTTPBadRequest(text="the address holds the character NUL")


def said(name: str, text: str) -> str:
    """What a person said, without blanks around it; answers 400 if it is nothing, or too much."""
    with bad_request():
        return spoken(name, text)


@contextmanager
def bad_request() -> Iterator[None]:
    """What is not well-formed was so when it was sent: answer 400 and say what."""
    try:
        yield
    except (ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def number_of(text: str, most: int) -> int:
    """The number written in *text*; ValueError unless it is one from 1 to *most*."""
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:20]) <= most:
        raise ValueError(f"{text[:40]!r} is not a number from 1 to {most}")
    return int(text[:20])
