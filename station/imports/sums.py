"""A list of digests that the giver supplied, in the format of ``sha256sum``.

One rule: a line that cannot be read is an error that names it, since a list is there to be believed
as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from evidence.errors import SetupError

_LINE = re.compile(rb"(\\?)([0-9A-Fa-f]{64}) [ *](.+)")
_LARGEST = 256 << 20
"""Bytes: some two million lines."""
_ESCAPES = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}


def read_sums(file: Path) -> Mapping[bytes, str]:
    """Path -> digest of each line of *file*; SetupError if it is no such list.

    A path loses a leading ``./``; one that is listed twice must have one digest.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise SetupError(f"{file} is too long for a list of digests")
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise SetupError(f"--sha256sums {file} cannot be read: {error.strerror}") from error
    found: dict[bytes, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith(b"#"):
            continue
        path, digest = _read(line, f"{file}, line {number}")
        if found.setdefault(path, digest) != digest:
            raise SetupError(
                f"{file}, line {number}: {path!r} is listed with another digest before"
            )
    if not found:
        raise SetupError(f"{file} lists no digest")
    return found


def given_of(path: bytes, sums: Mapping[bytes, str]) -> tuple[bytes, str] | None:
    """The name under which *sums* list the file at *path* of an import, and its digest.

    A giver counts paths from the folder that was named, or from the one it lies in.
    """
    _, _, inside = path.partition(b"/")
    for name in (path, inside):
        if name in sums:
            return name, sums[name]
    return None


def _read(line: bytes, where: str) -> tuple[bytes, str]:
    told = _LINE.fullmatch(line)
    if told is None:
        raise SetupError(f"{where} is no line of sha256sum: {line[:80]!r}")
    name = told[3]
    if told[1]:
        name = re.sub(rb"\\.", lambda escape: _ESCAPES.get(escape[0], escape[0]), name)
    return name.removeprefix(b"./"), told[2].decode("ascii").lower()
