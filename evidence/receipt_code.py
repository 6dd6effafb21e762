"""A receipt with its entry as text that QR codes carry, and that restores to the very same bytes.

One rule: nothing of it is ours but the words in front.  Entry, line feed and receipt are packed by
gzip (RFC 1952) and written in Base32 (RFC 4648), so ``base32 -d | gunzip`` undoes it anywhere.

``EVIDOCK:PROOF:1:<number>/<of>:<mark>:<base32>``, in capitals, which a code packs best.  The mark
is the beginning of the SHA-256 of what was packed: parts of two receipts are never put together.
"""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable

from evidence.digest import Sha256
from evidence.errors import LogBroken

MOST_TEXT = 1_200
"""Characters of Base32 in one code: with what stands in front it fits version 20 at level L."""
START = b"EVIDOCK:PROOF:"
_PART = re.compile(
    r"EVIDOCK:PROOF:1:(?P<number>[1-9]\d?)/(?P<of>[1-9]\d?):(?P<mark>[0-9A-F]{8}):"
    r"(?P<text>[A-Z2-7]+)"
)
_GZIP = 31
"""zlib's word for gzip's own frame, checksum and all."""
_MOST = 1 << 18
"""Bytes that a receipt and its entry have at most, so that no code unpacks into a flood."""
_BYTES = 5
"""Base32 writes so many at once; what lacks is made up by zeros, which gunzip passes over."""


def codes(receipt: bytes, entry: bytes) -> list[str]:
    """The texts of the codes, in order.  ValueError if *entry* is none: it has one line."""
    if b"\n" in entry:
        raise ValueError("an entry of the log has no line feed")
    packed = gzip.compress(entry + b"\n" + receipt, 9, mtime=0)
    packed += bytes(-len(packed) % _BYTES)
    text = base64.b32encode(packed).decode("ascii")
    of = -(-len(text) // MOST_TEXT)
    each = -(-len(text) // of)
    parts = [text[start : start + each] for start in range(0, len(text), each)]
    mark = _mark(packed)
    return [
        f"EVIDOCK:PROOF:1:{number}/{len(parts)}:{mark}:{part}"
        for number, part in enumerate(parts, start=1)
    ]


def restore(lines: Iterable[str]) -> tuple[bytes, bytes]:
    """Receipt and entry out of the texts of all their codes, in any order; unproven.

    LogBroken names the code that is missing, or what is wrong.
    """
    found: dict[int, str] = {}
    marks: set[tuple[str, int]] = set()
    for line in filter(None, map(str.strip, lines)):
        part = _PART.fullmatch(line.upper())
        if part is None:
            raise LogBroken(f"{line[:60]!r} is no code of a receipt")
        number = int(part["number"])
        if found.setdefault(number, part["text"]) != part["text"]:
            raise LogBroken(f"there are two different codes {number}")
        marks.add((part["mark"], int(part["of"])))
    if len(marks) != 1:
        raise LogBroken(f"these are codes of {len(marks)} receipts, not of one")
    ((mark, of),) = marks
    if missing := [number for number in range(1, of + 1) if number not in found]:
        raise LogBroken(f"of {of} codes there lack: {', '.join(map(str, missing))}")
    if len(found) > of:
        raise LogBroken(f"there is a code {max(found)} of {of}")
    return _unpacked("".join(found[number] for number in range(1, of + 1)), mark)


def _unpacked(text: str, mark: str) -> tuple[bytes, bytes]:
    try:
        packed = base64.b32decode(text)
        if _mark(packed) != mark:
            raise LogBroken("the codes are not what they were: their mark differs")
        stream = zlib.decompressobj(_GZIP)
        data = stream.decompress(packed, _MOST)
    except (ValueError, zlib.error) as error:
        raise LogBroken(f"the codes cannot be unpacked: {error}") from error
    if not stream.eof or stream.unused_data.strip(b"\0"):
        raise LogBroken("the codes hold something else than a receipt and its entry")
    entry, _, receipt = data.partition(b"\n")
    return receipt, entry


def _mark(packed: bytes) -> str:
    return Sha256.of(packed).hex[:8].upper()
