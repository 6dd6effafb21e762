"""Letters for the burnt-in clock and frame number, drawn without any font on the machine.

A camera's overlay is a strip of text on the picture.  The strip is made here as raw grey frames
(one byte a pixel) that ffmpeg lays over the footage, so a newcomer's machine needs no font files.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_GLYPHS = {
    "0": "01110100011001110101110011000101110",
    "1": "00100011000010000100001000010001110",
    "2": "01110100010000100010001000100011111",
    "3": "11111000100010000010000011000101110",
    "4": "00010001100101010010111110001000010",
    "5": "11111100001111000001000011000101110",
    "6": "00110010001000011110100011000101110",
    "7": "11111000010001000100010000100001000",
    "8": "01110100011000101110100011000101110",
    "9": "01110100011000101111000010001001100",
    ":": "00000001000000000000001000000000000",
    "-": "00000000000000011111000000000000000",
    "#": "01010010101111101010111110101001010",
    " ": "0" * 35,
}
"""5 x 7 dots each, row by row."""

_ROWS, _COLUMNS, _SCALE, _GAP = 7, 5, 2, 1

HEIGHT = (_ROWS + 2 * _GAP) * _SCALE
"""Pixels from top to bottom of a strip."""


def width(letters: int) -> int:
    """Pixels from left to right of a strip of *letters* characters; even, as video wants it."""
    return (letters * (_COLUMNS + _GAP) + _GAP) * _SCALE


def lettered(text: str) -> NDArray[np.uint8]:
    """*text* as a grey picture, white on near-black.  KeyError for a letter without a glyph."""
    dots = np.zeros((_ROWS + 2 * _GAP, len(text) * (_COLUMNS + _GAP) + _GAP), dtype=np.uint8)
    for place, letter in enumerate(text):
        glyph = np.array([int(dot) for dot in _GLYPHS[letter]], dtype=np.uint8)
        left = _GAP + place * (_COLUMNS + _GAP)
        dots[_GAP : _GAP + _ROWS, left : left + _COLUMNS] = glyph.reshape(_ROWS, _COLUMNS)
    return np.kron(dots * 219 + 16, np.ones((_SCALE, _SCALE), dtype=np.uint8)).astype(np.uint8)


def strips(texts: Iterable[str]) -> bytes:
    """Raw frames, one a text, all texts of one length."""
    return b"".join(lettered(text).tobytes() for text in texts)
