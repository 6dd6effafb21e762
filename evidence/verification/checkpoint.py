"""Step 3: a log of the reader's policy signed the checkpoint, and those whom it demands saw it.

One rule: keys come from the policy alone.  What the checkpoint says is read in any case, so that
the later steps can name their faults too; it is believed only here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from evidence.cosignature import Cosignature
from evidence.errors import LogBroken
from evidence.note import Checkpoint
from evidence.policy import NONE, Believed, Policy
from evidence.tiles import CHECKPOINT
from evidence.verification.case import Case
from evidence.verification.files import read
from evidence.verification.verdict import DONE, Ending, Open, done, impossible, waits

LARGEST = 1 << 20
_NOBODY = "nobody outside has to have seen this head"
_AHEAD = timedelta(minutes=10)
"""How far the clock of a witness may be before the reader's."""


def check_checkpoint(case: Case, step: Open) -> Ending:
    """Step 3, of the checkpoint file of a log or package."""
    path = f"{case.log}{CHECKPOINT}"
    with step.about(path):
        case.note = read(case.files, path, LARGEST)
    return believe(case, step, path)


def believe(case: Case, step: Open, path: str) -> Ending:
    """Step 3, of the note in *case*, which lay at *path*."""
    if case.note is None:
        return impossible("there is no checkpoint to look at")
    with step.about(path):
        case.checkpoint = unbelieved(case.note)
    step.checked = 1
    if case.policy is None:
        return waits("no policy says whose signature to believe")
    ending = DONE
    with step.about(path):
        ending = _who_saw(case.policy, case.policy.believe(case.note))
    if case.brought.fresh_hours is not None:
        with step.about(path):
            _must_be_fresh(case, case.policy.said(case.note), case.brought.fresh_hours)
    return ending


def _who_saw(policy: Policy, believed: Believed) -> Ending:
    """Who outside has seen the head, or that the reader's own policy asks for nobody."""
    count = len(believed.cosignatures)
    if policy.quorum != NONE:
        return done(f"witnesses of the policy that saw it: {count}")
    more = f"; of its witnesses {count} did" if count else ""
    return done(f"the policy demands no witnesses: {_NOBODY}{more}")


def unbelieved(note: bytes) -> Checkpoint:
    """What the note says, whoever signed it."""
    text = note.decode("utf-8").rpartition("\n\n")[0] + "\n"
    return Checkpoint.parse(text)


def _must_be_fresh(case: Case, said: tuple[Cosignature, ...], hours: int) -> None:
    newest: datetime | None = max((each.at for each in said), default=None)
    if newest is None:
        raise LogBroken("no witness of the policy says when it saw the checkpoint")
    age = case.brought.now - newest
    if age > timedelta(hours=hours):
        raise LogBroken(
            f"the newest cosignature is of {newest.isoformat()}, more than {hours} hours ago"
        )
    if age < -_AHEAD:
        raise LogBroken(f"a cosignature is of {newest.isoformat()}, which is still to come")
