"""A BagIt 1.0 bag (RFC 8493) being written, as a folder or a zip file.

One rule: until everything is on the disk it has another name, ``….evidock-part``, and no
``bagit.txt``: whatever stops us, nothing that looks whole is left, and what is not known to be
durable under its name is called so.  Nothing that exists is ever overwritten.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import (
    DigestMismatch,
    DiskFull,
    EvidenceError,
    HomeBusy,
    SetupError,
    TemporaryError,
)

PART = ".evidock-part"
"""Behind the name of a package that is not whole."""
ZIP = ".zip"
_PAYLOAD = "data/"
_NOTHING_LEFT = (
    "Nothing was left there. That an export was begun is on record; give it more room, and export"
    " again."
)
_FOLDER, _FILE = 0o700, 0o600
_ONE_NAME = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""How a file system refuses a second name for a file."""
_ZIP_FILE_MODE = (stat.S_IFREG | 0o644) << 16


class Place(Protocol):
    """Where the files of a bag go."""

    def write(self, path: str, blocks: Iterable[bytes], size: int | None) -> None:
        """Write the file *path*; *size* if it is known and large."""
        ...

    def finish(self) -> None:
        """Make all of it durable under its final name."""
        ...


class Bag:
    """One bag: hashes what it is given, and lists it at the end."""

    def __init__(self, place: Place, stopped: Callable[[], bool]) -> None:
        self._place = place
        self._stopped = stopped
        self._payload: dict[str, str] = {}
        self._tags: dict[str, str] = {}
        self._bytes = 0

    def data(self, path: str, data: bytes) -> None:
        """Put *data* into the payload at *path*."""
        self.stream(path, [data], None, len(data))

    def stream(
        self, path: str, blocks: Iterable[bytes], wanted: Sha256 | None, size: int | None
    ) -> None:
        """Put *blocks* into the payload at *path*.

        DigestMismatch, naming it, unless they have the digest and the size that are *wanted*.
        """
        found, held = self._write(_PAYLOAD + path, blocks, size)
        if (wanted is not None and found != wanted.hex) or (size is not None and held != size):
            raise DigestMismatch(
                f"{path}: the vault gave {held} bytes {found}, not"
                f" {'' if size is None else f'{size} bytes '}{wanted}",
                advice="The export was ended and nothing of it is left. Run evidock fsck.",
            )
        self._payload[_PAYLOAD + path] = found
        self._bytes += held

    def tag(self, path: str, data: bytes) -> None:
        """Put *data* beside the payload at *path*."""
        self._tags[path] = self._write(path, [data], len(data))[0]

    def finish(self, about: Iterable[tuple[str, str]], made: datetime) -> None:
        """Write the lists, and give the bag its name."""
        self.tag("manifest-sha256.txt", _listed(self._payload))
        oxum = f"{self._bytes}.{len(self._payload)}"
        lines = [*about, ("Bagging-Date", made.date().isoformat()), ("Payload-Oxum", oxum)]
        text = "".join(f"{label}: {_one_line(value)}\n" for label, value in lines)
        self.tag("bag-info.txt", text.encode("utf-8"))
        declaration = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        tags = self._tags | {"bagit.txt": Sha256.of(declaration).hex}
        self._write("tagmanifest-sha256.txt", [_listed(tags)], None)
        self._write("bagit.txt", [declaration], None)
        self._go_on()
        self._place.finish()

    def _go_on(self) -> None:
        if self._stopped():
            raise TemporaryError("the export was stopped", advice="Nothing of it was left.")

    def _write(self, path: str, blocks: Iterable[bytes], size: int | None) -> tuple[str, int]:
        state, held = hashlib.sha256(), 0

        def hashed() -> Iterator[bytes]:
            nonlocal held
            for block in blocks:
                self._go_on()
                state.update(block)
                held += len(block)
                yield block

        self._place.write(path, hashed(), size)
        return state.hexdigest(), held


@contextmanager
def bag_at(out: Path, made: datetime, stopped: Callable[[], bool]) -> Iterator[Bag]:
    """A new bag that is *out* once it is finished; a zip file if its name ends so.

    SetupError if *out* exists or cannot be.  Whatever the block raises, no part of it is left.
    """
    is_zip = out.name.lower().endswith(ZIP)
    _must_be_free(out, is_zip=is_zip)
    part = out.with_name(out.name + PART)
    with _telling(out), _held(part, is_zip=is_zip):
        place: Place = _Zip(out, part, made) if is_zip else _Folder(out, part)
        try:
            yield Bag(place, stopped)
        finally:
            if isinstance(place, _Zip):
                place.close()


class _Folder:
    """A folder of files."""

    def __init__(self, out: Path, part: Path) -> None:
        self._out = out
        self._part = part

    def write(self, path: str, blocks: Iterable[bytes], size: int | None) -> None:  # noqa: ARG002  folders take any size
        target = self._part / path
        target.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        with target.open("xb") as stream:
            for block in blocks:
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())

    def finish(self) -> None:
        for folder, _, _ in os.walk(self._part, topdown=False):
            durable.sync_folder(Path(folder))
        try:
            self._part.rename(self._out)  # a file, a link or a folder that holds anything refuses
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST}:
                raise _taken(self._out) from error
            raise
        with _whole(self._out):
            durable.sync_folder(self._out.parent)


class _Zip:
    """One file: stored, ZIP64 where it must be, the bag's folder as its one top-level entry."""

    def __init__(self, out: Path, part: Path, made: datetime) -> None:
        self._out = out
        self._part = part
        self._base = out.name[: -len(ZIP)]
        self._time = made.timetuple()[:6]
        self._stream = part.open("r+b")
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_STORED, allowZip64=True)

    def write(self, path: str, blocks: Iterable[bytes], size: int | None) -> None:
        info = zipfile.ZipInfo(f"{self._base}/{path}", date_time=self._time)
        info.external_attr = _ZIP_FILE_MODE
        large = size is not None and size >= zipfile.ZIP64_LIMIT
        with self._zip.open(info, "w", force_zip64=large) as stream:
            for block in blocks:
                stream.write(block)

    def finish(self) -> None:
        self._zip.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        try:
            claim(self._part, self._out)
        except FileExistsError as error:
            raise _taken(self._out) from error
        with _whole(self._out):
            self._part.unlink(missing_ok=True)
            durable.sync_folder(self._out.parent)

    def close(self) -> None:
        """Let go of the file, whole or not."""
        with suppress(OSError, ValueError):  # a full disk has no room for the directory either
            self._zip.close()
        with suppress(OSError):
            self._stream.close()


@contextmanager
def _held(part: Path, *, is_zip: bool) -> Iterator[None]:
    """Have *part* for ourselves; what a killed export left of it is removed first.

    HomeBusy if another export is writing it.
    """
    handle = _take(part, is_zip=is_zip)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # what ended us is told; the next export here removes the rest
            if _is(handle, part):  # once ours has its name, another export may have begun here
                _remove(part)
        raise
    finally:
        os.close(handle)


def _take(part: Path, *, is_zip: bool) -> int:
    """Make *part* anew, and lock it; the lock goes with its holder.

    Of several that begin at once the last one to look has it; each other finds at some step that
    *part* is not its own, which is HomeBusy whatever the step.
    """
    with suppress(FileNotFoundError):
        old = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _lock(old, part)
            _remove(part)
        finally:
            os.close(old)
    handle = _made(part, is_zip=is_zip)
    try:
        _lock(handle, part)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _made(part: Path, *, is_zip: bool) -> int:
    """Make *part*, and open it; HomeBusy if another export was faster at either."""
    try:
        if is_zip:
            part.touch(mode=_FILE, exist_ok=False)
        else:
            part.mkdir(mode=_FOLDER)
    except FileExistsError as error:
        raise _busy(part) from error
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:  # it took ours, not locked yet, for a killed export's
        raise _busy(part) from error


def _lock(handle: int, part: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _busy(part) from error
    if not _is(handle, part):
        raise _busy(part)


def _is(handle: int, part: Path) -> bool:
    """Whether *part* is still the name of what is open as *handle*."""
    try:
        return os.path.samestat(os.fstat(handle), part.lstat())
    except FileNotFoundError:
        return False


def _busy(part: Path) -> HomeBusy:
    return HomeBusy(
        f"another export is writing {part}", advice="Wait for its end, or name another place."
    )


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)


def _must_be_free(out: Path, *, is_zip: bool) -> None:
    if os.path.lexists(out):
        raise _taken(out)
    if not out.parent.is_dir():
        raise SetupError(f"{out.parent} is no folder that a package can be put in")
    if is_zip and not out.name[: -len(ZIP)]:
        raise SetupError(f"{out.name} has no name before its ending")


def _taken(out: Path) -> SetupError:
    return SetupError(
        f"{out} exists already: a package is never written over anything",
        advice="Name a new folder, or a new file that ends in .zip.",
    )


def claim(part: Path, out: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    """Give the file *part* the name *out* as well; FileExistsError if that is taken.

    Where a file has but one name (memory sticks, some shares), an empty file of ours takes the
    name first, and *part* then takes its place: only a kill between the two leaves it behind.
    """
    try:
        link(part, out)  # unlike rename, link refuses to take the place of another file
    except OSError as error:
        if error.errno not in _ONE_NAME:
            raise
        os.close(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE))
        try:
            part.rename(out)
        except OSError:
            with suppress(OSError):
                out.unlink()
            raise


@contextmanager
def _whole(out: Path) -> Iterator[None]:
    """Name what fails now, when *out* is whole and has its name."""
    try:
        yield
    except (OSError, EvidenceError) as error:
        told = durable.translate(error, out) if isinstance(error, OSError) else error
        kind = DiskFull if isinstance(told, DiskFull) else TemporaryError
        raise kind(
            f"{out} is a whole package, but the disk did not say that it is kept: {told}",
            advice="Verify it with evidock verify, and copy it to another disk, or remove it and"
            " export again. That it was taken out is on record.",
        ) from error


@contextmanager
def _telling(out: Path) -> Iterator[None]:
    """Give what the operating system refuses the product's names."""
    try:
        yield
    except (OSError, zipfile.LargeZipFile) as error:
        if not isinstance(error, OSError):
            raise DiskFull(
                f"{out} grew larger than a zip file can", advice=_NOTHING_LEFT
            ) from error
        told: EvidenceError = durable.translate(error, out)
        if isinstance(told, DiskFull):
            told = DiskFull(str(told), advice=_NOTHING_LEFT)
        raise told from error


def _listed(files: dict[str, str]) -> bytes:
    """A manifest: digest, two blanks, path; sorted."""
    return "".join(f"{files[path]}  {path}\n" for path in sorted(files)).encode("utf-8")


def _one_line(value: str) -> str:
    return " ".join(value.split())
