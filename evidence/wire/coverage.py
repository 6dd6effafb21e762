"""Which incidents have their footage, what lacks, and who answered why."""

from __future__ import annotations

from typing import Literal

from evidence.wire.message import Message

OutcomeTold = Literal["recorded", "excused", "late", "partly", "missing"]


class ExcuseWanted(Message, frozen=True, kw_only=True):
    """POST /v1/coverage/excuses: why an officer's part in an event has no recording."""

    incident: str
    """Id of that part."""
    code: str
    """One of those that GET /v1/coverage tells."""
    reason: str


class ExcuseEnded(Message, frozen=True, kw_only=True):
    """POST /v1/coverage/excuses/{excuse}/end: it is turned down, or taken back."""

    reason: str


class AnswerShown(Message, frozen=True, kw_only=True):
    """What one person says of why something lacks, and whether another one agrees."""

    id: str
    entry: int
    at: str
    code: str
    reason: str
    asker: str
    """Id of the person."""
    asker_name: str
    approved: str | None
    """When another person agreed; None: nobody did."""
    approver_name: str | None
    ended: str | None
    """When it was turned down or taken back; None: it was not."""
    ender_name: str | None
    end_reason: str | None


class ExcuseShown(AnswerShown, frozen=True, kw_only=True):
    """Why there is no recording, as all routes of excuses answer."""

    incident: str


class ExpectedShown(Message, frozen=True, kw_only=True):
    """One recording that should be there."""

    camera: str | None
    """None: whichever the officer wore."""
    basis: Literal["assignment", "duty", "sent"]
    since: str
    until: str
    outcome: OutcomeTold
    clips: list[str]
    gap_seconds: int
    docked: str | None
    is_late: bool
    late_of: Literal["duty", "incident"]
    """Of whose end lateness is counted."""
    is_other_camera: bool
    awaited: bool


class PartShown(Message, frozen=True, kw_only=True):
    """One officer's part in an event."""

    incident: str
    event: str
    """Its number."""
    officer: str
    unit: str | None
    call_type: str | None
    since: str
    until: str
    outcome: OutcomeTold
    """The worst of its recordings."""
    awaited: bool
    recordings: list[ExpectedShown]
    excuses: list[ExcuseShown]


class CoverageCount(Message, frozen=True, kw_only=True):
    """What a span of time comes to; recordings are those that should be there."""

    events: int
    events_without: int
    """Of which there is no recording at all."""
    parts: int
    parts_without: int
    recorded: int
    excused: int
    late: int
    partly: int
    missing: int
    awaited: int
    """Of those that lack: they may still be docked in time."""


class CoveragePage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage: the newest part first."""

    since: str
    until: str
    count: CoverageCount | None
    """Of all that was asked for; only with the first page."""
    parts: list[PartShown]
    next: str | None = None


class EventCoverage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage/event?number=: everybody who was sent."""

    event: str
    parts: list[PartShown]


class NumbersLack(Message, frozen=True, kw_only=True):
    """Numbers that a camera counted, and nobody handed in."""

    camera: str
    first: str
    last: str
    count: int
    before: str
    """The clip before, and that behind."""
    after: str
    since: str
    until: str
    sidecars: list[str]
    """Clips that accompany what lacks: then it was there."""
    disposed: int
    """Clips that were destroyed and came at that time: what lacks may be those."""


class CameraMissed(Message, frozen=True, kw_only=True):
    """A camera that has not come back to a dock."""

    camera: str
    officer: str | None
    seen: str | None
    missed_since: str
    by_duty: bool


class ClipWaiting(Message, frozen=True, kw_only=True):
    """A clip that a station listed and that is not archived."""

    clip: str
    camera: str
    name: str
    station: str
    since: str
    problem: str | None


class WithheldPage(Message, frozen=True, kw_only=True):
    """GET /v1/coverage/withheld: what lacks, whatever incident it may be of."""

    since: str
    numbers: list[NumbersLack]
    cameras: list[CameraMissed]
    waiting: list[ClipWaiting]
    more: bool
    """Whether there is more of anything than is told."""
