"""The cells of one row, read as what their fields are; the first that is wrong is kept.

Codes (numbers of events, officers, cameras, cases, units) and times are read with full-width forms
as the plain letters and digits they stand for: an officer 4711 is the same however it was typed.
"""

from __future__ import annotations

import re
from datetime import datetime

from archive.catalogue.feeds import RowProblem
from archive.feeds.contract import Raw
from archive.feeds.fields import WITHDRAWN
from archive.feeds.mapping import FeedMapping

LONGEST = 512
"""Characters of the longest cell that is a fact."""
_PLAIN = {0x3000: " "} | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
APART = re.compile(r"[\s;,、，；]+")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,15})?\Z")
_MOST_NAMED = 2000
_LONGEST_LIST = 64 * 1024


def _is_text(told: str) -> bool:
    """Whether *told* was read whole, and every database keeps it."""
    return not any(each in "\0\ufffd" or "\ud800" <= each <= "\udfff" for each in told)


class Cells:
    """One row; :attr:`problem` is what is wrong with it, once its fields were read."""

    def __init__(self, raw: Raw, mapping: FeedMapping) -> None:
        self._raw = raw
        self._mapping = mapping
        self.problem: RowProblem | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether the row says that it is no longer stood by."""
        try:
            return self._mapping.is_withdrawn(self._cell(WITHDRAWN))
        except ValueError as error:
            self.object(WITHDRAWN, str(error))
            return False

    def text(self, name: str) -> str | None:
        """Text as it was told; None: nothing."""
        return self._cell(name) or None

    def code(self, name: str) -> str | None:
        """A code, in plain letters and digits; None: nothing."""
        told = self._cell(name).translate(_PLAIN).strip()
        if not told.isprintable():
            self.object(name, f"{told[:40]!r} holds characters that nobody sees")
            return None
        return told or None

    def needed(self, name: str) -> str:
        """A code that must be there."""
        found = self.code(name)
        if found is None:
            self.object(name, "is missing", said=f"no {self._column(name)}")
        return found or ""

    def moment(self, name: str, *, day: bool = False) -> datetime | None:
        """A time; None: nothing, or nothing that is one."""
        told = self.code(name)
        if told is None:
            return None
        try:
            return self._mapping.times.moment(told, day=day)
        except ValueError as error:
            self.object(name, str(error))
            return None

    def needed_moment(self, name: str) -> datetime | None:
        """A time that must be there."""
        return self.moment(name) if self.needed(name) else None

    def degrees(self, name: str, most: float) -> float | None:
        """Degrees from -*most* to *most*."""
        told = self.code(name)
        if told is None:
            return None
        if not _DEGREES.match(told) or abs(float(told)) > most:
            self.object(name, f"{told[:40]!r} is not degrees from -{most:g} to {most:g}")
            return None
        return float(told)

    def count(self, name: str) -> int | None:
        """A whole number from 1 on."""
        told = self.code(name)
        if told is None:
            return None
        if not (told.isascii() and told.isdigit() and len(told) < 5 and int(told) > 0):  # noqa: PLR2004
            self.object(name, f"{told[:40]!r} is not a number from 1 on")
            return None
        return int(told)

    def codes(self, name: str) -> tuple[str, ...]:
        """Codes with blanks, commas or semicolons between them."""
        told = self._cell(name, _LONGEST_LIST).translate(_PLAIN)
        found = tuple(dict.fromkeys(each for each in APART.split(told) if each))
        if len(found) > _MOST_NAMED or any(len(each) > LONGEST for each in found):
            self.object(name, f"more than {_MOST_NAMED} numbers, or one is too long")
            return ()
        return found

    def object(self, name: str, reason: str, *, said: str = "") -> None:
        """Keep that field *name* is wrong, if nothing was before; *said* stands for it all."""
        if self.problem is None:
            column = self._column(name)
            self.problem = RowProblem(
                row=self._raw.row, field=column, reason=said or f"{column} {reason}"
            )

    def _column(self, name: str) -> str:
        return self._mapping.column(name, self._raw.cells)

    def _cell(self, name: str, longest: int = LONGEST) -> str:
        told = self._raw.cells.get(self._column(name), "") or self._mapping.constants.get(name, "")
        if len(told) > longest or not _is_text(told):
            self.object(name, f"is not readable text of at most {longest} characters")
            return ""
        return told
