"""A camera's disk: USB mass storage over an image, which counts what reaches it.

Written from "Universal Serial Bus Mass Storage Class, Bulk-Only Transport" 1.0 and SBC-3.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from station.simulator.cameras import Model, Setup, Stall
from station.simulator.descriptors import STORAGE, descriptors

SECTOR = 512
_TEST, _SENSE, _INQUIRY, _MODE, _START, _LOCK = 0x00, 0x03, 0x12, 0x1A, 0x1B, 0x1E
_CAPACITY, _READ, _WRITE, _SYNC = 0x25, 0x28, 0x2A, 0x35
_WRITES = frozenset({_WRITE, 0x0A, 0xAA, 0x8A, 0x2E, 0x41, 0x42, 0x04})
"""All that change a medium: writes of four lengths, verify, write same, unmap, format."""
_QUIET = frozenset({_TEST, _START, _LOCK, _SYNC})
_MAX_LUN, _RESET = (0xA1, 0xFE, 0, 0), (0x21, 0xFF, 0, 0)
_INVALID = bytes([0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0])


@dataclass(slots=True, kw_only=True)
class Disk(Model):
    """A disk that holds *image*."""

    image: Path
    protected: bool = False
    """Whether its little switch is at "lock"."""
    raw: bytes = field(default_factory=lambda: descriptors(0x4255, 0x1000, [STORAGE]))
    commands: Counter[int] = field(default_factory=Counter)
    """SCSI operation codes that came."""
    read: int = 0
    """Bytes given out."""
    pulled_at: int | None = None
    """Bytes after which the cable is pulled out."""
    _told: list[bytes] = field(default_factory=list)
    _writing: tuple[int, int, int] | None = None

    @property
    def writes(self) -> int:
        """Commands that would change the medium."""
        return sum(self.commands[code] for code in _WRITES)

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        if setup == _MAX_LUN:
            return b"\0"
        if setup == _RESET:
            self._told, self._writing = [], None
            return b""
        raise Stall(setup, content)

    def say(self, words: bytes) -> None:
        if self._writing is not None:
            self._write(words)
            return
        mark, tag, size, _flags, _lun, _length = struct.unpack_from("<4sIIBBB", words)
        assert mark == b"USBC", words
        command = words[15:]
        self.commands[command[0]] += 1
        if command[0] == _WRITE:
            at, count = struct.unpack(">IxH", command[2:9])
            self._writing = (tag, at * SECTOR, count * SECTOR)
            return
        done = self._done(command)
        if done is None:
            self._end(tag, size, status=1)
            return
        if done:
            self._told.append(done[:size])
        self._end(tag, max(0, size - len(done)), status=0)

    def answer(self) -> bytes | None:
        return self._told.pop(0) if self._told else None

    def _done(self, command: bytes) -> bytes | None:
        code, size = command[0], self.image.stat().st_size
        if code == _READ:
            at, count = struct.unpack(">IxH", command[2:9])
            return self._blocks(at * SECTOR, count * SECTOR)
        if code in _QUIET:
            return b""
        return {
            _INQUIRY: bytes([0, 0x80, 4, 2, 31, 0, 0, 0]) + b"AMBA    BodyCam SD card 1.00",
            _CAPACITY: struct.pack(">II", size // SECTOR - 1, SECTOR),
            _MODE: bytes([3, 0, 0x80 if self.protected else 0, 0]),
            _SENSE: _INVALID,
        }.get(code)

    def _blocks(self, at: int, size: int) -> bytes:
        if self.pulled_at is not None and self.read + size > self.pulled_at:
            self.pull()
            return b""
        self.read += size
        with self.image.open("rb") as image:
            image.seek(at)
            return image.read(size)

    def _write(self, data: bytes) -> None:
        assert self._writing is not None
        tag, at, left = self._writing
        with self.image.open("rb+") as image:
            image.seek(at)
            image.write(data)
        self._writing = (tag, at + len(data), left - len(data))
        if left <= len(data):
            self._writing = None
            self._end(tag, 0, status=0)

    def _end(self, tag: int, left: int, *, status: int) -> None:
        self._told.append(struct.pack("<4sIIB", b"USBS", tag, left, status))
