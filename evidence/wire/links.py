"""Links of clips and incidents, whatever they are worth, and the cameras of one event."""

from __future__ import annotations

from evidence.wire.message import Message


class LinkPart(Message, frozen=True, kw_only=True):
    """One reason of a link: see :class:`evidence.linking.PartCode`."""

    code: str
    points: int
    value: int
    """Seconds, metres, or how many."""


class LinkShown(Message, frozen=True, kw_only=True):
    """That a clip belongs to an incident, may, or does not, and why."""

    incident: str
    number: str
    """Of the event."""
    standing: str
    """``proposed``, ``automatic``, ``confirmed`` or ``rejected``: the second and third count."""
    reason: str
    seconds_outside: int
    points: int
    parts: list[LinkPart]
    """All that gave or took points when the rule last had the say; empty: it never had."""
    entry: int
    """Log index of what made it so."""
    case: str | None = None
    call_type: str | None = None
    dispatched: str | None = None
    at_board: bool = False
    """Whether it was confirmed at a station's board, with a badge."""
    why: str | None = None
    """Code of why a person rejected it: see :data:`evidence.linking.WHY_NOT`."""


class LinkRejected(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/links/{incident}/reject."""

    why: str
    """One of :data:`evidence.linking.WHY_NOT`."""


class Candidate(Message, frozen=True, kw_only=True):
    """An incident that a clip may belong to."""

    incident: str
    number: str
    """Of the event."""
    dispatched: str
    cleared: str
    call_type: str | None
    officer: str | None
    """Who was sent; None: somebody else than who asks, and they may not list incidents."""
    is_own: bool
    """Whether who was sent is whom the clip names, or whom its camera was issued to."""
    standing: str | None
    """Of the link that there is; None: there is none."""


class CandidatePage(Message, frozen=True, kw_only=True):
    """GET /v1/clips/{clip}/candidates?number=: the best first."""

    clip: str
    candidates: list[Candidate]
    more: bool
    """Whether there are more than these: a number, or more of it, finds them."""


class MineClip(Message, frozen=True, kw_only=True):
    """A recording of whoever asks."""

    clip: str
    name: str
    camera: str
    started: str | None
    """On the station's clock; None: not known."""
    received: str
    length_ms: int | None
    links: list[LinkShown]


class MinePage(Message, frozen=True, kw_only=True):
    """GET /v1/mine?of=&days=&after=&limit=: the newest first."""

    officer: str | None
    """The officer number of whoever asks; None: they have none, so nothing is theirs."""
    clips: list[MineClip]
    total: int
    next: str | None = None
    """What to ask for as ``after`` for more; None: that is all."""


class GroupedClip(Message, frozen=True, kw_only=True):
    """A clip of a group."""

    clip: str
    camera: str
    officer: str | None
    begins: str
    """On the station's clock."""


class EventGroups(Message, frozen=True, kw_only=True):
    """GET /v1/groups?event=NUMBER: its clips that several cameras saw at one time and place."""

    event: str
    groups: list[list[GroupedClip]]
