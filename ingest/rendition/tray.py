"""The tray: the one folder a caged child may write, and all that it hands back to us.

A child that a hostile file has taken over leaves there what it likes: links that lead out, pipes
that hang whoever opens them, folders where a file should be, a million names, a folder nobody may
enter.  So nothing of ours opens what lies there before it was looked at, and what we keep is moved
out, to where no later child can write.
"""

from __future__ import annotations

import os
import shutil
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
    with os.scandir(folder) as names:
        left = list(names)
    for name in left:
        if name.is_dir(follow_symlinks=False):
            _remove_tree(Path(name.path))
        else:
            Path(name.path).unlink()


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


def _remove_tree(folder: Path) -> None:
    """Remove *folder*, also where a child has closed folders in it to us."""
    _open_again(folder)
    for above, names, _files in os.walk(folder):  # from above: a folder is opened, then entered
        for name in names:
            if not (inner := Path(above, name)).is_symlink():
                _open_again(inner)
    shutil.rmtree(folder)


def _open_again(folder: Path) -> None:
    """Give the folder back to us, who may have to be its owner to enter it."""
    with suppress(OSError):
        folder.chmod(_PRIVATE)
