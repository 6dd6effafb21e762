"""Taking apart what a tool says on its standard output, line by line, within bounds.

A tool that a hostile file has taken over says what it likes: a line without an end, a number of
four thousand digits.  Neither may cost us memory, or time on the event loop.
"""

from __future__ import annotations

import re

from evidence.errors import RenditionFailed

MOST_LINE = 4096
"""Bytes of one line; those that we ask for have some fifty."""
_INTEGER = re.compile(rb"-?[0-9]{1,19}")
_HALF = 1 << 63
"""Media tools count in signed numbers of 64 bits."""


class Lines:
    """Pieces as they come from a pipe go in, whole lines come out."""

    def __init__(self) -> None:
        self._begun = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that *piece* ends, without their newline.

        RenditionFailed for one of more than 4,096 bytes, whether it has ended or not; so what is
        kept, and copied with the next piece, is never longer.
        """
        *lines, self._begun = (self._begun + piece).split(b"\n")
        if max(map(len, (*lines, self._begun))) > MOST_LINE:
            raise RenditionFailed(f"the tool said a line of more than {MOST_LINE} bytes")
        return lines


def integer(said: bytes) -> int:
    """The number that *said* is; RenditionFailed if it is none that 64 bits hold."""
    number = int(said) if _INTEGER.fullmatch(said) else _HALF
    if not -_HALF <= number < _HALF:
        raise RenditionFailed(f"the tool said {said[:40]!r} where a number of 64 bits belongs")
    return number
