"""Was what was done with a clip's time lawful?  Worked out anew, from the log and the law's files.

Two acts take from what footage was promised, and both need two persons and time to think:

* it is kept for *less* (``retain``): only by its first classification, or by a proposal that
  another person approved and that waited;
* it is *destroyed* (``dispose.begin``, ``dispose.done``): by the seven rules of
  :mod:`evidence.disposal`, put to what the entries themselves say.

One rule: nothing is believed for standing in a tombstone.  What it says of persons, notice, holds,
locks and the promise is held against the entries before it, what it says of the rule against the
law pack, and its clocks against what the reader knows of the time.  Times of acts count from the
latest that any entry before them shows, so a clock set back makes nothing sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.disposal import (
    NOTICE_LEAST,
    RESTORE_LEAST,
    Clocks,
    Consent,
    DisposalFacts,
    DisposalTerms,
    refusals,
)
from evidence.errors import EvidenceError
from evidence.law.decision import CaseFact, ClipFacts, Decision, HoldFact, decide
from evidence.law.pack import LawPack
from evidence.tombstone import (
    APPROVE,
    BEGIN,
    CASE_CLOSED,
    CASE_REOPENED,
    DONE,
    LAW,
    MAKE,
    NOTICE,
    WITHDRAW,
    Approved,
    Begun,
    Closing,
    Done,
    Kept,
    Made,
    Notice,
    Outside,
    Published,
    Retained,
    RuleSaid,
    Said,
    Withdrawn,
)

SaidT = TypeVar("SaidT", bound=Said)
_KEPT = frozenset(
    kind.value
    for kind in (
        EntryKind.ARCHIVED,
        EntryKind.MOVED,
        EntryKind.COPIED,
        EntryKind.REPAIRED,
        EntryKind.LEASE_RENEWED,
        EntryKind.CLASSIFIED,
        EntryKind.HOLD_SET,
        EntryKind.HOLD_LIFTED,
    )
)
"""Entries that say how a clip is kept and locked, what it is and who holds it; others may use the
same names for something else."""
_AHEAD = timedelta(minutes=15)
"""How far clocks of those who are trusted may differ."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


Latest = Callable[[int, Outside], datetime | None]
"""The latest time that whom an entry at that log index names can have told; None: any."""


def anything(_index: int, _outside: Outside) -> None:
    """Nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """All that there is to work it out from."""

    about: Sequence[tuple[int, bytes]]
    """Every entry about the clip, with its log index, in order."""
    beside: Sequence[tuple[int, bytes]]
    """Those about no clip that matter: the law, closings of cases, proposals of rulebooks."""
    pack: Callable[[str], bytes | None]
    """The file of a law pack or rule set, by its SHA-256; None if it is not there."""
    latest: Latest = anything


@dataclass(frozen=True, slots=True)
class _At:
    """An entry, and the latest time that any one up to it shows."""

    index: int
    when: datetime


@dataclass(slots=True)
class _History:
    """What the entries so far come to."""

    trail: Trail
    now: datetime = _BEGINNING
    received: datetime | None = None
    until: str | None = None
    locked: datetime = _BEGINNING
    categories: frozenset[str] = frozenset()
    classified: datetime | None = None
    first_word: int | None = None
    holds: dict[str, int] = field(default_factory=dict)
    """Hold -> the entry that set it; those that are lifted are not here."""
    notices: list[tuple[_At, Notice]] = field(default_factory=list)
    made: dict[str, tuple[_At, Made]] = field(default_factory=dict)
    approved: dict[str, tuple[_At, Approved]] = field(default_factory=dict)
    withdrawn: dict[str, _At] = field(default_factory=dict)
    begun: dict[int, Begun] = field(default_factory=dict)
    law: tuple[int, Published] | None = None
    closings: dict[int, Closing] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)


def problems(trail: Trail) -> Iterator[str]:
    """What was not lawful, in words that name the entry; nothing if all was.

    An entry that cannot be read as what its kind says is a problem, too.
    """
    history = _History(trail)
    for index, raw, about in _merged(trail):
        try:
            if about:
                yield from _hear(history, index, raw)
            else:
                _hear_beside(history, index, raw)
        except (msgspec.MsgspecError, EvidenceError, ValueError, OverflowError) as error:
            yield f"entry {index}: {error}"


def _merged(trail: Trail) -> Iterator[tuple[int, bytes, bool]]:
    both = [(index, raw, True) for index, raw in trail.about]
    both += [(index, raw, False) for index, raw in trail.beside]
    return iter(sorted(both, key=lambda each: each[0]))


def _hear_beside(history: _History, index: int, raw: bytes) -> None:
    said = _read(raw, Said)
    at = _pass(history, index, said)
    if said.kind == LAW:
        history.law = (index, _read(raw, Published))
    elif said.kind == CASE_CLOSED:
        history.closings[index] = _read(raw, Closing)
    elif said.kind == CASE_REOPENED:
        history.reopened.add(_read(raw, Closing).closing)
    elif said.kind in _CONSENT:
        _CONSENT[said.kind](history, at, raw)


def _hear(history: _History, index: int, raw: bytes) -> Iterator[str]:
    said = _read(raw, Said)
    if said.kind == EntryKind.STATION_ACT.value:
        return  # a station says nothing of how long footage is kept
    at = _pass(history, index, said)
    if said.kind == EntryKind.RETAINED.value:
        yield from _retained(history, at, _read(raw, Retained))
    elif said.kind == BEGIN:
        begun = _read(raw, Begun)
        yield from (f"entry {index}: {why}" for why in _begun(history, index, begun))
        history.begun[index] = begun
    elif said.kind == DONE:
        yield from _done(history, index, _read(raw, Done))
    elif said.kind == NOTICE:
        history.notices.append((at, _read(raw, Notice)))
    elif said.kind in _CONSENT:
        _CONSENT[said.kind](history, at, raw)
    elif said.kind in _KEPT:
        _kept(history, at, _read(raw, Kept))


def _pass(history: _History, index: int, said: Said) -> _At:
    history.now = max(history.now, unstamp(said.at))
    return _At(index, history.now)


def _make(history: _History, at: _At, raw: bytes) -> None:
    made = _read(raw, Made)
    history.made.setdefault(made.proposal, (at, made))


def _approve(history: _History, at: _At, raw: bytes) -> None:
    said = _read(raw, Approved)
    history.approved.setdefault(said.proposal, (at, said))


def _withdraw(history: _History, at: _At, raw: bytes) -> None:
    history.withdrawn.setdefault(_read(raw, Withdrawn).proposal, at)


_CONSENT: Mapping[str, Callable[[_History, _At, bytes], None]] = {
    MAKE: _make,
    APPROVE: _approve,
    WITHDRAW: _withdraw,
}


def _kept(history: _History, at: _At, said: Kept) -> None:
    """Entries that say what a clip is, who holds it and how it is locked."""
    if said.kind == EntryKind.ARCHIVED.value:
        history.received = unstamp(said.received or said.at)
        history.until = said.retain_until
    elif said.kind == EntryKind.CLASSIFIED.value:
        history.categories = frozenset(said.categories)
        history.classified = unstamp(said.at)
        if history.first_word is None:
            history.first_word = at.index
    elif said.kind == EntryKind.HOLD_SET.value:
        history.holds[said.hold or ""] = at.index
    elif said.kind == EntryKind.HOLD_LIFTED.value:
        history.holds.pop(said.hold or "", None)
    if said.lock_until is not None:
        history.locked = max(history.locked, unstamp(said.lock_until))


def _retained(history: _History, at: _At, said: Retained) -> Iterator[str]:
    """A ``retain`` entry: for longer by anybody, for less only by the first word or by two.

    People were told of the date before: a notice counts for no later decision.
    """
    before, until = history.until, said.retain_until
    history.until = until
    history.notices.clear()
    if before is None or unstamp(until) >= unstamp(before):
        return
    shorter = f"entry {at.index} shortens what was promised until {before[:10]} to {until[:10]}"
    if said.proposal is not None:
        yield from (f"{shorter}: {why}" for why in _shortened(history, at, said.proposal))
    elif said.classified is None or said.classified != history.first_word:
        yield f"{shorter}, and no proposal that two persons agreed to"


def _shortened(history: _History, at: _At, proposal: int) -> Iterator[str]:
    found = [each for each in history.made.values() if each[0].index == proposal]
    if not found or found[0][1].act != "shorten":
        yield f"entry {proposal} proposes nothing of the kind"
        return
    _, made = found[0]
    approved = history.approved.get(made.proposal)
    if approved is None or approved[1].by == made.by:
        yield "no other person approved it"
        return
    when, said = approved
    if made.proposal in history.withdrawn:
        yield "it was withdrawn"
    if at.when < max(unstamp(said.not_before), when.when + RESTORE_LEAST):
        yield f"it was approved at {said.at} and was to wait until {said.not_before}"


def _done(history: _History, index: int, done: Done) -> Iterator[str]:
    begun = history.begun.get(done.began)
    if begun is None:
        yield f"entry {index} says that it was destroyed, and no dispose.begin entry came before"
    elif (begun.proposal, begun.clip) != (done.proposal, done.clip):
        yield f"entry {index} is of another proposal than entry {done.began}, by which it began"
    else:
        for hold, since in history.holds.items():
            if since > done.began:
                yield f"entry {index}: hold {hold} of entry {since} was set before it was destroyed"
        if done.proposal in history.withdrawn:
            yield f"entry {index}: it was withdrawn before it was destroyed"


def _begun(history: _History, index: int, begun: Begun) -> Iterator[str]:
    """What forbade it, by rules and numbers of :mod:`evidence.disposal`; then what is untrue."""
    yield from _untrue(history, begun)
    decision = _decided(history, begun)
    if isinstance(decision, str):
        yield decision
        return
    if (came := _as_said(decision)) != begun.rule:
        yield f"the law pack gives {_words(came)}, and it says {_words(begun.rule)}"
    clocks = Clocks(host=unstamp(begun.host), outside=unstamp(begun.outside.at))
    for no in refusals(_facts(history, begun, decision), _terms(history, begun), clocks):
        yield f"rule {no.step}: {no.why}"
    latest, told = history.trail.latest(index, begun.outside), begun.outside.at
    if latest is not None and unstamp(told) > latest + _AHEAD:
        yield f"it says that {begun.outside.name} told {told}; nobody trusted has seen that time"


def _untrue(history: _History, begun: Begun) -> Iterator[str]:
    """Where it says something else than the entries before it."""
    made, approved = history.made.get(begun.proposal), history.approved.get(begun.proposal)
    if made is None or made[0].index != begun.proposed:
        yield f"entry {begun.proposed} does not propose it"
    elif made[1].act != begun.act or made[1].clip != begun.clip:
        yield f"entry {begun.proposed} proposes something else"
    if approved is None or approved[0].index != begun.approved:
        yield f"entry {begun.approved} does not approve it"
    elif made is not None and approved[0].index < made[0].index:
        yield "it was approved before it was proposed"
    if begun.promised != history.until:
        yield f"it says that {begun.promised} was promised, and entries say {history.until}"
    if unstamp(begun.lock_until) < history.locked:
        yield f"it says that locks end at {begun.lock_until}; entries say {stamp(history.locked)}"


def _facts(history: _History, begun: Begun, decision: Decision) -> DisposalFacts:
    made, approved = history.made.get(begun.proposal), history.approved.get(begun.proposal)
    told = [at.when for at, notice in history.notices if notice.until == begun.promised]
    return DisposalFacts(
        act=begun.act,
        consent=Consent(
            proposer="" if made is None else made[1].by,
            approver=None if approved is None else approved[1].by,
            approved=None if approved is None else approved[0].when,
            withdrawn=begun.proposal in history.withdrawn,
        ),
        noticed=min(told, default=None),
        decision=decision,
        promised=unstamp(history.until or begun.promised),
        authority=made is not None and "authority" in made[1].commitments,
        locked_until=max(history.locked, unstamp(begun.lock_until)),
        done_today=begun.done_today,
        clips=begun.clips,
    )


def _terms(history: _History, begun: Begun) -> DisposalTerms:
    """No entry tells what the agency's terms were; the least there may be, and what it promised."""
    approved = history.approved.get(begun.proposal)
    restore = RESTORE_LEAST
    if approved is not None:
        restore = max(restore, unstamp(approved[1].not_before) - approved[0].when)
    return DisposalTerms(notice=NOTICE_LEAST, restore=restore, per_mille=begun.per_mille)


def _decided(history: _History, begun: Begun) -> Decision | str:
    """What law pack and rule sets make of the clip at that moment; why it cannot be said else."""
    if history.law is None or history.law[0] != begun.law:
        return f"entry {begun.law} is not the law that was in force"
    if history.received is None:
        return "no entry says when it came in"
    law = history.law[1]
    packs: list[LawPack] = []
    for each in law.packs:
        data = history.trail.pack(each.digests.sha256)
        if data is None:
            return f"the file of {each.pack} ({each.digests.sha256}) is not here"
        if Sha256.of(data).hex != each.digests.sha256:
            return f"the file of {each.pack} is not the one that entry {begun.law} names"
        packs.append(LawPack.parse(data, each.pack))
    facts = ClipFacts(
        archived=history.received,
        categories=history.categories,
        classified=history.classified,
        cases=[_case(history, each.case, each.closed) for each in begun.cases],
        holds=[HoldFact(hold=hold, authority=f"entry {at}") for hold, at in history.holds.items()],
    )
    offset = timedelta(minutes=law.utc_offset_minutes)
    return decide(facts, packs[0], packs[1:], unstamp(begun.host), offset)


def _case(history: _History, closing: str, index: int) -> CaseFact:
    said = history.closings.get(index)
    if said is None or said.closing != closing or closing in history.reopened:
        return CaseFact(case=f"of closing {closing}", closed=None)
    return CaseFact(case=closing, closed=unstamp(said.at))


def _as_said(decision: Decision) -> RuleSaid:
    by = decision.by
    until = None if by.until is None else stamp(by.until)
    return RuleSaid(pack=by.pack, rule=by.rule, since=stamp(by.counted_from), until=until)


def _words(rule: RuleSaid) -> str:
    return f"{rule.pack}:{rule.rule} from {rule.since} until {rule.until or 'for ever'}"


def _read(raw: bytes, kind: type[SaidT]) -> SaidT:
    return msgspec.json.decode(raw, type=kind)
