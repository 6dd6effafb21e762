"""A clip's journey: the steps in their order, and which one comes next.

There is no recovery.  Every step is safe to repeat and ends in a fact the journal keeps; after a
crash, as after any other pause, the journal tells where the clip stands and the next step is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from evidence.clip import ClipState


class Step(StrEnum):
    """One verb of the journey."""

    PULL = "pull"
    """Copy from the card into staging, hashing."""
    VERIFY = "verify"
    """Read the staged copy again from disk."""
    SEND = "send"
    """Hand the copy over to the archive, which vouches for it."""
    RECEIPT = "receipt"
    """Keep the proof that the archive's entry is in the log."""
    DERIVE = "derive"
    """Make a rendition, or learn that none can be made."""
    FREE = "free"
    """Give the staging room back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a clip stands, as the journal knows it."""

    state: ClipState
    receipt: bool = False
    """The receipt is stored."""
    rendition: bool = False
    """The rendition is stored at the archive, or it is decided that there is none."""
    freed: bool = False
    """Staging holds nothing of the clip any more."""


JOURNEY: tuple[tuple[Step, Callable[[Standing], bool]], ...] = (
    (Step.PULL, lambda clip: clip.state is ClipState.FOUND),
    (Step.VERIFY, lambda clip: clip.state is ClipState.PULLED),
    (Step.SEND, lambda clip: clip.state is ClipState.VERIFIED),
    (Step.RECEIPT, lambda clip: not clip.receipt),
    (Step.DERIVE, lambda clip: not clip.rendition),
    (Step.FREE, lambda clip: not clip.freed),
)
"""Each step with the question whether it is still to be done; asked in this order."""


def next_step(clip: Standing) -> Step | None:
    """The step to run now; None when the journey is over."""
    return next((step for step, is_due in JOURNEY if is_due(clip)), None)
