"""What a docked card offers: the contract between a journey and whatever holds the camera's files.

One rule: a source only reads, and erases nothing but on an erase proof.  Names are bytes, as the
camera wrote them, and everything a source tells (name, size, time) is a claim until the bytes were
read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from evidence.digest import Sha256
from evidence.erase_proof import EraseProof


class Sort(StrEnum):
    """What stands behind a name on a card."""

    FILE = "file"
    """A regular file: it may hold an original."""
    FOLDER = "folder"
    """A folder that could not be listed; readable folders are not listed themselves."""
    LINK = "symlink"
    PIPE = "fifo"
    SOCKET = "socket"
    DEVICE = "device"
    """A character or block device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One name on a card, as its listing tells."""

    path: bytes
    """Below the card's root, parts joined by ``/``."""
    sort: Sort
    size: int = 0
    """Bytes; 0 for anything but a file."""
    mtime_ns: int = 0
    """Time of last change as the card tells, in nanoseconds."""
    mark: str = ""
    """What the file system tells this very file from its successor by (inode and time of change);
    empty where there is no such thing."""
    problem: str | None = None
    """Why it could not be looked at, if it could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What an opened original says of itself now."""

    size: int
    mtime_ns: int
    mark: str = ""
    """As :attr:`Listed.mark`."""

    def fits(self, listed: Listed) -> bool:
        """Whether the original is still as it was listed."""
        return (self.size, self.mtime_ns) == (listed.size, listed.mtime_ns)


class Original(Protocol):
    """One file of a card, opened for reading."""

    def read_at(self, offset: int, size: int) -> bytes:
        """At most *size* bytes from *offset*; empty at the end of what the card gives.

        Raises CardReadFailed if the card answers with an error, CardGone if it does not answer.
        """
        ...

    def stat(self) -> Stat:
        """Size and time now.  Raises CardGone if the card does not answer."""
        ...

    def cool(self) -> None:
        """Let the next reads come from the card itself, not from our memory of earlier ones."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class ClipSource(Protocol):
    """A card that can be listed and read.  All verbs block: call them from a thread."""

    @property
    def serial(self) -> str:
        """Serial number of the card's file system; empty where there is none."""
        ...

    def listing(self) -> Sequence[Listed]:
        """Everything on the card, ordered by path.  Raises CardGone if the card left."""
        ...

    def open(self, listed: Listed) -> Original:
        """Open a listed file.

        Raises FileRefused if a file does not stand there any more, CardReadFailed if it cannot be
        read, CardGone if the card or the file left.
        """
        ...


class ErasableSource(ClipSource, Protocol):
    """A card from which files can be erased.  Only :mod:`ingest.release` asks for it."""

    @property
    def identity(self) -> str:
        """Tells this card from another that takes its place later."""
        ...

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Remove the file *proof* is about, durably, and see that its name is gone.

        False if the file is gone and it is not certain that this survives a power cut.  Raises
        EraseForbidden, having changed nothing, if another file stands there now; CardWriteFailed if
        the card does not let it go; CardGone if the card left.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """What a file is known by before its digest is known.

    It decides whether copying may go on where it stopped; it never stands for the bytes.
    """

    camera: str
    serial: str
    path: bytes
    size: int
    mtime_ns: int
    head: Sha256
    """Digest of the first bytes (``ingest.classify.HEAD`` of them)."""


_FARTHEST = 2**63 - 1
"""Nanoseconds that a database can keep: the year 2262.  File systems know later times."""


def key_of(listed: Listed, head: bytes, *, camera: str, serial: str) -> FileKey:
    """The key of the file *listed*, which begins with *head*."""
    return FileKey(
        camera=camera,
        serial=serial,
        path=listed.path,
        size=listed.size,
        mtime_ns=min(listed.mtime_ns, _FARTHEST),
        head=Sha256.of(head),
    )
