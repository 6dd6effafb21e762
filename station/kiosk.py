"""The kiosk: who holds a badge to the reader says which event their recordings belong to.

One rule: what is shown is shown to one badge, for a minute, and is no more than times, event
numbers and kinds.  What is said is in the journal before the board shows it, whatever the archive
is up to.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from evidence import marking
from evidence.clock import Clock, stamp
from evidence.errors import EvidenceError
from evidence.wire import KioskAsked, KioskIncident, KioskIncidents
from ingest.archive_client import ArchiveClient
from station.choosing import AROUND, OwnClip, Said, near, typed
from station.desk import Desk
from station.journal.journal import Journal

LIFE = 60.0
"""Seconds after the last touch for which a badge counts."""
SHOWN = timedelta(days=3)
"""Recordings of which nothing became known for so long are not shown."""
_PATIENCE = 3.0
"""Seconds that the archive has to answer: somebody stands there."""


class Unheard(StrEnum):
    """Why nothing is shown, or nothing was put on record."""

    NO_BADGE = "no-badge"
    """The badge is nobody's."""
    OVER = "over"
    """It was held to the reader too long ago."""
    NOTHING = "nothing"
    """What was sent is no clip of theirs, no event, no number or no kind of marker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What an officer is shown."""

    token: str
    """For what they say in the next minute."""
    clips: Sequence[tuple[OwnClip, Sequence[KioskIncident]]]
    """Recordings, with the events each may belong to."""
    asked: bool
    """Whether the archive could be asked for events."""


@dataclass(slots=True, kw_only=True)
class _Held:
    """The badge that was held last."""

    token: str
    officer: str
    until: float
    incidents: dict[str, str]
    """Id of each incident that was shown -> the event's number."""
    clips: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Kiosk:
    """Hears what is said at one board."""

    desk: Desk
    archive: ArchiveClient
    clock: Clock
    _held: _Held | None = field(default=None)

    async def own(self, badge: str) -> Own | Unheard:
        """What whoever holds *badge* is shown; whoever held one before is not heard any more."""
        self._held = None
        officer = await self.desk.ask(lambda journal: journal.officer_of(badge))
        if officer is None:
            return Unheard.NO_BADGE
        since = self.clock.now() - SHOWN
        ask = partial(Journal.of_officer, officer=officer, since=since)
        clips = await self.desk.ask(ask)
        incidents = await self._incidents(officer, clips, since)
        found = [(each, near(each, incidents or ())) for each in clips]
        held = _Held(
            token=secrets.token_urlsafe(16),
            officer=officer,
            until=self.clock.monotonic() + LIFE,
            incidents={each.incident: each.number for each in incidents or ()},
            clips=frozenset(each.clip for each in clips),
        )
        self._held = held
        return Own(token=held.token, clips=found, asked=incidents is not None)

    async def choose(self, token: str, clip: str, what: str, value: str) -> str | Unheard:
        """Put on record what is said of *clip*; what the board shows for it.

        *what* is ``incident`` (its id), ``number`` (as typed) or ``code`` (of a marker).
        TemporaryError if it cannot be recorded.
        """
        held = self._held
        if held is None or not secrets.compare_digest(held.token.encode(), token.encode()):
            return Unheard.OVER
        if self.clock.monotonic() > held.until:
            self._held = None
            return Unheard.OVER
        said = _said(held, clip, what, value)
        if said is None:
            return Unheard.NOTHING
        await self.desk.tell(partial(Journal.choose, said=said))
        held.until = self.clock.monotonic() + LIFE
        return said.number or value

    async def _incidents(
        self, officer: str, clips: Sequence[OwnClip], since: datetime
    ) -> list[KioskIncident] | None:
        """What the archive knows that *officer* was sent to; None if it cannot be asked now."""
        if not clips:
            return []
        now = self.clock.now()
        asked = KioskAsked(officer=officer, since=stamp(since - AROUND), until=stamp(now))
        try:
            async with asyncio.timeout(_PATIENCE):
                path = "/v1/kiosk/incidents"
                return (await self.archive.post(path, asked, KioskIncidents)).incidents
        except (EvidenceError, TimeoutError):  # an older archive knows no such question either
            return None


def _said(held: _Held, clip: str, what: str, value: str) -> Said | None:
    """What is meant; None unless it is about a clip, and of an event, that was shown."""
    if clip not in held.clips:
        return None
    match what:
        case "incident" if value in held.incidents:
            number = held.incidents[value]
            return Said(clip=clip, officer=held.officer, incident=value, number=number)
        case "number" if typed(value) is not None:
            return Said(clip=clip, officer=held.officer, number=typed(value))
        case "code" if value in marking.CODES:
            return Said(clip=clip, officer=held.officer, code=value)
        case _:
            return None
