"""A disk that the kernel writes nothing to.

One rule: nothing is read of a card before its disk is protected, or people know that it is not.
"""

from __future__ import annotations

import fcntl
import struct
from pathlib import Path

from evidence.errors import CardGone, SetupError

_SET_READ_ONLY, _GET_READ_ONLY = 0x125D, 0x125E
"""BLKROSET and BLKROGET, linux/fs.h."""


def protect(disk: Path) -> str:
    """Let the kernel refuse every write to *disk*; what people should know if it does not.

    Empty if it does.  SetupError if we may not, and nobody else has; CardGone if it left.
    """
    try:
        with disk.open("rb", buffering=0) as node:
            _set_read_only(node.fileno())
    except FileNotFoundError as error:
        raise CardGone(f"{disk} is gone") from error
    except PermissionError as error:
        raise SetupError(_unprotected(disk, error)) from error
    except OSError as error:
        return _unprotected(disk, error)
    return ""


def _set_read_only(node: int) -> None:
    try:
        fcntl.ioctl(node, _SET_READ_ONLY, struct.pack("i", 1))
    except PermissionError:  # we are not root: udev's rules should have done it
        (already,) = struct.unpack("i", fcntl.ioctl(node, _GET_READ_ONLY, bytes(4)))
        if not already:
            raise


def _unprotected(disk: Path, error: OSError) -> str:
    return f"{disk} is read only by us, but not write-protected: {error.strerror}"
