"""The seed of a draw: which public number will be used, and what its value may be.

One rule: a value has one spelling, and must have come to be after the draw was committed to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from evidence.clock import stamp, unstamp

ROLLS: Final = range(30, 101)
"""How often a die may be rolled: 30 rolls are 77 bits."""
QUICKNET_BEGAN: Final = datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)
"""When round 1 of drand's quicknet was due; a round follows every three seconds."""
QUICKNET_EVERY: Final = timedelta(seconds=3)
DRAWN_AT: Final = "drawn_at"
"""The field of ``draw.done`` that says when the numbers of a ``public`` seed were drawn."""
_LAST_ROUND = 10**10


class SeedKind(StrEnum):
    """Where a seed comes from."""

    DRAND = "drand-quicknet"
    """The signature of one round of drand's quicknet, which is named before: 96 hex digits."""
    PUBLIC = "public"
    """Other numbers that are drawn in public and named before, such as those of a lottery."""
    DICE = "dice"
    """A die that two persons roll: no stranger can check it."""


_VALUES: Mapping[SeedKind, re.Pattern[str]] = {
    SeedKind.DRAND: re.compile(r"[0-9a-f]{96}"),
    SeedKind.PUBLIC: re.compile(r"(?=.{4,200}\Z)[0-9]+(\.[0-9]+)*"),
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
        text = _plain(told) if self.kind is SeedKind.PUBLIC else re.sub(r"\s", "", told).lower()
        if not _VALUES[self.kind].fullmatch(text):
            raise ValueError(f"this is no value of kind {self.kind.value}: {_LIKE[self.kind]}")
        if self.kind is SeedKind.DICE and len(text) != int(self.which):
            raise ValueError(f"these are {len(text)} rolls; the rules say {self.which}")
        return text

    def wrong(self, committed: str) -> Iterator[str]:
        """Why it cannot be the seed of a draw that was committed to at that moment, stamped."""
        try:
            if SeedRule.of(self.kind, self.which, unstamp(self.due)) != self:
                yield f"its seed was not due at {self.due}"
        except ValueError as error:
            yield str(error)
            return
        if not is_after(self, committed):
            yield f"its seed was known since {self.due}, before what is drawn from was committed to"

    def seed(self, value: str) -> bytes:
        """The 32 bytes that tickets are made with."""
        text = f"evidock-draw-seed/v1\n{self.kind.value}\n{self.which}\n{value}\n"
        return hashlib.sha256(text.encode()).digest()


_LIKE: Mapping[SeedKind, str] = {
    SeedKind.DRAND: "write the round's signature, 96 hexadecimal digits",
    SeedKind.PUBLIC: "write the numbers as they are published, with dots between: 4.9.18.26.34.41",
    SeedKind.DICE: "write each roll as one digit from 1 to 6",
}


def is_after(rule: SeedRule, committed: str) -> bool:
    """Whether the seed comes to be only after the moment *committed*; a die is rolled then."""
    if rule.kind is SeedKind.DICE:
        return unstamp(rule.due) >= unstamp(committed)
    return unstamp(rule.due) > unstamp(committed)


def wrong_time(
    rule: SeedRule, drawn_at: str | None, *, committed: str, entered: str
) -> Iterator[str]:
    """Why the numbers of *rule* cannot have been *drawn_at* that moment; all are stamped.

    Nobody but their organiser knows when they were: so the second person says it, for the record.
    """
    if rule.kind is not SeedKind.PUBLIC:
        if drawn_at is not None:
            yield f"a seed of kind {rule.kind.value} is not drawn at any other time than its own"
        return
    if drawn_at is None:
        yield f"nobody said when {rule.which} was drawn"
        return
    try:
        plain = stamp(unstamp(drawn_at)) == drawn_at
    except ValueError:
        plain = False
    if not plain:
        yield f"{drawn_at[:80]!r} is no moment at which {rule.which} was drawn"
    elif drawn_at <= committed:
        yield (
            f"{rule.which} was drawn at {drawn_at}, before what is drawn from was committed to at"
            f" {committed}"
        )
    elif drawn_at > entered:
        yield f"{rule.which} was drawn at {drawn_at}, after its value was entered at {entered}"


def _plain(told: str) -> str:
    """Whole numbers in their one spelling; empty for anything else.

    ``04 09-18`` is ``4.9.18``: otherwise the same numbers would draw other clips by the way that
    somebody likes to write them.
    """
    if not re.fullmatch(r"[0-9\s.,;/-]{1,400}", told):
        return ""
    return ".".join(str(int(number)) for number in re.findall(r"[0-9]+", told))
