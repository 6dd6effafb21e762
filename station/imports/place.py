"""A place that is named for an import, or kept from one, and whether two of them share anything.

One rule: a name is not the place: what a bind mount shows under another name is found by device and
inode.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evidence.errors import SetupError

_Identity = tuple[int, int]
"""``st_dev``, ``st_ino``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Made by :meth:`at` only."""

    path: Path
    itself: _Identity | None
    """None: nothing is there yet."""
    around: frozenset[_Identity]
    """Every folder on the way to it."""

    @classmethod
    def at(cls, path: Path) -> Self:
        """What is at *path*, a whole one without links.  Blocks.

        SetupError if that cannot be found out.
        """
        around = (_identity(each) for each in path.parents)
        return cls(
            path=path,
            itself=_identity(path),
            around=frozenset(each for each in around if each is not None),
        )

    def touches(self, other: Place) -> bool:
        """Whether one is the other, or lies within it.

        Not seen: that something deep within the one is mounted somewhere within the other.
        """
        if self.itself is not None and self.itself == other.itself:
            return True
        return self.path == other.path or self._holds(other) or other._holds(self)

    def _holds(self, other: Place) -> bool:
        return self.path in other.path.parents or self.itself in other.around


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SetupError(f"{path} cannot be told from what is to be imported: {error}") from error
    return found.st_dev, found.st_ino
