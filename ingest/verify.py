"""Verify: read the staged copy again, from the disk and not from memory, and compare.

One rule: only bytes that the disk gave back count as kept.
"""

from __future__ import annotations

import os
from pathlib import Path

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.passing import blocks_once


def verify(staged: Path, *, sha256: Sha256, size: int) -> None:
    """Return if *staged* holds on disk *size* bytes with digest *sha256*; else DigestMismatch.

    The page cache is asked to forget the file first (``POSIX_FADV_DONTNEED``), which it does for
    synced pages, so that the bytes come from the disk.
    """
    try:
        with staged.open("rb", buffering=0) as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            held = os.fstat(stream.fileno()).st_size
            found = Sha256.of_blocks(blocks_once(stream))
    except OSError as error:
        raise DigestMismatch(
            f"the staged copy {staged} cannot be read: {error.strerror}"
        ) from error
    if (held, found) != (size, sha256):
        raise DigestMismatch(
            f"the staged copy {staged} holds {held} bytes with digest {found}; "
            f"{size} bytes with {sha256} were pulled"
        )
