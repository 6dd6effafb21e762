"""Step 10: by the log each original was locked write-once and kept; what is gone has its tombstone.

One rule: this is what the entries *say* of a store that the verifier does not see.  It is checked
so that nobody has to read them; it proves no more than that they were written.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.errors import LockMissing, LogBroken
from evidence.package import PackagedClip
from evidence.verification import facts
from evidence.verification.case import Case
from evidence.verification.clips import archived
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, impossible

LOCKED = "COMPLIANCE"


def check_keeping(case: Case, step: Open) -> Ending:
    """Step 10."""
    if case.statement is None or case.proven is None:
        return impossible("without a statement nothing says which clips are meant")
    made = None
    with step.about("statement.json"):
        made = unstamp(case.statement.made)
    for clip in case.statement.clips:
        step.checked += 1
        with step.about(clip.clip):
            _check(case.proven, clip, made)
    return DONE


def _check(proven: Proven, clip: PackagedClip, made: datetime | None) -> None:
    said = archived(proven, clip)
    if said.lock_mode != LOCKED:
        raise LockMissing(f"it was stored in mode {said.lock_mode}, not {LOCKED}")
    if unstamp(said.lock_until) <= unstamp(said.received):
        raise LockMissing(f"its lock ended at {said.lock_until}, before it was received")
    disposed = _is_disposed(proven, clip)
    if clip.without == "disposed" and not disposed:
        raise LogBroken("it is said to be disposed of, and no dispose.done entry says so")
    if clip.original is not None and disposed:
        raise LogBroken("a dispose.done entry says that it is gone, and it is here")
    if clip.original is not None and made is not None and _until(proven, clip) < made:
        raise LogBroken("its retention had ended when the package was made")


def _is_disposed(proven: Proven, clip: PackagedClip) -> bool:
    return any(proven.kind(index) == facts.DISPOSED for index in clip.entries)


def _until(proven: Proven, clip: PackagedClip) -> datetime:
    """Until when the clip is kept by the last entry about it that says so."""
    until = unstamp(archived(proven, clip).retain_until)
    for index in clip.entries:
        if proven.kind(index) != EntryKind.STATION_ACT.value:
            told = msgspec.json.decode(proven.raw(index), type=facts.Retained)
            until = unstamp(told.retain_until) if told.retain_until is not None else until
    return until
