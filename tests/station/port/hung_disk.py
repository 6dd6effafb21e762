"""``python -m tests.station.port.hung_disk FOLDER IMAGE``: a disk that hangs in the kernel.

FUSE shows IMAGE below FOLDER.  While this process is stopped (SIGSTOP), whoever reads there waits
in the kernel, where not even SIGKILL reaches it: what a hung card does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mfusepy import FUSE, Operations

ROOT = Path(__file__).parents[3]
NAME = "card.img"
_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class HungDisk:
    """The disk at *node*."""

    node: Path
    server: subprocess.Popen[bytes]

    def hang(self) -> None:
        self.server.send_signal(signal.SIGSTOP)

    def answer(self) -> None:
        """Let all that waited be answered."""
        self.server.send_signal(signal.SIGCONT)


@contextmanager
def hung_disk(folder: Path, image: Path) -> Iterator[HungDisk]:
    """*image*, shown below *folder*.  Skips where FUSE is missing, but fails on CI."""
    if not os.access("/dev/fuse", os.W_OK) or shutil.which("fusermount3") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs FUSE: apt-get install fuse3")
    folder.mkdir()
    node = folder / NAME
    argv = [sys.executable, "-m", "tests.station.port.hung_disk", str(folder), str(image)]
    with subprocess.Popen(argv, cwd=ROOT) as server:
        disk = HungDisk(node, server)
        try:
            deadline = time.monotonic() + _WITHIN
            while not node.exists():
                assert server.poll() is None, "the disk cannot be mounted"
                assert time.monotonic() < deadline, "the disk was not mounted in time"
                time.sleep(0.01)
            yield disk
        finally:
            disk.answer()
            subprocess.run(["fusermount3", "-uz", folder], check=False)


class Shown(Operations):  # type: ignore[misc]
    """One file, for reading."""

    def __init__(self, image: Path) -> None:
        self._handle = os.open(image, os.O_RDONLY)

    def getattr(self, path: str, _fh: int | None = None) -> dict[str, Any]:
        held = os.stat("/" if path == "/" else self._handle)
        return {key: getattr(held, key) for key in ("st_mode", "st_size", "st_nlink", "st_mtime")}

    def readdir(self, _path: str, _fh: int) -> list[str]:
        return [".", "..", NAME]

    def read(self, _path: str, size: int, offset: int, _fh: int) -> bytes:
        return os.pread(self._handle, size, offset)


if __name__ == "__main__":
    FUSE(Shown(Path(sys.argv[2])), sys.argv[1], foreground=True, ro=True, direct_io=True)
