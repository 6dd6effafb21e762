"""A clip's end, as its own page tells it: what is wanted of it, a seal, or its tombstone.

One rule: what the log says is read from the clip's custody entries, so everybody who may see the
clip reads the same; the words of those who wanted it are for those with the right to see disposals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from evidence import tombstone
from evidence.clip import ClipState
from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.rights import Action
from evidence.tombstone import Approved, Begun, Done, Made, Notice, Withdrawn
from evidence.wire import ClipDetail, EntryShown, ProposalShown
from player.lifetime import Lifetime, lifetime
from player.places import Reader

_SEALS = frozenset({"dispose", "destroy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who did an act of it."""

    id: str
    name: str
    at: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left to say of a clip that was destroyed."""

    act: str
    at: str
    entry: int
    """Of the ``dispose.done`` entry."""
    began: int
    """Of the ``dispose.begin`` entry, which holds all that made it lawful."""
    rule: str
    """``pack:rule`` that it was kept by."""
    promised: str
    outside_at: str
    outside_by: str
    persons: tuple[Person, ...]
    """Who proposed it, then who approved it."""
    objects: int
    shared: int
    """Objects that were kept, since another clip has the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the page of one clip tells of its end, for one reader."""

    life: Lifetime
    proposal: ProposalShown | None
    """What is open about it, for those who may see that."""
    sealed_until: str | None
    """It was approved, and goes no earlier; None: it is not sealed."""
    has_begun: bool
    tombstone: Tombstone | None
    may_propose: bool
    may_order: bool
    may_approve: bool
    may_withdraw: bool
    is_own: bool
    is_early: bool
    """Whether the reader could propose it, were its time over."""

    @property
    def is_sealed(self) -> bool:
        """Whether nobody is let to watch it any more."""
        return self.sealed_until is not None or self.has_begun


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the entries say."""

    noticed: str | None
    approved: str | None
    """When that was."""
    not_before: str | None
    begun: tuple[EntryShown, Begun] | None
    done: tuple[EntryShown, Done] | None


def ending(clip: ClipDetail, made: Sequence[ProposalShown], who: Reader, now: datetime) -> Ending:
    """The end of *clip*, of which *made* is what was ever proposed (empty for who may not know)."""
    told = _told(clip)
    is_live = clip.summary.state in {ClipState.ARCHIVED, ClipState.RELEASED}
    proposal = next((each for each in made if each.ended is None), None)
    is_free = is_live and told.approved is None and proposal is None
    is_free = is_free and not any(hold.lifted is None for hold in clip.holds)
    is_due = clip.retain_until is not None and unstamp(clip.retain_until) <= now
    waits = proposal is not None and proposal.approved_at is None
    stone = _tombstone(clip.entries, told)
    return Ending(
        life=_life(clip, told, stone, now),
        proposal=proposal,
        sealed_until=told.not_before if is_live else None,
        has_begun=told.begun is not None,
        tombstone=stone,
        may_propose=is_free and is_due and who.may(Action.PROPOSE_DISPOSAL),
        may_order=is_free and who.may(Action.ORDER_DESTRUCTION),
        may_approve=waits and who.may(Action.APPROVE_PROPOSAL),
        may_withdraw=proposal is not None
        and told.begun is None
        and who.may(Action.WITHDRAW_PROPOSAL),
        is_own=proposal is not None and proposal.by == who.person.id,
        is_early=is_free and not is_due and who.may(Action.PROPOSE_DISPOSAL),
    )


def _told(clip: ClipDetail) -> _Told:
    approved, not_before = _approval(clip.entries)
    begun, done = _last(clip, tombstone.BEGIN), _last(clip, tombstone.DONE)
    return _Told(
        noticed=_noticed(clip),
        approved=approved,
        not_before=not_before,
        begun=None if begun is None else (begun, msgspec.json.decode(begun.text, type=Begun)),
        done=None if done is None else (done, msgspec.json.decode(done.text, type=Done)),
    )


def _noticed(clip: ClipDetail) -> str | None:
    """When people were first told of the date that stands, since it was given."""
    noticed: str | None = None
    for entry in clip.entries:
        if entry.kind == EntryKind.RETAINED.value:
            noticed = None
        elif entry.kind == tombstone.NOTICE and noticed is None:
            told = msgspec.json.decode(entry.text, type=Notice)
            noticed = entry.at if told.until == clip.retain_until else None
    return noticed


def _approval(entries: Sequence[EntryShown]) -> tuple[str | None, str | None]:
    """When its destruction was approved, and when it begins at the earliest, if that stands."""
    wanted: set[str] = set()
    approved: str | None = None
    not_before: str | None = None
    for entry in entries:
        if entry.kind == tombstone.MAKE:
            made = msgspec.json.decode(entry.text, type=Made)
            wanted |= {made.proposal} if made.act in _SEALS else set()
        elif entry.kind == tombstone.APPROVE:
            agreed = msgspec.json.decode(entry.text, type=Approved)
            if agreed.proposal in wanted:
                approved, not_before = entry.at, agreed.not_before
        elif entry.kind == tombstone.WITHDRAW and _withdrawn(entry) in wanted:
            approved = not_before = None
    return approved, not_before


def _withdrawn(entry: EntryShown) -> str:
    return msgspec.json.decode(entry.text, type=Withdrawn).proposal


def _last(clip: ClipDetail, kind: str) -> EntryShown | None:
    return next((entry for entry in reversed(clip.entries) if entry.kind == kind), None)


def _tombstone(entries: Sequence[EntryShown], told: _Told) -> Tombstone | None:
    if told.begun is None or told.done is None:
        return None
    (beginning, began), (ended, done) = told.begun, told.done
    acted = {entry.index: entry for entry in entries}
    persons = [acted[index] for index in (began.proposed, began.approved) if index in acted]
    return Tombstone(
        act=began.act,
        at=ended.at,
        entry=ended.index,
        began=beginning.index,
        rule=f"{began.rule.pack}:{began.rule.rule}",
        promised=began.promised,
        outside_at=began.outside.at,
        outside_by=began.outside.name,
        persons=tuple(
            Person(id=each.by, name=each.who, at=each.at, entry=each.index) for each in persons
        ),
        objects=len(done.objects),
        shared=len(done.shared),
    )


def _life(clip: ClipDetail, told: _Told, stone: Tombstone | None, now: datetime) -> Lifetime:
    locked = None if clip.vault is None else clip.vault.lock_until
    return lifetime(
        {
            "archived": clip.summary.received,
            "noticed": told.noticed,
            "due": clip.retain_until if stone is None else stone.promised,
            "approved": told.approved,
            "restorable": told.not_before,
            "locked": locked if stone is None else None,
            "done": None if stone is None else stone.at,
        },
        now,
    )
