"""The files of a package, wherever they lie: a folder or a zip file.

One rule: a name is looked at before anything is opened by it.  What has no safe name, or is no
plain file, is refused by name and never read.
"""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from evidence.digest import blocks_of
from evidence.errors import DigestMismatch
from evidence.package import LARGEST_READ, LARGEST_STATEMENT, MOST_FILES, STATEMENT

DEEPEST = 32
"""Folders within one another."""
LONGEST = 1024
"""Bytes of a path."""
_LARGEST = {f"data/{STATEMENT}": LARGEST_STATEMENT}


class Files(Protocol):
    """Plain files by their names: relative, ``/`` between parts, safe."""

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """What is there and will not be read: its name, shown, and why."""
        ...

    def size(self, name: str) -> int:
        """Bytes of the file, as the container says."""
        ...

    def open(self, name: str) -> BinaryIO:
        """The file, to be read from its start; DigestMismatch if it cannot be."""
        ...


@dataclass(slots=True)
class Names:
    """Sorts names as they come into those that are safe and those that are refused."""

    kept: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)
    _folded: dict[str, str] = field(default_factory=dict)

    def take(self, name: str) -> bool:
        """Whether *name* is safe and new; a refusal is noted."""
        why = wrong(name) or self._collides(name)
        if why is None and len(self.kept) >= MOST_FILES:
            why = f"more than {MOST_FILES} files"
        if why is not None:
            self.refuse(name, why)
            return False
        self.kept.add(name)
        return True

    def refuse(self, name: str, why: str) -> None:
        """Note that *name* is not looked at."""
        self.refused.append((name, f"refused: {why}"))

    def _collides(self, name: str) -> str | None:
        if name in self.kept:
            return "the name is there twice"
        folded = unicodedata.normalize("NFC", name).casefold()
        other = self._folded.setdefault(folded, name)
        return None if other == name else f"differs from {other!r} only in case or composition"


def wrong(name: str) -> str | None:
    """Why no file of a package may have this *name*; None if it may."""
    parts = name.split("/")
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "the name is not UTF-8"
    if not name or length > LONGEST or len(parts) > DEEPEST:
        return "the name is empty, too long or too deep"
    if any(part in {"", ".", ".."} for part in parts):
        return "the name leads outside, or holds an empty part"
    if "\\" in name or ":" in name or not name.isprintable():
        return "the name holds a backslash, a colon or a sign that cannot be shown"
    return None


@contextmanager
def reading(name: str) -> Iterator[None]:
    """DigestMismatch about the file *name* for what stops whoever reads it within.

    It was there when its container was looked at; it may be gone, changed or a link by now.
    """
    try:
        yield
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DigestMismatch(
            f"{name} cannot be read: {why}",
            advice="Take a copy of the package that nobody else can write to, and use that.",
        ) from error


def read(files: Files, name: str, most: int | None = None) -> bytes:
    """The file *name*, whole; DigestMismatch if it is missing or larger than *most* bytes.

    Unless told, that is what no package that is written here exceeds.
    """
    if name not in files.names:
        raise DigestMismatch(f"{name} is missing")
    most = _LARGEST.get(name, LARGEST_READ) if most is None else most
    data = b""
    if files.size(name) <= most:
        with reading(name), files.open(name) as stream:
            data = stream.read(most + 1)
    if max(len(data), files.size(name)) > most:
        raise DigestMismatch(f"{name} has more than {most} bytes")
    return data


def measure(files: Files, name: str, passed: Callable[[int], None]) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size of the file *name*, streamed; *passed* hears of each block."""
    state, size = hashlib.sha256(), 0
    with files.open(name) as stream:
        for block in blocks_of(stream):
            state.update(block)
            size += len(block)
            passed(len(block))
    return state.hexdigest(), size


def below(names: Iterable[str], folder: str) -> Iterator[str]:
    """Those of *names* that lie below *folder*, in order."""
    return iter(sorted(name for name in names if name.startswith(f"{folder}/")))


class Prefixed:
    """The files below one folder of others."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._prefix = f"{folder}/"
        self.refused = files.refused
        self.names = frozenset(
            name.removeprefix(self._prefix) for name in files.names if name.startswith(self._prefix)
        )

    def size(self, name: str) -> int:
        return self._files.size(self._prefix + name)

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._prefix + name)
