"""A card as a folder: every name on it is listed, and only regular files are opened.

One rule: nothing is written to a card, but for the removal of a file on an erase proof, and no link
is followed, whatever happens there meanwhile.
Each folder and file is reached from the card's own root, one name at a time, with ``O_NOFOLLOW``,
so that a name that turns into a link between listing and opening leads nowhere.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from evidence.erase_proof import EraseProof, Fact
from evidence.errors import (
    CameraError,
    CardGone,
    CardReadFailed,
    CardWriteFailed,
    EraseForbidden,
    FileRefused,
)
from evidence.passing import Passing
from ingest.source import ErasableSource, Listed, Sort, Stat

DEEPEST = 64
"""Folders inside one another that are followed; cameras use four."""

_ROOT = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""O_PATH: a folder that may not be read is held as well; listing it tells why."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""O_NONBLOCK: opening a pipe that took the place of a file must not wait for a writer."""

_GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE, errno.ENOTDIR}
_CARD_LEFT = _GONE - {errno.ENOENT, errno.ENOTDIR}
"""In the middle of a walk: not one name is gone, but the card."""

_FORBIDDEN = {errno.EACCES, errno.EPERM}
_WRITE_REFUSED = _FORBIDDEN | {errno.EROFS}
_LONGEST_NAME = 255

ASIDE = b".evidock-erase~"
"""What the name of a file begins with while it is looked at before it is removed."""

_SORTS = {
    stat.S_IFREG: Sort.FILE,
    stat.S_IFLNK: Sort.LINK,
    stat.S_IFIFO: Sort.PIPE,
    stat.S_IFSOCK: Sort.SOCKET,
    stat.S_IFCHR: Sort.DEVICE,
    stat.S_IFBLK: Sort.DEVICE,
}


def card_error(error: OSError, what: bytes) -> CameraError:
    """The product's error for an operating-system *error* at *what* on a card."""
    if error.errno in _GONE:
        return CardGone(f"{what!r} is not there any more: {error.strerror}")
    if error.errno == errno.ELOOP:
        return FileRefused(f"{what!r} has become a symlink")
    return CardReadFailed(f"{what!r} cannot be read: {error.strerror}")


class Card(ErasableSource, Protocol):
    """A clip source that stands at the dock."""

    def close(self) -> None:
        """Let go of the card; it is not used afterwards."""
        ...


class FolderCard:
    """A clip source over one folder; holds the folder open until :meth:`close`.

    *within* is a handle on the folder that *root* is counted from, if it is no whole path.  Raises
    CardGone if the folder is not there.
    """

    serial = ""
    """A folder has no serial number of its own."""

    def __init__(self, root: Path, *, within: int | None = None) -> None:
        self._root_name = os.fsencode(root)
        try:
            self._root = os.open(root, _ROOT, dir_fd=within)
        except OSError as error:
            raise card_error(error, self._root_name) from error

    @property
    def identity(self) -> str:
        """Tells this folder from another that takes its name later."""
        held = os.fstat(self._root)
        return f"{held.st_dev:x}-{held.st_ino:x}"

    def close(self) -> None:
        os.close(self._root)

    def listing(self) -> tuple[Listed, ...]:
        """Everything on the card, ordered by path.  Raises CardGone if the card left."""
        try:
            removed = os.fstat(self._root).st_nlink == 0
            with self._folder(b"") as handle, os.scandir(handle) as names:
                next(names, None)
        except OSError as error:
            if error.errno not in _FORBIDDEN:
                raise card_error(error, self._root_name) from error
            removed = False  # it stands here and may not be read: it is listed as that
        if removed:
            raise CardGone(f"the folder {self._root_name!r} was removed")
        return tuple(sorted(self._walk(), key=lambda listed: listed.path))

    def open(self, listed: Listed) -> FolderOriginal:
        if listed.sort is not Sort.FILE:
            raise FileRefused(f"{listed.path!r} is a {listed.sort.value}, not a file")
        folder, _, name = listed.path.rpartition(b"/")
        try:
            with self._folder(folder) as parent:
                handle = os.open(name, _READ, dir_fd=parent)
        except OSError as error:
            raise card_error(error, listed.path) from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise FileRefused(f"{listed.path!r} is not a regular file any more")
        return FolderOriginal(handle, listed.path)

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Remove the file that *proof* is about (:meth:`ErasableSource.erase`).

        It is moved aside within its folder first and looked at there, so that a file which took
        its name meanwhile is put back and never removed.  Removing a name is no sanitising: the
        bytes stay on the medium until the camera writes over them.
        """
        folder, _, name = listed.path.rpartition(b"/")
        aside = _aside(name)
        try:
            with self._folder(folder) as parent:
                os.rename(name, aside, src_dir_fd=parent, dst_dir_fd=parent)
                found = os.stat(aside, dir_fd=parent, follow_symlinks=False)
                if not self._is(found, listed.path, proof):
                    _put_back(aside, name, parent)
                    problem = f"{listed.path!r} is another file than the one the proof is about"
                    raise EraseForbidden(Fact.UNCHANGED, problem)
                os.unlink(aside, dir_fd=parent)
                return _synced(parent)
        except OSError as error:
            if error.errno in _WRITE_REFUSED:
                problem = f"{listed.path!r} cannot be removed: {error.strerror}"
                raise CardWriteFailed(problem) from error
            raise card_error(error, listed.path) from error

    def _is(self, found: os.stat_result, path: bytes, proof: EraseProof) -> bool:
        """Whether *found* is the file that *proof* is about; moving it changed its ctime."""
        inode, _, _ = _mark(found).partition(".")
        same = (self.identity, path, found.st_size, found.st_mtime_ns, inode)
        file = proof.file
        wanted = (file.card, file.path, file.size, file.mtime_ns, file.mark.partition(".")[0])
        return stat.S_ISREG(found.st_mode) and same == wanted

    @contextmanager
    def _folder(self, path: bytes) -> Iterator[int]:
        """A handle on the folder at *path*, reached from the root without following a link."""
        handle = os.open(b".", _FOLDER, dir_fd=self._root)
        try:
            for name in path.split(b"/") if path else ():
                below = os.open(name, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = below
            yield handle
        finally:
            os.close(handle)

    def _names(self, handle: int) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        """The names in a folder, after files that a crash left aside have theirs again."""
        for name in map(os.fsencode, os.listdir(handle)):
            if name.startswith(ASIDE) and len(name) > len(ASIDE):
                _put_back(name, name.removeprefix(ASIDE), handle)
        return os.scandir(handle)

    def _walk(self) -> Iterator[Listed]:
        waiting = [b""]
        while waiting:
            path = waiting.pop()
            if path.count(b"/") >= DEEPEST:
                yield _unread(path, f"more than {DEEPEST} folders inside one another")
                continue
            try:
                with self._folder(path) as handle, self._names(handle) as names:
                    for name in names:
                        below = b"/".join(filter(None, (path, os.fsencode(name.name))))
                        if name.is_dir(follow_symlinks=False):
                            waiting.append(below)
                        else:
                            yield listed_as(below, name)
            except OSError as error:
                if error.errno in _CARD_LEFT:
                    raise card_error(error, path) from error
                if error.errno not in _GONE:  # what left since its name was read is not there
                    yield _unread(path, f"the folder cannot be listed: {error.strerror}")


def _aside(name: bytes) -> bytes:
    """Where a file is looked at before it is removed; the next listing gives it its name back."""
    whole = ASIDE + name
    return whole if len(whole) <= _LONGEST_NAME else ASIDE + secrets.token_hex(8).encode()


def _put_back(aside: bytes, name: bytes, parent: int) -> None:
    """Give a file its name back, unless yet another has it: then it stays aside, to be pulled."""
    try:
        os.link(aside, name, src_dir_fd=parent, dst_dir_fd=parent, follow_symlinks=False)
        os.unlink(aside, dir_fd=parent)
    except FileExistsError:
        return
    except OSError:  # FAT knows no second name
        with suppress(OSError):
            if not _exists(name, parent):
                os.rename(aside, name, src_dir_fd=parent, dst_dir_fd=parent)


def _exists(name: bytes, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _synced(parent: int) -> bool:
    try:
        os.fsync(parent)
    except OSError:
        return False
    return True


def _mark(held: os.stat_result) -> str:
    return f"{held.st_ino:x}.{held.st_ctime_ns:x}"


def listed_as(path: bytes, name: os.DirEntry[str]) -> Listed:
    """*name*, which stands at *path*, as a listing tells it."""
    try:
        held = name.stat(follow_symlinks=False)
    except OSError as error:
        return Listed(path=path, sort=Sort.FILE, problem=f"cannot be looked at: {error.strerror}")
    sort = _SORTS.get(stat.S_IFMT(held.st_mode), Sort.DEVICE)
    if sort is not Sort.FILE:
        return Listed(path=path, sort=sort, mtime_ns=held.st_mtime_ns)
    return Listed(
        path=path,
        sort=sort,
        size=held.st_size,
        mtime_ns=held.st_mtime_ns,
        mark=_mark(held),
    )


def _unread(path: bytes, problem: str) -> Listed:
    return Listed(path=path, sort=Sort.FOLDER, problem=problem)


class FolderOriginal:
    """One regular file of a folder card, open for reading."""

    def __init__(self, handle: int, path: bytes) -> None:
        self._handle = handle
        self._path = path
        self._passing = Passing(handle)

    def read_at(self, offset: int, size: int) -> bytes:
        try:
            block = os.pread(self._handle, size, offset)
        except OSError as error:
            raise card_error(error, self._path) from error
        self._passing.before(offset)
        return block

    def stat(self) -> Stat:
        try:
            held = os.fstat(self._handle)
        except OSError as error:
            raise card_error(error, self._path) from error
        return Stat(size=held.st_size, mtime_ns=held.st_mtime_ns, mark=_mark(held))

    def cool(self) -> None:
        """Ask the page cache to forget the file, which it does for pages that are not dirty."""
        os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)
