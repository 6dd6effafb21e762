"""Names that came from a camera or a feed, made fit to compare and to show.

Such a name is bytes and a claim: it is kept as it came, and never shown as it came.
"""

from __future__ import annotations


def folded(text: str) -> str:
    """*text* as names and officer numbers are compared: without case, without outer blanks."""
    return text.strip().casefold()


def last_part(path: bytes) -> bytes:
    """The file's own name in a *path* on a card."""
    return path.rpartition(b"/")[2]


def shown(name: bytes) -> str:
    r"""*name* for people: what is not printable UTF-8 appears as ``\xNN`` or ``\uNNNN``.

    This covers invalid bytes, line breaks and the controls that turn the writing direction.
    """
    text = name.decode("utf-8", errors="backslashreplace")
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii")
        for mark in text
    )
