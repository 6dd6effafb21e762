"""A package that lies in a zip file, read in place: nothing is ever unpacked to disk.

One rule: whatever two unzip programs could read differently is refused: names that are there
twice or cut short, bytes that are packed, and parts that lie otherwise than one behind the other
(:mod:`evidence.verification.parts`).
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from evidence.errors import DigestMismatch
from evidence.verification.files import Files, Names
from evidence.verification.folder import Folder
from evidence.verification.parts import faults

_ENCRYPTED = 0x1
_DESCRIPTOR = 0x8
_UTF_8 = 0x800
_UNPACK = "unpack the zip file and verify the folder"


@contextmanager
def files_in(package: Path) -> Iterator[Files]:
    """The files of the *package*, a folder or a zip file; to be read inside the block."""
    if package.is_dir():
        yield Folder(package)
        return
    with ExitStack() as stack:
        try:
            packed = stack.enter_context(zipfile.ZipFile(package))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise DigestMismatch(f"{package.name} is no zip file: {error}") from error
        yield Zipped(package, packed)


class Zipped:
    """The plain files in the open zip file *packed*, which lies at *path*."""

    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        names = Names()
        self._zip = packed
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            self._take(member, names)
        with path.open("rb") as stream:
            for where, why in faults(stream, self._zip.infolist()):
                names.refuse(path.name, f"{where}: {why}")
        self.names = frozenset(names.kept)
        self.refused = tuple(names.refused)

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def open(self, name: str) -> BinaryIO:
        try:
            opened: IO[bytes] = self._zip.open(self._members[name])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise DigestMismatch(f"{name} cannot be read from the zip file: {error}") from error
        return cast("BinaryIO", opened)

    def _take(self, member: zipfile.ZipInfo, names: Names) -> None:
        name, why = member.orig_filename, _wrong(member)
        if why is not None:
            names.refuse(name, why)
        elif not name.endswith("/"):
            if names.take(name):
                self._members[name] = member
        elif member.file_size:
            names.refuse(name, "a folder that holds bytes")
        elif ".." in name.split("/") or name.startswith("/"):
            names.refuse(name, "the name leads outside")


def _wrong(member: zipfile.ZipInfo) -> str | None:
    """Why *member* is not read; None if it is a plain file or folder under a plain name."""
    kind, name = stat.S_IFMT(member.external_attr >> 16), member.orig_filename
    is_stored = member.compress_type == zipfile.ZIP_STORED
    is_utf_8 = bool(member.flag_bits & _UTF_8)
    reasons = {
        "a link, device or pipe, no plain file": kind not in {0, stat.S_IFREG, stat.S_IFDIR},
        "it is encrypted": member.flag_bits & _ENCRYPTED,
        f"it is packed: {_UNPACK}": not is_stored or member.compress_size != member.file_size,
        f"its size stands behind it: {_UNPACK}": member.flag_bits & _DESCRIPTOR,
        "the name is cut short by a NUL": member.filename != name,
        "the name is not marked as UTF-8": not (is_utf_8 or name.isascii()),
        "the name holds a semicolon, where unzip may cut it off": ";" in name,
        "it has a comment": member.comment,
    }
    return next((why for why, is_so in reasons.items() if is_so), None)
