"""A draw: a random choice of clips, and of who looks at them, that anyone can recompute.

The steps have the numbers of ``docs/reviews.md``:

1. *commit*: the population, which is the clips and the checkers, is sorted; the roots of both lists
   and the rules go into the log by ``draw.commit``, with the one public seed that will be used;
2. *seed*: that seed comes to be, in the open; one person enters it (``draw.seed``), and a second
   person enters it, too;
3. *sample*: each clip, and each pair of clip and checker, has a ticket: a SHA-256 over the seed,
   both roots and itself.  The smallest tickets are drawn (:func:`drawn`);
4. *done*: the root of what was drawn goes into the log by ``draw.done``.

One rule: whatever could change what is drawn is committed to before the seed exists.

Choosing by public randomness that was named before is RFC 3797's; choosing the smallest hashes of
seed and item is how ballots are drawn in audits of elections (R. Rivest, "Consistent Sampling with
Replacement", arXiv 1808.10016, here without replacement).
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from evidence.canonical import canonical
from evidence.clock import stamp, unstamp
from evidence.merkle import Hash, leaf_hash, root_of

FORMAT: Final = "evidock-population/v1"
MOST: Final = 50_000
"""Clips in one population, so that its text stays below about 10 MB."""
MOST_CHECKERS: Final = 500
ROLLS: Final = range(30, 101)
"""How often a die may be rolled: 30 rolls are 77 bits."""
QUICKNET_BEGAN: Final = datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)
"""When round 1 of drand's quicknet was due; a round follows every three seconds."""
QUICKNET_EVERY: Final = timedelta(seconds=3)
_LAST_ROUND = 10**10


class SeedKind(StrEnum):
    """Where a seed comes from."""

    DRAND = "drand-quicknet"
    """The signature of one round of drand's quicknet, which is named before: 96 hex digits."""
    PUBLIC = "public"
    """Another number that is drawn in public and named before, such as one of a lottery."""
    DICE = "dice"
    """A die that two persons roll: no stranger can check it."""


_VALUES: Mapping[SeedKind, re.Pattern[str]] = {
    SeedKind.DRAND: re.compile(r"[0-9a-f]{96}"),
    SeedKind.PUBLIC: re.compile(r"[0-9a-z.,-]{4,200}"),
    SeedKind.DICE: re.compile(r"[1-6]{30,100}"),
}
_WHICH: Mapping[SeedKind, re.Pattern[str]] = {
    SeedKind.DRAND: re.compile(r"[1-9][0-9]{0,10}"),
    SeedKind.PUBLIC: re.compile(r"[a-z0-9][a-z0-9./_-]{2,80}"),
    SeedKind.DICE: re.compile(r"[1-9][0-9]{1,2}"),
}


class SeedRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one seed that will be used.  Make it with :meth:`of`."""

    kind: SeedKind
    which: str
    """The round; what is drawn and its issue (``lottery/ssq/2026140``); or how many rolls."""
    due: str
    """When it comes to be, stamped; before that nobody can know it."""

    @classmethod
    def of(cls, kind: str, which: str, due: datetime) -> SeedRule:
        """That one; ValueError if there is none such.  A round of drand has its own due time."""
        rule = SeedKind(kind)
        if not _WHICH[rule].fullmatch(which):
            raise ValueError(f"{which[:80]!r} names no seed of kind {rule.value}")
        if rule is SeedKind.DICE and int(which) not in ROLLS:
            raise ValueError(f"a die is rolled {ROLLS.start} to {ROLLS.stop - 1} times")
        if rule is SeedKind.DRAND:
            if int(which) > _LAST_ROUND:
                raise ValueError(f"round {which} of quicknet is centuries away")
            due = QUICKNET_BEGAN + (int(which) - 1) * QUICKNET_EVERY
        return cls(kind=rule, which=which, due=stamp(due))

    def value(self, told: str) -> str:
        """*told* as the seed's value; ValueError if it cannot be one."""
        text = re.sub(r"\s", "", told).lower()
        if not _VALUES[self.kind].fullmatch(text):
            raise ValueError(f"this is no value of kind {self.kind.value}: {_LIKE[self.kind]}")
        if self.kind is SeedKind.DICE and len(text) != int(self.which):
            raise ValueError(f"these are {len(text)} rolls; the rules say {self.which}")
        return text

    def seed(self, value: str) -> bytes:
        """The 32 bytes that tickets are made with."""
        text = f"evidock-draw-seed/v1\n{self.kind.value}\n{self.which}\n{value}\n"
        return hashlib.sha256(text.encode()).digest()


_LIKE: Mapping[SeedKind, str] = {
    SeedKind.DRAND: "write the round's signature, 96 hexadecimal digits",
    SeedKind.PUBLIC: "write the numbers as they were drawn, with dots between: 4.9.18.26.34.41",
    SeedKind.DICE: "write each roll as one digit from 1 to 6",
}


class Rules(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a draw is made by, as ``draw.commit`` tells it."""

    since: str
    """Clips received from here on, stamped."""
    until: str
    """And before this."""
    station: str | None = None
    """Only those of this one."""
    category: str | None = None
    """Only those that people said to be this."""
    per: str = "all"
    """``all``, or ``station``: each station's clips are drawn from by themselves."""
    size: int
    """How many clips are drawn, of each."""
    recheck: int = 0
    """How many in a hundred of them a second person looks at, too."""
    sheet: str
    """SHA-256 of the sheet's template."""
    owner: str
    """Id of the person who must see to what a sheet finds wrong."""
    seed: SeedRule

    def overlaps(self, other: Rules) -> bool:
        """Whether a clip might be in the populations of both."""
        return self.since < other.until and other.since < self.until


class Candidate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clip that may be drawn."""

    clip: str
    entry: int
    """Log index of its ``archive.verified`` entry."""
    sha256: str
    """Of that entry's bytes."""
    stratum: str
    barred: list[str] = []
    """Checkers who may not draw it: the footage is their own."""

    @property
    def leaf(self) -> Hash:
        return leaf_hash(canonical(msgspec.to_builtins(self)))


class Checker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person who may be drawn to look."""

    person: str

    @property
    def leaf(self) -> Hash:
        return leaf_hash(canonical(msgspec.to_builtins(self)))


class Population(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Clips and checkers, each sorted by id.  Make it with :meth:`of`."""

    format: str
    objects: list[Candidate]
    checkers: list[Checker]

    @classmethod
    def of(cls, objects: Iterable[Candidate], checkers: Iterable[Checker]) -> Population:
        """That of these, whatever order they come in; ValueError unless a draw can be made."""
        made = cls(
            format=FORMAT,
            objects=sorted(objects, key=lambda each: each.clip),
            checkers=sorted(checkers, key=lambda each: each.person),
        )
        made.check()
        return made

    @classmethod
    def read(cls, text: bytes) -> Population:
        """What :attr:`text` wrote; ValueError for anything else."""
        try:
            made = msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(f"a population cannot be read: {error}") from error
        made.check()
        if made.text != text:
            raise ValueError("a population is not written as it must be (RFC 8785)")
        return made

    def check(self) -> None:
        """ValueError unless it is sorted, names nothing twice and has a checker for each clip."""
        clips = [each.clip for each in self.objects]
        people = [each.person for each in self.checkers]
        if self.format != FORMAT or not _rises(clips) or not _rises(people):
            raise ValueError("a population must be sorted, and name each clip and person once")
        if not 0 < len(clips) <= MOST or not 0 < len(people) <= MOST_CHECKERS:
            raise ValueError(
                f"a draw is from 1 to {MOST} clips and 1 to {MOST_CHECKERS} checkers,"
                f" not from {len(clips)} and {len(people)}"
            )
        for each in self.objects:
            if set(people) <= set(each.barred):
                raise ValueError(f"nobody may check clip {each.clip}: it is every checker's own")

    @property
    def text(self) -> bytes:
        """It all, as canonical JSON: what the log commits to beside the roots."""
        return canonical(msgspec.to_builtins(self))

    @property
    def told(self) -> Mapping[str, Any]:
        """What ``draw.commit`` says of it in the clear."""
        return {
            "objects": len(self.objects),
            "objects_root": self.objects_root.hex(),
            "checkers": len(self.checkers),
            "checkers_root": self.checkers_root.hex(),
        }

    @property
    def objects_root(self) -> Hash:
        return root_of([each.leaf for each in self.objects])

    @property
    def checkers_root(self) -> Hash:
        return root_of([each.leaf for each in self.checkers])


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clip that was drawn, and who looks at it."""

    place: int
    """From 0, in the order of tickets; those of the re-check follow."""
    clip: str
    checker: str
    recheck: bool

    @property
    def leaf(self) -> Hash:
        return leaf_hash(canonical(msgspec.to_builtins(self)))


def sample_root(tasks: Sequence[Task]) -> Hash:
    """What ``draw.done`` says of *tasks*."""
    return root_of([each.leaf for each in tasks])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tickets:
    """The tickets of one draw."""

    front: bytes

    @classmethod
    def of(cls, population: Population, seed: bytes) -> _Tickets:
        return cls(front=seed + population.objects_root + population.checkers_root)

    def ticket(self, what: str, *leaves: Hash) -> bytes:
        """A number below 2^256 for those leaves and that purpose, as big-endian bytes."""
        text = f"evidock-draw/v1\n{what}\n".encode() + self.front + b"".join(leaves)
        return hashlib.sha256(text).digest()


def drawn(population: Population, rules: Rules, value: str) -> list[Task]:
    """What the seed's *value* draws; the same for everybody.

    Of each stratum the clips with the smallest tickets.  Each goes, in the order of tickets, to the
    checker with the fewest clips so far; of several, to whom it has the smallest ticket with.
    """
    tickets = _Tickets.of(population, rules.seed.seed(value))
    order = [(tickets.ticket("clip", each.leaf), each) for each in population.objects]
    order.sort(key=lambda pair: pair[0])
    taken: dict[str, int] = {}
    chosen: list[Candidate] = []
    for _, each in order:
        if taken.get(each.stratum, 0) < rules.size:
            taken[each.stratum] = taken.get(each.stratum, 0) + 1
            chosen.append(each)
    lots = _Lots(population.checkers, tickets)
    first = {each.clip: lots.draw("checker", each, set()) or "" for each in chosen}
    again = sorted(chosen, key=lambda each: tickets.ticket("recheck", each.leaf))
    again = again[: -(-len(chosen) * rules.recheck // 100)]
    pairs = [(each.clip, first[each.clip], False) for each in chosen]
    seconds = ((each.clip, lots.draw("second", each, {first[each.clip]})) for each in again)
    pairs += [(clip, second, True) for clip, second in seconds if second is not None]
    return [
        Task(place=place, clip=clip, checker=checker, recheck=is_second)
        for place, (clip, checker, is_second) in enumerate(pairs)
    ]


class _Lots:
    """Gives clips to checkers, so that all have as many."""

    def __init__(self, checkers: Sequence[Checker], tickets: _Tickets) -> None:
        self._leaves = {each.person: each.leaf for each in checkers}
        self._tickets = tickets
        self._loads = dict.fromkeys(self._leaves, 0)

    def draw(self, what: str, clip: Candidate, not_these: set[str]) -> str | None:
        """Who gets it; None if nobody may."""
        leaf, out = clip.leaf, not_these | set(clip.barred)
        able = [person for person in self._leaves if person not in out]
        if not able:
            return None
        fewest = min(self._loads[person] for person in able)
        able = [person for person in able if self._loads[person] == fewest]
        found = min(able, key=lambda each: self._tickets.ticket(what, leaf, self._leaves[each]))
        self._loads[found] += 1
        return found


def is_after(rule: SeedRule, committed: str) -> bool:
    """Whether the seed comes to be only after the moment *committed*; a die is rolled then."""
    if rule.kind is SeedKind.DICE:
        return unstamp(rule.due) >= unstamp(committed)
    return unstamp(rule.due) > unstamp(committed)


def _rises(names: Sequence[str]) -> bool:
    return all(a < b for a, b in itertools.pairwise(names))
