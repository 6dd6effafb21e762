"""Law packs and rule sets, read from TOML and judged before anything relies on them.

One rule: a pack is refused whole.  Half a law is none, and a rule that nobody can cite is not the
law's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.law.period import Period

FORMAT = "evidock-law-pack/v1"
PERMANENT = "permanent"

_Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}\Z")]
_Text = Annotated[str, Meta(min_length=1, max_length=400)]
_PERIOD = re.compile(r"(permanent|[1-9][0-9]{0,3} (day|month|year)s?)\Z")

Base = Literal["recorded", "archived", "classified", "case-closed"]
"""What a period is counted from; what is not known is taken to be the arrival.

``recorded``: by the corrected clock.  ``classified``: when it was last said what the clip is.
``case-closed``: the end of the last case it is in; while one is open, disposal is forbidden.
"""


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a clip can be classified as."""

    id: _Id
    title: _Text
    title_zh: _Text


class Rule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"base": "from"}
):
    """For whom, how long, from when, and by which words of the law."""

    id: _Id
    title: _Text
    title_zh: _Text
    keep: str
    base: Base = "archived"
    categories: tuple[_Id, ...] = ()
    """Of which a clip must have one; empty: every clip."""
    citation: _Text
    effective: date | None = None
    """In force from this day on; the pack's own if none."""
    repealed: date | None = None
    """No longer in force from this day on."""

    @property
    def period(self) -> Period | None:
        """How long; None for ever."""
        return None if self.keep == PERMANENT else Period.parse(self.keep)


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["evidock-law-pack/v1"]
    name: _Id
    version: Annotated[int, Meta(ge=1)]
    jurisdiction: _Text
    title: _Text
    title_zh: _Text
    citation: _Text
    read_at: _Text
    effective: date
    floor: str
    category: tuple[Category, ...] = ()
    rule: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """One version of what a jurisdiction, or an agency, demands."""

    name: str
    version: int
    jurisdiction: str
    title: str
    title_zh: str
    citation: str
    read_at: str
    """Where its text was read, so that it can be read again."""
    effective: date
    floor: Period
    """No clip may be kept for less, from its arrival on, whatever it is classified as."""
    categories: Mapping[str, Category]
    rules: Sequence[Rule]
    raw: bytes
    """The file, which is what was published."""
    digest: Sha256
    """Of the file."""

    @classmethod
    def parse(cls, data: bytes, where: str) -> LawPack:
        """The pack that *data* writes; SetupError, naming *where* and what, if it is no good."""
        try:
            told = msgspec.convert(tomllib.loads(data.decode("utf-8")), _Document)
            floor = Period.parse(told.floor)
        except (ValueError, msgspec.ValidationError) as error:
            raise SetupError(f"{where}: {error}", advice=_ADVICE) from error
        problems = list(_problems(told, floor))
        if problems:
            raise SetupError(f"{where}: {'; '.join(problems)}", advice=_ADVICE)
        return cls(
            name=told.name,
            version=told.version,
            jurisdiction=told.jurisdiction,
            title=told.title,
            title_zh=told.title_zh,
            citation=told.citation,
            read_at=told.read_at,
            effective=told.effective,
            floor=floor,
            categories={each.id: each for each in told.category},
            rules=told.rule,
            raw=data,
            digest=Sha256.of(data),
        )

    @property
    def reference(self) -> str:
        """As entries name it: ``name/version``."""
        return f"{self.name}/{self.version}"

    def in_force(self, rule: Rule, since: date, now: date) -> bool:
        """Whether *rule* was in force on a day from *since* to *now*.

        A law that was repealed goes on for what arrived under it: to drop it is an act of people.
        """
        began = rule.effective or self.effective
        return began <= now and (rule.repealed is None or rule.repealed > since)


_ADVICE = "Nothing was taken from it. docs/retention.md says what a law pack is."
_FROM = datetime(2001, 3, 1, tzinfo=UTC)
"""From a day with no short month behind it, so that periods of days and months can be compared."""


def _problems(told: _Document, floor: Period) -> list[str]:
    found: list[str] = []
    for kind, ids in (
        ("category", [e.id for e in told.category]),
        ("rule", [e.id for e in told.rule]),
    ):
        found += [
            f"{kind} {name!r} is there twice" for name in sorted(set(ids)) if ids.count(name) > 1
        ]
    if not any(not rule.categories for rule in told.rule):
        found.append("no rule is for every clip (categories = [])")
    known = {each.id for each in told.category}
    for rule in told.rule:
        if not _PERIOD.match(rule.keep):
            found.append(f"rule {rule.id!r} keeps {rule.keep!r}: no period, and not {PERMANENT!r}")
        elif _is_shorter(rule, floor):
            found.append(f"rule {rule.id!r} keeps {rule.keep}, less than the floor {told.floor}")
        found += [
            f"rule {rule.id!r} is for {name!r}, which is no category of it"
            for name in rule.categories
            if name not in known
        ]
        if rule.repealed is not None and rule.repealed <= (rule.effective or told.effective):
            found.append(f"rule {rule.id!r} is repealed before it is in force")
    return found


def _is_shorter(rule: Rule, floor: Period) -> bool:
    if rule.period is None:
        return False
    ends, least = (each.after(_FROM, UTC.utcoffset(None)) for each in (rule.period, floor))
    return ends is not None and (least is None or ends < least)
