"""Verify: read the staged copy again, from the disk and not from memory, and compare.

One rule: only bytes that the disk gave back count as kept.
"""

from __future__ import annotations

import os
from pathlib import Path

from evidence.digests import Digests, digests_of_blocks, maker_for
from evidence.errors import DigestMismatch
from evidence.passing import blocks_once


def verify(staged: Path, *, digests: Digests, size: int) -> None:
    """Return if *staged* holds on disk *size* bytes with these *digests*; else DigestMismatch.

    The page cache is asked to forget the file first (``POSIX_FADV_DONTNEED``), which it does for
    synced pages, so that the bytes come from the disk.
    """
    try:
        with staged.open("rb", buffering=0) as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            held = os.fstat(stream.fileno()).st_size
            found = digests_of_blocks(blocks_once(stream), maker_for(digests))
    except OSError as error:
        raise DigestMismatch(
            f"the staged copy {staged} cannot be read: {error.strerror}"
        ) from error
    if (held, found) != (size, digests):
        raise DigestMismatch(
            f"the staged copy {staged} holds {held} bytes with digest {found}; "
            f"{size} bytes with {digests} were pulled"
        )
