"""Score sheets: what is looked at in a review, as data, and what somebody's answers make of it.

One rule: a sheet is known by the SHA-256 of its template, so that nobody changes the questions
after the answers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import SetupError

FORMAT = "evidock-sheet/v1"
_Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}\Z")]
_Text = Annotated[str, Meta(min_length=1, max_length=200)]
Verdict = Literal["pass", "fail", "na"]


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is looked at."""

    id: _Id
    title: _Text
    title_zh: _Text
    score: Annotated[int, Meta(ge=0, le=1000)] = 0
    """What it counts if it is right; 0: it counts nothing, and must be right all the same."""
    days: Annotated[int, Meta(ge=1, le=365)] | None = None
    """Within how many days it must be put right if it is wrong; None: nobody has to."""


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The questions of a sheet."""

    format: Literal["evidock-sheet/v1"]
    id: _Id
    title: _Text
    title_zh: _Text
    pass_percent: Annotated[int, Meta(ge=0, le=100)]
    """It passes with so many hundredths of what its answered points count."""
    points: Annotated[tuple[Point, ...], Meta(min_length=1, max_length=60)]

    @classmethod
    def parse(cls, data: bytes, where: str) -> Template:
        """That in *data*, TOML; SetupError says what is wrong with it."""
        try:
            made = msgspec.convert(tomllib.loads(data.decode("utf-8")), type=cls)
        except (ValueError, msgspec.ValidationError) as error:
            raise SetupError(f"the sheet {where} is no good: {error}") from error
        ids = [point.id for point in made.points]
        if twice := {each for each in ids if ids.count(each) > 1}:
            raise SetupError(f"the sheet {where} has two points called {min(twice)}")
        return made

    @classmethod
    def read(cls, text: str) -> Template:
        """That which :attr:`text` wrote; ValueError for anything else."""
        return msgspec.json.decode(text, type=cls)

    @property
    def text(self) -> str:
        """It all, as canonical JSON."""
        return canonical(msgspec.to_builtins(self)).decode("utf-8")

    @property
    def sha256(self) -> str:
        """What it is known by."""
        return Sha256.of(self.text.encode("utf-8")).hex


class Answered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a checker says of one point."""

    point: str
    verdict: Verdict
    note: Annotated[str, Meta(max_length=2000)] = ""


VOID = ("clip", "checker", "other")
"""Why nobody can do a review: its clip is sealed or gone; its checker left; as somebody says."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What answers come to."""

    passed: bool | None
    """None: nothing that was answered counts, so nobody can say."""
    score: int
    of: int
    failed: tuple[Point, ...]


def result(template: Template, answers: Sequence[Answered]) -> Result:
    """What *answers* come to; ValueError unless each point is answered once.

    A point that is wrong and counts nothing fails the whole sheet.
    """
    said: Mapping[str, Answered] = {each.point: each for each in answers}
    ids = [point.id for point in template.points]
    if len(said) != len(answers) or set(said) != set(ids):
        odd = sorted(set(said) ^ set(ids)) or ["(one of them twice)"]
        raise ValueError(f"answer each point once: {', '.join(odd)[:200]}")
    counted = [point for point in template.points if said[point.id].verdict != "na"]
    failed = tuple(point for point in counted if said[point.id].verdict == "fail")
    of = sum(point.score for point in counted)
    score = of - sum(point.score for point in failed)
    passed = _passed(template, counted, failed, score)
    return Result(passed=passed, score=score, of=of, failed=failed)


def _passed(
    template: Template, counted: Sequence[Point], failed: Sequence[Point], score: int
) -> bool | None:
    """Whether it passed; None where *counted* points count nothing, and others would have."""
    of = sum(point.score for point in counted)
    if any(not point.score for point in failed):
        return False
    if not counted or (not of and any(point.score for point in template.points)):
        return None
    return score * 100 >= template.pass_percent * of


def within(point: Point) -> timedelta | None:
    """How long somebody has to put it right."""
    return None if point.days is None else timedelta(days=point.days)
