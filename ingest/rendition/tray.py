"""The tray: the one folder a caged child may write, and all that it hands back to us.

A child that a hostile file has taken over leaves there what it likes: links that lead out, pipes
that hang whoever opens them, folders where a file should be, a million names, a folder nobody may
enter.  So nothing of ours opens what lies there before it was looked at, and what we keep is moved
out, to where no later child can write.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evidence import durable
from evidence.errors import RenditionFailed

MOST_NAMES = 64
"""Files on one tray; our recipes leave three at most."""
_BLOCK = 512
"""Bytes in the unit of ``st_blocks`` (POSIX)."""
_PRIVATE = 0o700
_READABLE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What lies on a tray: plain files only."""

    names: int
    held: int
    """Bytes that they take on the disk."""


def clear(folder: Path) -> None:
    """Make *folder* an empty folder of ours, whatever was left in it and however it was closed."""
    durable.make_folder(folder)
    _open_again(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while _empty_once(handle):
            pass
    finally:
        os.close(handle)


def remove(tray: Path) -> None:
    """Remove *tray* with all that lies on it; fine if it is gone already."""
    if tray.is_dir():
        clear(tray)
        tray.rmdir()


def weigh(tray: Path) -> Weight:
    """What lies on *tray*.  RenditionFailed for anything our recipes do not leave there.

    Safe while a child writes: a name that is gone again counts for nothing.
    """
    count = held = 0
    try:
        with os.scandir(tray) as names:
            for name in names:
                count += 1
                held += _plain_bytes(name)
                if count > MOST_NAMES:
                    raise RenditionFailed(f"the tool left more than {MOST_NAMES} files")
    except OSError as error:
        _open_again(tray)
        raise RenditionFailed(f"the tool closed its folder to us: {error.strerror}") from None
    return Weight(names=count, held=held)


def take(tray: Path, name: str, into: Path) -> Path:
    """Move the file *name* from *tray* to the folder *into*, as ours, where no child writes.

    Both must lie on one file system, and no child may be at work on the tray any more.
    RenditionFailed if there is no such file.
    """
    theirs, ours = tray / name, into / name
    try:
        status = theirs.lstat()
    except OSError as error:
        raise RenditionFailed(f"the tool made no {name}: {error.strerror}") from None
    if not _is_plain(status):
        raise RenditionFailed(f"the tool left something that is no file: {name!r}")
    theirs.rename(ours)
    if status.st_uid != os.geteuid():
        os.chown(ours, os.geteuid(), os.getegid(), follow_symlinks=False)
    ours.chmod(_READABLE)
    return ours


def _plain_bytes(name: os.DirEntry[str]) -> int:
    with suppress(FileNotFoundError):
        status = name.stat(follow_symlinks=False)
        if not _is_plain(status):
            raise RenditionFailed(f"the tool left something that is no file: {name.name!r}")
        return status.st_blocks * _BLOCK
    return 0


def _is_plain(status: os.stat_result) -> bool:
    """A regular file that has no second name anywhere."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= 1


def _empty_once(folder: int) -> bool:
    """Empty the open *folder* but for what lay two levels down; whether that may be anything.

    Folders in its folders are moved up into it, so that neither our stack nor the length of a path
    ends before the tree does, however deep a child has nested it.
    """
    with os.scandir(folder) as names:
        left = [(name.name, name.is_dir(follow_symlinks=False)) for name in names]
    for name, is_folder in left:
        if is_folder:
            _lift(folder, name)
        else:
            os.unlink(name, dir_fd=folder)
    return any(is_folder for _, is_folder in left)


def _lift(above: int, name: str) -> None:
    """Remove the folder *name* from the folder *above*, into which its own folders are moved."""
    os.chmod(name, _PRIVATE, dir_fd=above)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        with os.scandir(folder) as names:
            left = [(each.name, each.is_dir(follow_symlinks=False)) for each in names]
        for inner, is_folder in left:
            if is_folder:
                os.chmod(inner, _PRIVATE, dir_fd=folder)  # else it may not be moved
                os.rename(inner, secrets.token_hex(16), src_dir_fd=folder, dst_dir_fd=above)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=above)


def _open_again(folder: Path) -> None:
    """Give the folder back to us, who may have to be its owner to enter it."""
    with suppress(OSError):
        folder.chmod(_PRIVATE)
