"""One backup: a tar of a home's small things, with a list of them and their digests in front.

One rule: nothing is taken out of a backup before all of it was read once and is what its list says.
It holds secrets and is not encrypted: it never exists with a wider mode than 0600.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, SetupError

FORMAT = "evidock-backup/v1"
LIST = "backup.json"
_LARGEST_LIST = 4 << 20
_BLOCK = 1 << 20
_NAME = re.compile(r"(?:(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,100}(?:/(?!$)|$)){1,6}")
"""A path of plain names, none of which leads up."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a backup."""

    sha256: str
    size: int


class Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself."""

    format: str
    made: str
    """When, by the clock of the machine."""
    version: str
    """Of the product that made it."""
    agency: str
    origin: str
    """The log that it goes with."""
    size: int
    """How many entries that log had."""
    keys: bool
    """Whether it holds the home's private keys."""
    elsewhere: list[str]
    """Files that the settings name and that lie outside the home: they are not in it."""
    parts: dict[str, Part]
    """Path in the home -> what it holds."""


def write(file: Path, contents: Contents, places: Mapping[str, Path]) -> None:
    """Write the backup *file* of *places* (path in the home -> where it lies now), durably.

    SetupError if there is such a file already; DiskFull or TemporaryError if it cannot be written;
    DigestMismatch if a part is not what *contents* says: then there is no backup.
    """
    if file.exists():
        raise SetupError(f"{file} exists: a backup never takes the place of anything")
    part = file.with_name(file.name + durable.PART)
    try:
        part.unlink(missing_ok=True)
        with open(part, "xb", opener=_private) as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
                listed = msgspec.json.encode(contents)
                itself = Part(sha256=Sha256.of(listed).hex, size=len(listed))
                _add(tar, LIST, io.BytesIO(listed), itself)
                for name, told in contents.parts.items():
                    with places[name].open("rb") as source:
                        _add(tar, name, source, told)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, file)
        part.unlink()
    except FileExistsError as error:
        raise SetupError(f"{file} exists: a backup never takes the place of anything") from error
    except DigestMismatch:
        part.unlink(missing_ok=True)
        raise
    except OSError as error:
        part.unlink(missing_ok=True)
        raise durable.translate(error, file) from error
    durable.sync_folder(file.absolute().parent)


class _Passing:
    """What is read of *source*, and the digest of it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._state = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self._state.update(block)
        return block

    @property
    def digest(self) -> str:
        return self._state.hexdigest()


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup to be read."""

    file: Path

    def verified(self) -> Contents:
        """What it says of itself, after every byte of it was seen to be so.

        DigestMismatch names what is wrong; SetupError if it cannot be read at all.
        """
        with self._opened() as tar:
            contents, seen = _contents(tar), set[str]()
            for member in islice(tar, 1, None):
                part = contents.parts.get(member.name)
                if part is None or member.name in seen or not member.isreg():
                    raise DigestMismatch(f"{self.file}: {member.name} is not on its list")
                seen.add(member.name)
                stream = tar.extractfile(member)
                held = Sha256.of_blocks(_blocks(stream)).hex if stream else ""
                if (member.size, held) != (part.size, part.sha256):
                    raise DigestMismatch(f"{self.file}: {member.name} is not what was backed up")
            if missing := contents.parts.keys() - seen:
                raise DigestMismatch(f"{self.file}: {min(missing)} is missing")
            return contents

    def take_out(self, places: Mapping[str, Path]) -> None:
        """Put each part that *places* name there, for the owner alone; the rest stays.

        DigestMismatch if it is not any more what :meth:`verified` saw.
        """
        with self._opened() as tar:
            contents = _contents(tar)
            for member in islice(tar, 1, None):
                into, stream = places.get(member.name), tar.extractfile(member)
                if into is not None and stream is not None:
                    _keep(stream, into, contents.parts[member.name])

    @contextmanager
    def _opened(self) -> Iterator[tarfile.TarFile]:
        try:
            with tarfile.open(self.file, mode="r:") as tar:
                yield tar
        except tarfile.TarError as error:
            raise DigestMismatch(f"{self.file} is no whole backup: {error}") from error
        except OSError as error:
            raise SetupError(f"{self.file} cannot be read: {error}") from error


def _contents(tar: tarfile.TarFile) -> Contents:
    file = str(tar.name)
    first = tar.next()
    stream = tar.extractfile(first) if first is not None and first.isreg() else None
    if first is None or stream is None or first.name != LIST or first.size > _LARGEST_LIST:
        raise DigestMismatch(f"{file} is no backup of Evidock: {LIST} does not come first")
    try:
        contents = msgspec.json.decode(stream.read(), type=Contents)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DigestMismatch(f"{file}: {LIST} cannot be read: {error}") from error
    if contents.format != FORMAT:
        raise DigestMismatch(f"{file} has the unknown format {contents.format!r}")
    for name in contents.parts:
        if _NAME.fullmatch(name) is None:
            raise DigestMismatch(f"{file}: {name!r} is no name of a part")
    return contents


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], told: Part) -> None:
    """Add what *source* holds; DigestMismatch if it is not what was *told* of it."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = told.size, durable.PRIVATE
    passing = _Passing(source)
    tar.addfile(member, passing)
    if source.read(1) or passing.digest != told.sha256:
        raise DigestMismatch(f"{name} changed while it was backed up")


def _keep(stream: IO[bytes], into: Path, part: Part) -> None:
    durable.make_folder(into.parent)
    try:
        with open(into, "xb", opener=_private) as kept:
            digest = Sha256.of_blocks(_copied(stream, kept)).hex
            kept.flush()
            os.fsync(kept.fileno())
    except OSError as error:
        raise durable.translate(error, into) from error
    if digest != part.sha256:
        raise DigestMismatch(f"{into} is not what was backed up")
    durable.sync_folder(into.parent)


def _copied(stream: IO[bytes], into: IO[bytes]) -> Iterator[bytes]:
    for block in _blocks(stream):
        into.write(block)
        yield block


def _blocks(stream: IO[bytes] | None) -> Iterator[bytes]:
    while stream is not None and (block := stream.read(_BLOCK)):
        yield block


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, durable.PRIVATE)
