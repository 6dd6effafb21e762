"""Erasing from a card that is read raw: the one write it ever gets, and the kernel does it.

One rule: the file that is unlinked is the file that was read.  The kernel's must lie at the very
bytes of the medium that ours lies at, and end with the same MiB; else nothing is removed.

The medium is writable, and mounted, only from just before the unlinking to just after.  A name that
is gone is no sanitising: the bytes stay on the medium until the camera writes over them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.digest import BLOCK, Sha256
from evidence.erase_proof import EraseProof, Fact
from evidence.errors import CardWriteFailed, EraseForbidden
from station.disk.entry import Entry
from station.disk.mounting import allow_writes, mounted, node_at, place_of, why
from station.disk.volume import Volume

_OPTIONS = {"exFAT": ("exfat", ("sync",))}
_FAT = ("vfat", ("sync", "utf8=1", "shortname=mixed"))
"""The kernel's driver for every FAT, and how it is to write names: as we read them."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_BY_HAND = "Its footage is archived; clear the camera by its own menu, if you must."


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A file of a raw card that a proof allows to be erased."""

    disk: Path
    volume: Volume
    path: bytes
    """Below the root of its volume, as the volume names it."""
    entry: Entry

    def forget(self, proof: EraseProof) -> bool:
        """Let the kernel remove it; whether it is certain that this is on the medium.  Blocks.

        EraseForbidden if the kernel finds another file there, CardWriteFailed if it cannot be
        removed.
        """
        node = node_at(self.disk, self.volume.read.start)
        if node is None:
            raise refused(self.path, f"the kernel sees no volume there on {self.disk}")
        kind, options = _OPTIONS.get(self.volume.kind, _FAT)
        try:
            with _writable(self.disk), mounted(node, kind, options=options, writable=True) as root:
                return self._remove(root, proof)
        except FileNotFoundError as error:
            raise refused(self.path, "the kernel finds no file of this name") from error
        except OSError as error:
            raise refused(self.path, why(error)) from error

    def _remove(self, root: int, proof: EraseProof) -> bool:
        *folders, name = self.path.split(b"/")
        with _folder(root, folders) as parent:
            handle = os.open(name, _FILE, dir_fd=parent)
            try:
                self._see_the_same(handle, proof)
            finally:
                os.close(handle)
            os.unlink(name, dir_fd=parent)
            return _synced(parent)

    def _see_the_same(self, handle: int, proof: EraseProof) -> None:
        """Return if what the kernel opened is the file that was read; else EraseForbidden."""
        size, at = os.fstat(handle).st_size, 0  # what was written of it, to Linux before 6.8
        same = size == self.entry.size
        for run in self.entry.runs:
            if same and at < self.entry.valid:
                same = place_of(handle, at) == run.offset
            at += run.length
        if not same or _tail(handle, size) != proof.tail:
            problem = f"{self.path!r} is another file to the kernel than the one that was read"
            raise EraseForbidden(Fact.UNCHANGED, problem)


def refused(path: bytes, reason: str) -> CardWriteFailed:
    """That the file at *path* is not erased, and why."""
    return CardWriteFailed(f"{path!r} is not erased: {reason}", advice=_BY_HAND)


@contextmanager
def _writable(disk: Path) -> Iterator[None]:
    """*disk* takes writes meanwhile, and none before and after."""
    try:
        allow_writes(disk, allowed=True)
        yield
    finally:
        allow_writes(disk, allowed=False)


@contextmanager
def _folder(root: int, names: list[bytes]) -> Iterator[int]:
    """A handle on the folder that *names* lead to from *root*."""
    handle = os.dup(root)
    try:
        for name in names:
            below = os.open(name, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _synced(folder: int) -> bool:
    try:
        os.fsync(folder)
    except OSError:
        return False
    return True


def _tail(handle: int, size: int) -> Sha256:
    """The digest of the last MiB."""
    state, at = hashlib.sha256(), max(0, size - BLOCK)
    while block := os.pread(handle, BLOCK, at):
        state.update(block)
        at += len(block)
    return Sha256(state.digest())
