"""Typed settings of reviews and findings: sections of :mod:`evidence.settings`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

Days = Annotated[int, Meta(ge=1, le=365)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """[review]: clips drawn at random, and who looks at them (docs/reviews.md)."""

    sheets: tuple[str, ...] = ("scene",)
    """Score sheets: names of those in ``review_sheets/``, or files of your own."""
    seed_days: Days = 3
    """Days after its seed was due within which a draw must be done."""
    sheet_days: Days = 14
    """Days after a draw within which its sheets must be filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsSettings:
    """[findings]: what somebody must answer, and who hears of it if they do not."""

    remind_days: Days = 3
    """Days before its deadline that the owner of a finding is reminded."""
    escalate_days: Annotated[tuple[Annotated[int, Meta(ge=0, le=365)], ...], Meta(max_length=5)] = (
        1,
        7,
    )
    """Days after its deadline that somebody higher is told, level by level; they must rise."""
    escalate_to: Annotated[
        tuple[Literal["supervisor", "legal", "auditor"], ...], Meta(max_length=5)
    ] = ("supervisor", "legal")
    """Whose role that is, of each level."""
