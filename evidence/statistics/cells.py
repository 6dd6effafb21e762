"""Cells of a table that another program opens: what looks like a formula must not become one.

A name or a number of a unit comes from a feed or a camera, so whoever writes it could have a
spreadsheet run what it says (OWASP, *CSV Injection*:
https://owasp.org/www-community/attacks/CSV_Injection): fetch an address with the other cells in it,
or start a program.  A text that begins, behind blanks and what is not seen, with ``=``, ``+``,
``-``, ``@``, a tab, a line break or a full-width form of those gets an apostrophe before it, which
spreadsheets take for the mark of a text.  Quotes and separators inside a text are the CSV writer's
business: it quotes every cell that has any.

One rule: numbers stay numbers.  Only text is marked, so ``-1`` that was counted can be added up.
"""

from __future__ import annotations

import unicodedata

Cell = str | int | float | None
MARK = "'"
_BEGIN = frozenset("=+-@\t\r\n")
_LIKE_MINUS = frozenset("\u2010\u2011\u2012\u2013\u2212")
"""Dashes that a spreadsheet may read as minus once it converts them."""
_LONGEST = 32_000
"""Characters; Excel takes 32,767 in a cell."""


def neutral(value: Cell) -> Cell:
    """*value* as it may stand in a cell; a text that a program would run is marked as a text."""
    if not isinstance(value, str):
        return value
    text = value[:_LONGEST]
    return MARK + text if _would_run(text) else text


def _would_run(text: str) -> bool:
    """Whether *text* begins like a formula, for a program that drops what is not seen first."""
    for letter in text:
        if letter in _BEGIN or letter in _LIKE_MINUS:
            return True
        if letter.isspace() or unicodedata.category(letter) in {"Cf", "Cc"}:
            continue
        return unicodedata.normalize("NFKC", letter)[:1] in _BEGIN
    return False
