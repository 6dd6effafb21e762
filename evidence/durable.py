"""Files that survive a power cut.  Nobody else opens a file for writing where evidence lies.

A file is made aside, written, synced, checked for length, renamed, and its folder synced: in that
order, since every weaker order lost footage or its record in a measured walk over all power-cut
points.  A rename is durable only after its *folder* is synced; a file's bytes only after the
*file* is.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evidence.errors import DigestMismatch, DiskFull, EvidenceError, TemporaryError

PART = ".part"
"""Suffix of a file that is not whole yet; such a name is never read as evidence."""

PRIVATE = 0o600
"""Mode of a file that holds a secret: it never exists with a wider one."""

_READ_ONLY = 0o444
"""Nobody writes it again.  Who may read it is a matter of its folder, which is private."""
_READABLE = 0o644
_PRIVATE_FOLDER = 0o700
_libc = ctypes.CDLL(None, use_errno=True)


def translate(error: OSError, path: Path) -> EvidenceError:
    """The product's error for an operating-system *error* while writing *path*."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"no room left to write {path}")
    return TemporaryError(f"cannot write {path}: {error.strerror}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Give what the operating system refuses the product's names; a name that is taken stays so."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise translate(error, path) from error


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    with _writing(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def make_folder(folder: Path) -> None:
    """Make *folder* and its missing parents, private to us, each name durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with _writing(folder):
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    try:
        sync_folder(folder.parent)
    except EvidenceError:
        with suppress(OSError):  # made anew next time, or its name would never be synced
            folder.rmdir()
        raise


def take_over(folder: Path) -> None:
    """Make *folder*, and make every name in and below it durable.

    Whoever opens a folder of ours begins with this: a process that was killed may have left names
    there that were not synced, and what is built on them would be gone with the next power cut.
    """
    make_folder(folder)
    sync_folder(folder.parent)
    for below, _, _ in os.walk(folder):
        sync_folder(Path(below))


def create(path: Path, data: bytes, *, mode: int = _READABLE) -> None:
    """Make *path* hold *data*: after a crash it holds all of it or does not exist.

    Raises FileExistsError if *path* is there already: nothing is ever overwritten.
    Safe to repeat: a part left by an earlier crash is replaced.
    """
    part = _write_part(path, data, mode)
    with _writing(path):
        try:
            os.link(part, path)  # unlike rename, link refuses to take the place of another file
        finally:
            part.unlink(missing_ok=True)
    sync_folder(path.parent)


def create_same(path: Path, data: bytes) -> None:
    """Like :func:`create`, but fine if *path* holds these very bytes already.

    Raises DigestMismatch if it holds others.
    """
    try:
        create(path, data)
    except FileExistsError:
        if path.read_bytes() != data:
            raise DigestMismatch(f"{path} exists and holds other bytes") from None
        sync_folder(path.parent)


def replace(path: Path, data: bytes, *, mode: int = _READABLE) -> None:
    """Make *path* hold *data* in place of what it held: after a crash it holds one or the other."""
    part = _write_part(path, data, mode)
    with _writing(path):
        part.replace(path)
    sync_folder(path.parent)


def land(part: Path, final: Path, length: int) -> None:
    """Give the fully written *part* its *final* name: sync, length check, rename, sync, read-only.

    Both must be in one folder.  Raises DigestMismatch if *part* does not hold *length* bytes.
    """
    with _writing(final):
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
            held = os.fstat(stream.fileno()).st_size
            if held != length:
                raise DigestMismatch(f"{part} holds {held} bytes where {length} were written")
            os.fchmod(stream.fileno(), _READ_ONLY)
        part.replace(final)
    sync_folder(final.parent)


def discard(path: Path) -> bool:
    """Remove a file of our own that is not needed any more; fine if it is gone already.

    Whether it was there: of several that discard it at once one hears so.
    """
    was_there = True
    with _writing(path):
        try:
            path.unlink()
        except FileNotFoundError:
            was_there = False
    sync_folder(path.parent)
    return was_there


def discard_folder(folder: Path) -> None:
    """Remove a folder of our own; fine if it is gone.  TemporaryError if it holds anything."""
    if folder.exists():
        with _writing(folder):
            folder.rmdir()
        sync_folder(folder.parent)


def sync_filesystem(folder: Path) -> None:
    """Write out everything the file system under *folder* still holds in memory (syncfs, Linux).

    This is the durability barrier for a store that acknowledges before it syncs.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _libc.syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise TemporaryError(f"syncfs on {folder} failed: {os.strerror(number)}")
    finally:
        os.close(handle)


def _write_part(path: Path, data: bytes, mode: int) -> Path:
    part = path.with_name(path.name + PART)
    with _writing(path):
        part.unlink(missing_ok=True)
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
            held = os.fstat(stream.fileno()).st_size
    if held != len(data):
        raise DigestMismatch(f"{part} holds {held} bytes where {len(data)} were written")
    return part
