"""What needs two persons, and the clips whose time ends."""

from __future__ import annotations

from typing import Literal

from evidence.wire.message import Message


class DisposalWanted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/disposal; for POST /v1/proposals/{proposal}/approve nothing is said."""

    reason: str
    authority: str | None = None
    """The court and its order, for what is to go early; None: its time is over."""


class ProposalWithdrawn(Message, frozen=True, kw_only=True):
    """POST /v1/proposals/{proposal}/withdraw."""

    reason: str


class ProposalShown(Message, frozen=True, kw_only=True):
    """A proposal, as all three answer."""

    id: str
    act: Literal["dispose", "destroy", "shorten"]
    clip: str | None
    """None: of no single clip."""
    entry: int
    """Log index of its ``proposal.make`` entry."""
    at: str
    by: str
    """Id of the person who proposed it."""
    by_name: str
    authority: str | None
    reason: str
    approved_at: str | None
    """None, and the next three too: nobody has approved it."""
    approved_by: str | None
    approved_name: str | None
    not_before: str | None
    """It takes effect no earlier; until then it can be withdrawn."""
    ended: Literal["withdrawn", "done"] | None
    """None: it is open."""
    ended_at: str | None
    end_reason: str | None
    """Why it was withdrawn."""


class ProposalPage(Message, frozen=True, kw_only=True):
    """GET /v1/proposals?of=&clip=&after=&limit=: the newest first.

    *of*: ``open``, ``ended``, or ``shorter``: open ones to keep footage for less.
    """

    proposals: list[ProposalShown]
    next: str | None = None
    """``after`` of the next page; None: this is the last."""


class QueuedClip(Message, frozen=True, kw_only=True):
    """A clip whose time is over, or soon will be."""

    clip: str
    name: str
    """The name on the camera, escaped for showing."""
    received: str
    retain_until: str
    retain_rule: str
    noticed: str | None
    """When people were told of that date; None: not yet."""
    held: bool
    """By a hold or an open case: it stays whatever the date."""
    lock_until: str
    """Until when no vault gives it up."""
    proposal: ProposalShown | None
    """What is open about it."""


class QueuePage(Message, frozen=True, kw_only=True):
    """GET /v1/disposal/queue?of=&after=&limit=: the oldest date first.

    *of*: ``proposed``, for clips that somebody wants destroyed, whatever their date.
    """

    clips: list[QueuedClip]
    next: str | None = None
    """``after`` of the next page; None: this is the last."""
    outside_at: str | None
    """The newest time that anybody outside told; None: nobody did, and nothing is destroyed."""
    outside_by: str | None
    """Who that was."""
    done_today: int
    limit_today: int
    """How many clips may be destroyed within 24 hours."""
    stopped: str | None
    """Why nothing is destroyed at the moment; None: nothing stands in the way."""
