"""How a clip stands on its way out, for one reader: what is next, who may, how long is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from evidence.clock import unstamp
from evidence.rights import Action
from evidence.wire import ProposalShown, QueuedClip
from player.lifetime import Lifetime, lifetime
from player.places import Reader

Stage = Literal["waits", "restorable", "over", "due", "soon", "held"]
"""``waits`` for a second person; ``restorable``: two agreed, and anybody may still withdraw it;
``over``: that time is over; without a proposal: its time is over, ends soon, or does not count."""
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How long is left of something, in whole days, or hours if that is less than one."""

    days: int
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One clip of the queue."""

    clip: QueuedClip
    stage: Stage
    left: Left | None
    """Until its time ends, or until it cannot be restored any more; None: there is nothing left."""
    life: Lifetime
    may_propose: bool
    may_approve: bool
    may_withdraw: bool
    is_own: bool
    """Whether the reader proposed it, and so cannot be the second person."""

    @property
    def lacks_notice(self) -> bool:
        """Whether people have to be told first, and were not."""
        ordered = self.proposal is not None and self.proposal.act == "destroy"
        return self.clip.noticed is None and self.stage != "held" and not ordered

    @property
    def proposal(self) -> ProposalShown | None:
        return self.clip.proposal


def going_of(clip: QueuedClip, who: Reader, now: datetime) -> Going:
    """How *clip* stands at *now* for this reader."""
    stage, ends = _stage(clip, now)
    proposal, wanted = clip.proposal, _destruction(clip)
    return Going(
        clip=clip,
        stage=stage,
        left=None if ends is None else left(ends - now),
        life=lifetime(
            {
                "archived": clip.received,
                "noticed": clip.noticed,
                "due": clip.retain_until,
                "approved": None if wanted is None else wanted.approved_at,
                "restorable": None if wanted is None else wanted.not_before,
                "locked": clip.lock_until,
            },
            now,
        ),
        may_propose=stage == "due" and proposal is None and who.may(Action.PROPOSE_DISPOSAL),
        may_approve=proposal is not None
        and proposal.approved_at is None
        and who.may(Action.APPROVE_PROPOSAL),
        may_withdraw=proposal is not None and who.may(Action.WITHDRAW_PROPOSAL),
        is_own=proposal is not None and proposal.by == who.person.id,
    )


def _destruction(clip: QueuedClip) -> ProposalShown | None:
    """What is open about *clip*, if it is to be destroyed by it, and not to be kept for less."""
    proposal = clip.proposal
    return None if proposal is None or proposal.act == "shorten" else proposal


def left(time: timedelta) -> Left | None:
    """*time* in whole days and hours; None if nothing is left."""
    if time <= timedelta(0):
        return None
    return Left(days=time // _DAY, hours=time // _HOUR)


def _stage(clip: QueuedClip, now: datetime) -> tuple[Stage, datetime | None]:
    """Where *clip* stands, and when that ends; None: not at a time."""
    wanted, until = _destruction(clip), unstamp(clip.retain_until)
    if wanted is not None:
        if wanted.not_before is None:
            return "waits", None
        ends = unstamp(wanted.not_before)
        return ("restorable", ends) if ends > now else ("over", None)
    if clip.held:
        return "held", None
    return ("due", None) if until <= now else ("soon", until)
