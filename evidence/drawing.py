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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from evidence.canonical import canonical
from evidence.clock import stamp, unstamp
from evidence.draw_seed import SeedKind, SeedRule
from evidence.merkle import Hash, leaf_hash, root_of

FORMAT: Final = "evidock-population/v1"
MOST: Final = 50_000
"""Clips in one population, so that its text stays below about 10 MB."""
MOST_CHECKERS: Final = 500
PER: Final = ("all", "station")
SIZES: Final = range(1, 1001)
"""How many clips may be drawn, of each."""
MOST_TASKS: Final = 5_000
"""Clips that one draw may give out, second looks among them."""
_PERCENT = range(101)
_SHA256 = re.compile(r"[0-9a-f]{64}")


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

    def at(self, commit: datetime) -> Rules:
        """These, of a draw that is committed to just then: a die is rolled from then on."""
        if self.seed.kind is not SeedKind.DICE:
            return self
        return msgspec.structs.replace(
            self, seed=msgspec.structs.replace(self.seed, due=stamp(commit))
        )

    def wrong(self, committed: str) -> Iterator[str]:
        """Why nothing may be drawn by it that was committed to at that moment, stamped.

        The archive's door asks, and whoever reads the log afterwards: what one refuses the other
        names.
        """
        try:
            days = [stamp(unstamp(day)) == day for day in (self.since, self.until)]
        except ValueError as error:
            yield f"its days cannot be read: {error}"
        else:
            if not all(days) or not self.since < self.until <= committed:
                yield "its days are not over: since is before until, and until before the commit"
        if self.per not in PER or self.size not in SIZES or self.recheck not in _PERCENT:
            yield (
                f"it is not per {' or '.join(PER)}, of {SIZES.start} to {SIZES.stop - 1} clips of"
                " each, with 0 to 100 % looked at twice"
            )
        if not _SHA256.fullmatch(self.sheet):
            yield "its sheet is not named by a SHA-256"
        yield from self.seed.wrong(committed)


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

    def gives(self, rules: Rules) -> int:
        """How many tasks at most *rules* draw from it."""
        strata = Counter(each.stratum for each in self.objects)
        chosen = sum(min(count, rules.size) for count in strata.values())
        return chosen + _again(chosen, rules)

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
    again = again[: _again(len(chosen), rules)]
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


def _again(chosen: int, rules: Rules) -> int:
    """How many of those that were *chosen* are looked at twice."""
    return -(-chosen * rules.recheck // 100)


def _rises(names: Sequence[str]) -> bool:
    return all(a < b for a, b in itertools.pairwise(names))
