"""Whether rooms were recorded while somebody was in them, and when recorders were down."""

from __future__ import annotations

from evidence.wire.coverage import AnswerShown, OutcomeTold
from evidence.wire.message import Message


class OutageWanted(Message, frozen=True, kw_only=True):
    """POST /v1/coverage/outages: recorders were, are or will be down."""

    what: str
    """``area``, ``recorder`` or ``channel``."""
    name: str
    """Of the recorder, or ``recorder/channel``; empty: the area."""
    code: str
    """One of :data:`evidence.coverage.OUTAGE_CODES`."""
    since: str
    until: str
    reason: str


class OutageEnded(Message, frozen=True, kw_only=True):
    """POST /v1/coverage/outages/{outage}/end: it is turned down, or taken back."""

    reason: str


class OutageShown(AnswerShown, frozen=True, kw_only=True):
    """That recorders were down, as all routes of outages answer."""

    what: str
    name: str
    since: str
    until: str


class OutagePage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage/outages: the newest first."""

    outages: list[OutageShown]
    utc_offset_minutes: int
    """How far the agency's clocks are ahead of UTC."""
    next: str | None = None


class RoomGapShown(Message, frozen=True, kw_only=True):
    """A time that nothing shows."""

    since: str
    until: str
    seconds: int
    outages: list[str]
    """Ids of those that explain it; none: nothing does."""


class RoomSpanShown(Message, frozen=True, kw_only=True):
    """A person's time in one room."""

    span: str
    room: str
    purpose: str | None
    since: str
    until: str | None
    """None: still there, as far as anybody told."""
    looked_until: str
    outcome: OutcomeTold
    awaited: bool
    clips: list[str]
    unmeasured: list[str]
    """Clips whose length is not known, so that they show nothing."""
    gaps: list[RoomGapShown]
    is_late: bool
    came: str | None
    """When the last of its clips came here."""
    is_mapped: bool
    """Whether the settings say which recorder records that room."""


class StayShown(Message, frozen=True, kw_only=True):
    """One person's time in the area, from entry to exit."""

    session: str
    number: str | None
    """Of the case or event."""
    since: str
    until: str | None
    outcome: OutcomeTold
    """The worst of its spans."""
    awaited: bool
    gap_seconds: int
    """How much of it nothing shows and nothing explains."""
    spans: list[RoomSpanShown]
    untold: list[RoomGapShown]
    """Times between of which nobody told where the person was."""


class StayCount(Message, frozen=True, kw_only=True):
    """What a span of time comes to, in stays."""

    stays: int
    recorded: int
    excused: int
    late: int
    partly: int
    missing: int
    awaited: int
    """Of those that lack: files may still be imported in time."""


class StayPage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage/rooms: the newest stay first."""

    since: str
    until: str
    count: StayCount | None
    """Of all that was asked for; only with the first page."""
    stays: list[StayShown]
    next: str | None = None


class RoomFileShown(Message, frozen=True, kw_only=True):
    """A recorder's file."""

    clip: str
    name: str
    camera: str
    room: str
    begin: str
    end: str | None


class StayCoverage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage/rooms/stay?session=: one stay, and what shows it."""

    stay: StayShown
    person: str | None
    """As the feed refers to that person."""
    files: list[RoomFileShown]
    outages: list[OutageShown]
    """Those of that time, agreed to or not, that nobody ended."""
    utc_offset_minutes: int
    """How far the agency's clocks are ahead of UTC."""
