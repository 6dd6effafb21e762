"""By what reviews are made: the sheets and times that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from evidence.errors import NotKnown
from evidence.review_settings import ReviewSettings
from evidence.sheet import Template
from evidence.sheet_shelf import templates


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerms:
    """Made once, at the start."""

    sheets: Mapping[str, Template]
    """By their ids."""
    patience: timedelta
    """After its seed was due, for a draw to be done."""
    within: timedelta
    """After a draw, for its sheets."""

    @classmethod
    def of(cls, chosen: ReviewSettings) -> ReviewTerms:
        """As the settings say; SetupError for a sheet that is no good.  Blocks."""
        return cls(
            sheets=templates(chosen.sheets),
            patience=timedelta(days=chosen.seed_days),
            within=timedelta(days=chosen.sheet_days),
        )

    def sheet(self, name: str) -> Template:
        """The sheet with that id; NotKnown without one."""
        if name not in self.sheets:
            raise NotKnown(
                f"there is no sheet {name[:80]!r}",
                advice=f"There are {', '.join(sorted(self.sheets))}; [review] sheets names more.",
            )
        return self.sheets[name]
