"""Step 10: by the log each original was locked write-once and kept; what is gone went lawfully.

One rule: this is what the entries *say* of a store that the verifier does not see.  It is checked
so that nobody has to read them; it proves no more than that they were written.
"""

from __future__ import annotations

from datetime import datetime

from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.errors import EvidenceError, LockMissing, LogBroken
from evidence.lawfulness import problems
from evidence.package import PackagedClip, Statement, law_path
from evidence.tombstone import BEGIN, DONE
from evidence.trails import KINDS, MATTERS, Trails, miscounted
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.clips import archived, must_be
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE as CARRIED_OUT
from evidence.verification.verdict import Ending, Open, impossible

LOCKED = "COMPLIANCE"
NO_PACK = "is not in the package, and entry {} published it"


def check_keeping(case: Case, step: Open) -> Ending:
    """Step 10."""
    if case.statement is None or case.proven is None:
        return impossible("without a statement nothing says which clips are meant")
    with step.about("statement.json"):
        unstamp(case.statement.made)
    trails = _trails(case, case.proven, step)
    _check_packs(case, case.statement, trails, step)
    for clip in case.statement.clips:
        step.checked += 1
        with step.about(clip.clip):
            _check(case.proven, clip)
        with step.about(clip.clip):
            _check_ends(case.proven, clip, trails, step)
    if case.is_whole:
        with step.about("statement.json"):
            _check_counts(case.proven, step)
    return CARRIED_OUT


def _check(proven: Proven, clip: PackagedClip) -> None:
    said = archived(proven, clip)
    if said.lock_mode != LOCKED:
        raise LockMissing(f"it was stored in mode {said.lock_mode}, not {LOCKED}")
    if unstamp(said.lock_until) <= unstamp(said.received):
        raise LockMissing(f"its lock ended at {said.lock_until}, before it was received")
    disposed = any(proven.kind(index) == DONE for index in clip.entries)
    if clip.without == "disposed" and not disposed:
        raise LogBroken("it is said to be disposed of, and no dispose.done entry says so")
    if clip.original is not None and disposed:
        raise LogBroken("a dispose.done entry says that it is gone, and it is here")


def _trails(case: Case, proven: Proven, step: Open) -> Trails:
    """What is beside the entries of clips, and the newest time that the reader knows of."""

    def pack(sha256: str) -> bytes | None:
        name = DATA + law_path(sha256)
        return read(case.files, name) if name in case.files.names else None

    latest = _latest(case)
    trails = Trails(pack=pack, latest=lambda *_: latest)
    for kind in KINDS:
        for index, raw in proven.of_kind(kind):
            with step.about(f"entry {index}"):
                trails.hear(index, raw)
    return trails


def _latest(case: Case) -> datetime:
    """By the reader's own clock, or by a quorum that the policy trusts, if they saw it earlier.

    Whatever the log says came before they saw it.
    """
    if case.policy is None or case.note is None:
        return case.brought.now
    try:
        reached = case.policy.reached(case.policy.said(case.note))
    except EvidenceError:
        return case.brought.now  # step 3 has named it
    return case.brought.now if reached is None else min(case.brought.now, reached.at)


def _check_packs(case: Case, statement: Statement, trails: Trails, step: Open) -> None:
    """Each law pack there is one that an entry names; in a whole package none is missing."""
    named = {each.digests.sha256: index for index, each in trails.packs()}
    for sha256 in statement.law:
        step.checked += 1
        with step.about(law_path(sha256)):
            must_be(case, law_path(sha256), sha256, None)
            if sha256 not in named:
                raise LogBroken("no law.publish entry names it")
    for sha256 in sorted(named.keys() - set(statement.law)):
        if case.is_whole and named[sha256] < statement.size:
            step.found(law_path(sha256), NO_PACK.format(named[sha256]), is_loss=True)


def _check_ends(proven: Proven, clip: PackagedClip, trails: Trails, step: Open) -> None:
    """Whether what became of the clip's time was lawful, if it was cut short or has ended."""
    if MATTERS.isdisjoint(map(proven.kind, clip.entries)):
        return
    about = [(index, proven.raw(index)) for index in clip.entries]
    for problem in problems(trails.of(about)):
        step.found(clip.clip, problem)


def _check_counts(proven: Proven, step: Open) -> None:
    ends = sorted({*proven.kinds.get(BEGIN, ()), *proven.kinds.get(DONE, ())})
    entries = proven.kinds.get(EntryKind.ARCHIVED.value, ())
    for index, problem in miscounted(((index, proven.raw(index)) for index in ends), entries):
        step.found(f"entry {index}", problem)
