"""What a person says for the record: never nothing, and never more than anybody reads.

One rule: it holds for whoever types at a terminal as for whoever writes to the archive's door.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 2000


def spoken(name: str, text: str) -> str:
    """*text* without blanks around it; ValueError says of *name* that it is nothing, or too much.

    NUL is refused, too: PostgreSQL keeps no text that holds it.
    """
    words = text.strip()
    if not 0 < len(words) <= LONGEST:
        raise ValueError(f"{name}: say it, in at most {LONGEST} characters")
    if "\0" in words:
        raise ValueError(f"{name}: it holds the character NUL, which no text here may")
    return words
