"""The bytes of a medium: a block device, or an image of one, opened for reading only.

One rule: a read gives every byte asked for, or an error.  A device that was unplugged may answer
"end of file" where it has no bytes any more (measured: 3 of 12 yanks), which is never taken for an
end.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import CameraError, CardGone, CardReadFailed
from station.disk.rescue_map import RescueMap

_GONE = {errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ENOENT, errno.ESTALE}
_LEAVES_WITHIN = 1.0
"""Measured: 0.25."""
_LOOK_AGAIN = 0.05
_FOLIO = 2 << 20
"""Bytes that the page cache holds as one at most, beginning at a multiple of that."""
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How bytes are asked of a medium."""

    pread: Callable[[int, int, int], bytes] = os.pread
    leaves_within: float = _LEAVES_WITHIN
    """Seconds in which a device whose cable was pulled out is seen to be gone."""


BY_THE_KERNEL = Access()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A partition: called, it reads bytes counted from its start."""

    medium: Medium
    start: int

    @property
    def size(self) -> int:
        """Bytes from its start to the medium's end."""
        return self.medium.size - self.start

    def __call__(self, offset: int, size: int) -> bytes:
        return self.medium.read(self.start + offset, size)

    def cool(self, offset: int, size: int) -> None:
        """As :meth:`Medium.cool`."""
        self.medium.cool(self.start + offset, size)

    def missing(self, offset: int, size: int) -> list[tuple[int, int]]:
        """As :meth:`Medium.missing`, counted from its start."""
        found = self.medium.missing(self.start + offset, size)
        return [(begins - self.start, ends - self.start) for begins, ends in found]

    def pass_by(self, offset: int, size: int) -> None:
        """As :meth:`Medium.pass_by`."""
        self.medium.pass_by(self.start + offset, size)


class Medium:
    """A medium, held open until :meth:`close`.  All verbs block.

    *rescued* tells, of an image of a failing medium, which bytes of it are none of the medium's.
    Raises CardGone if nothing stands at *path*, CardReadFailed if it may not be opened.
    """

    def __init__(
        self, path: Path, *, rescued: RescueMap | None = None, access: Access = BY_THE_KERNEL
    ) -> None:
        self.path = path
        self._access = access
        self.fails = False
        """Whether a read was answered with an error, and the medium stayed."""
        self.remark = ""
        """What is added to the words of such an error."""
        self._rescued = rescued
        self._leaves_within = access.leaves_within
        try:
            self._handle = os.open(path, _OPEN)
        except OSError as error:
            raise self._failed(error, "cannot be opened") from error
        self.size = os.lseek(self._handle, 0, os.SEEK_END)
        """Bytes."""
        os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def close(self) -> None:
        """Let go of the medium; it is not used afterwards."""
        os.close(self._handle)

    def read(self, offset: int, size: int) -> bytes:
        """Exactly *size* bytes from *offset*.

        Raises CardGone if the medium left, CardReadFailed if it answers with an error there, or if
        it ends before.
        """
        if offset + size > self.size:
            where = f"bytes {offset:,} to {offset + size:,} lie beyond its {self.size:,}"
            raise CardReadFailed(f"{self.path}: {where}")
        for start, end in self.missing(offset, size):
            raise CardReadFailed(f"{self.path}: bytes {start:,} to {end:,} could not be read")
        block = self._some(offset, size)
        if len(block) == size:  # as good as always: nothing is copied once more
            return block
        read = bytearray(block)
        while len(read) < size:
            read += self._some(offset + len(read), size - len(read))
        return bytes(read)

    def try_read(self, offset: int, size: int) -> bytes | None:
        """As :meth:`read`, but None if the medium answers with an error there.

        After one such answer, the next ones are believed without waiting whether it leaves.
        """
        try:
            data = self.read(offset, size)
        except CardReadFailed:
            self._leaves_within = 0.0
            return None
        self._leaves_within = self._access.leaves_within
        return data

    def missing(self, offset: int, size: int) -> list[tuple[int, int]]:
        """Start and end of what could not be read there when this image was made."""
        return [] if self._rescued is None else self._rescued.missing(offset, offset + size)

    def cool(self, offset: int, size: int) -> None:
        """Let the next reads there come from the medium, not from our memory of earlier ones.

        A *size* of 0 means all that follows.
        """
        end = offset + size
        self._forget(offset, end + -end % _FOLIO if size else 0)

    def pass_by(self, offset: int, size: int) -> None:
        """Let the page cache give up these bytes, which were read and are not needed again.

        A few at the end stay until those that follow them are given up.
        """
        self._forget(offset, offset + size)

    def _forget(self, start: int, end: int) -> None:
        """Up to *end*, 0 for all that follows.

        The kernel only gives up folios that lie wholly within what it is told, so *start* is moved
        to where the first of them begins.
        """
        start -= start % _FOLIO
        os.posix_fadvise(self._handle, start, end and end - start, os.POSIX_FADV_DONTNEED)

    def _some(self, offset: int, size: int) -> bytes:
        """At least one byte, at most *size*, from *offset*."""
        try:
            block = self._access.pread(self._handle, size, offset)
        except OSError as error:
            raise self._failed(error, f"cannot be read at byte {offset:,}") from error
        if size and not block:
            raise CardGone(f"{self.path} ended at byte {offset:,}: the camera was unplugged")
        return block

    def _failed(self, error: OSError, what: str) -> CameraError:
        """The product's error; an unplugged device answers EIO as a failing one does."""
        message = f"{self.path} {what}: {error.strerror}"
        within = self._leaves_within if error.errno == errno.EIO else 0.0
        if error.errno in _GONE or self._has_left(within):
            return CardGone(message)
        self.fails = True
        return CardReadFailed(message + self.remark)

    def _has_left(self, within: float) -> bool:
        """Whether the device is gone *within* so many seconds: its size is 0 then.

        That shows a moment after its last answer, which is an error.
        """
        deadline = time.monotonic() + within
        while not self._is_empty():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_AGAIN)
        return True

    def _is_empty(self) -> bool:
        try:
            return os.lseek(self._handle, 0, os.SEEK_END) == 0
        except (AttributeError, OSError):  # never opened, or gone
            return not os.path.lexists(self.path)
