"""A volume that the kernel mounts for us alone: at no place, until we let go of it.

One rule: a mount is a file handle (``fsopen``, ``fsmount``; Linux 5.2 and later) and has no path.
Nobody else sees it, and it ends with the process, even with one that is killed.

Source: man-pages 6.x, fsopen(2), fsconfig(2), fsmount(2); linux/mount.h, linux/fs.h.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432
"""Numbers of the system calls, the same on every machine but Alpha."""
_CLOEXEC = 1
_FLAG, _STRING, _CREATE = 0, 1, 6
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC, _NO_ATIME = 1, 2, 4, 8, 0x10
_SET_READ_ONLY = 0x125D
"""BLKROSET, linux/fs.h."""
_BLOCK_OF, _BLOCK_SIZE = 1, 2
"""FIBMAP and FIGETBSZ, linux/fs.h."""
_SECTOR = 512

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def mounted(
    node: Path, kind: str, *, options: Sequence[str] = (), writable: bool = False
) -> Iterator[int]:
    """The root folder of the file system of *kind* on *node*, as a handle; unmounted afterwards.

    *options* are words or ``name=value``.  No program on it can be run, no device opened.  Raises
    OSError: EPERM without CAP_SYS_ADMIN, ENODEV if the kernel does not know *kind*, EACCES if a
    medium that is write-protected is to be *writable*.
    """
    context = _call(_FSOPEN, kind.encode("ascii"), _CLOEXEC)
    try:
        _configure(context, f"source={node}")
        for option in (*options, *(() if writable else ("ro",))):
            _configure(context, option)
        _call(_FSCONFIG, context, _CREATE, None, None, 0)
        flags = _NO_SUID | _NO_DEVICES | _NO_EXEC | _NO_ATIME | (0 if writable else _READ_ONLY)
        mount = _call(_FSMOUNT, context, _CLOEXEC, flags)
    finally:
        os.close(context)
    try:
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=mount)
        try:
            yield handle
        finally:
            os.close(handle)
    finally:
        os.close(mount)


def allow_writes(disk: Path, *, allowed: bool) -> None:
    """Let the kernel take, or refuse, every write to *disk* and its partitions.

    OSError: EPERM without CAP_SYS_ADMIN.
    """
    handle = os.open(disk, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        fcntl.ioctl(handle, _SET_READ_ONLY, struct.pack("i", not allowed))
    except PermissionError as error:  # EACCES, which here does not tell of the medium
        raise OSError(errno.EPERM, os.strerror(errno.EPERM)) from error
    finally:
        os.close(handle)


def nodes_of(disk: Path) -> Mapping[Path, int]:
    """The nodes of *disk* and its partitions, and at which byte of it each begins.

    None if it is no block device.
    """
    found = dict[Path, int]()
    with suppress(FileNotFoundError):
        held = disk.stat()
        if stat.S_ISBLK(held.st_mode):
            found[disk] = 0
            number = f"{os.major(held.st_rdev)}:{os.minor(held.st_rdev)}"
            for told in sorted(Path("/sys/dev/block", number).glob("*/start")):
                found[Path("/dev") / told.parent.name] = int(told.read_text("ascii")) * _SECTOR
    return found


def node_at(disk: Path, start: int) -> Path | None:
    """The node of what begins at byte *start* of *disk*; None if the kernel knows of none."""
    return next((node for node, begins in nodes_of(disk).items() if begins == start), None)


def place_of(handle: int, offset: int) -> int:
    """Where on its volume byte *offset* of the file open as *handle* lies; 0 if nowhere.

    OSError: EPERM without CAP_SYS_RAWIO.
    """
    (size,) = struct.unpack("i", fcntl.ioctl(handle, _BLOCK_SIZE, bytes(4)))
    wanted = struct.pack("i", offset // size)
    (block,) = struct.unpack("i", fcntl.ioctl(handle, _BLOCK_OF, wanted))
    return int(block) * int(size) + offset % int(size) if block else 0


def why(error: OSError) -> str:
    """What *error* of one of these means, for people."""
    return {
        errno.EPERM: "the station may not (it needs CAP_SYS_ADMIN and CAP_SYS_RAWIO)",
        errno.ENODEV: "this kernel has no driver for its file system",
        errno.EACCES: "the medium itself is write-protected",
        errno.EROFS: "the medium itself is write-protected",
        errno.ENOSYS: "this kernel is older than Linux 5.2",
    }.get(error.errno or 0, error.strerror or str(error))


def _configure(context: int, option: str) -> None:
    name, is_pair, value = option.partition("=")
    told = os.fsencode(value) if is_pair else None
    _call(_FSCONFIG, context, _STRING if is_pair else _FLAG, name.encode("ascii"), told, 0)


def _call(number: int, *values: int | bytes | None) -> int:
    """A system call; OSError if it fails."""
    told = [ctypes.c_long(each) if isinstance(each, int) else each for each in values]
    answer = int(_libc.syscall(ctypes.c_long(number), *told))
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
