"""A package that lies in a zip file, read in place: nothing is ever unpacked to disk.

One rule: whatever two unzip programs could read differently is refused: names that are there
twice, names cut short by a NUL, parts that overlap, bytes before the first one.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import IO, BinaryIO, cast

from evidence.errors import DigestMismatch
from evidence.verification.files import Names

_ENCRYPTED = 0x1
_UTF_8 = 0x800
_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class Zipped:
    """The plain files in the zip file at *path*; DigestMismatch if it is none."""

    def __init__(self, path: Path) -> None:
        names = Names()
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise DigestMismatch(f"{path.name} is no zip file: {error}") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            self._take(member, names)
        held = [member.header_offset for member in self._zip.infolist()]
        if sum(member.compress_size for member in self._zip.infolist()) > path.stat().st_size:
            names.refuse(path.name, "parts of it overlap")
        if min(held, default=0) != 0:
            names.refuse(path.name, "bytes stand before its first part")
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
    mode = member.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "a link, device or pipe, no plain file"
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if member.compress_type not in _KINDS:
        return "it is packed in a way that not every unzip knows"
    if member.filename != member.orig_filename:
        return "the name is cut short by a NUL"
    if not (member.flag_bits & _UTF_8 or member.filename.isascii()):
        return "the name is not marked as UTF-8"
    return None
