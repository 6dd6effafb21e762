"""Names that came from a camera or a feed, made fit to compare and to show.

Such a name is a claim: it is kept as it came and never shown as it came.  One rule: the escaping is
one to one, so two names never look the same, and what comes out is printable whatever went in.
"""

from __future__ import annotations

import unicodedata

_DISORDERLY = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"}
"""Unicode categories not shown as they are: controls, direction marks, unassigned, odd spaces."""


def folded(text: str) -> str:
    """*text* as names and officer numbers are compared: without case, without outer blanks."""
    return text.strip().casefold()


def last_part(path: bytes) -> bytes:
    """The file's own name in a *path* on a card."""
    return path.rpartition(b"/")[2]


def shown(name: bytes) -> str:
    r"""*name* as text: UTF-8 as it is, ``\xNN`` for other bytes, ``\uNNNN`` for what misleads."""
    text = name.decode("utf-8", errors="surrogateescape")
    return "".join(_shown(letter) for letter in text)


def safe_part(name: bytes) -> bytes:
    """*name* as one part of a path: what no path can hold is written as its code."""
    if name in {b"", b".", b".."}:
        return b"%2E" * len(name) or b"%00"
    return (
        name.replace(b"%", b"%25").replace(b"/", b"%2F").replace(b"\0", b"%00")
        if (b"/" in name or b"\0" in name)
        else name
    )


def _shown(letter: str) -> str:
    if letter == "\\":
        return r"\\"
    if unicodedata.category(letter) == "Cs":  # surrogateescape: a byte that is not UTF-8
        return f"\\x{letter.encode('utf-8', errors='surrogateescape')[0]:02x}"
    if letter != " " and unicodedata.category(letter) in _DISORDERLY:
        return letter.encode("unicode_escape").decode("ascii")
    return letter
