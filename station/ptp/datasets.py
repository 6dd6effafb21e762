"""What a device tells of itself, its storages and its objects, read from bytes.

One rule: every length in it is a claim; what does not fit is :class:`Nonsense`, and nothing is
allotted before the bytes for it are here.  It does no I/O.

Source: ISO 15740:2013, 5.3 and 5.5; MTP 1.1, 3.2, 5.1.1, 5.2.2 and 5.3.1.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from station.ptp.codes import FOLDER, UNKNOWN, Kind, Operation

_DATE = re.compile(
    r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Nonsense(Exception):
    """The device answered what is no answer; the text says what.  It never leaves this package."""


class Reader:
    """Takes the parts of a dataset off its bytes, in turn."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        """A number of *size* bytes, the lowest first."""
        return int.from_bytes(self._take(size), "little")

    def numbers(self, size: int) -> tuple[int, ...]:
        """An array of such numbers."""
        count = self.number(4)
        data = self._take(count * size)
        return tuple(
            int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)
        )

    def text(self) -> str:
        """A string of UTF-16, up to its end mark."""
        data = self._take(2 * self.number(1))
        return data.decode("utf-16-le", "surrogatepass").partition("\0")[0]

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise Nonsense(f"it ends after {len(self._data):,} bytes, where {end:,} are told")
        part, self._at = self._data[self._at : end], end
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """Who it is, and what may be asked of it."""

    operations: frozenset[int]
    maker: str
    model: str
    version: str
    serial: str

    @classmethod
    def of(cls, data: bytes) -> DeviceInfo:
        reader = Reader(data)
        for size in (2, 4, 2):
            reader.number(size)
        reader.text()
        reader.number(2)
        operations = frozenset(reader.numbers(2))
        for _ in ("events", "properties", "captures", "formats"):
            reader.numbers(2)
        return cls(
            operations=operations,
            maker=reader.text(),
            model=reader.text(),
            version=reader.text(),
            serial=reader.text(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageInfo:
    """One storage."""

    description: str
    label: str
    """Its volume's identifier: of a card often its serial number."""

    @classmethod
    def of(cls, data: bytes) -> StorageInfo:
        reader = Reader(data)
        for size in (2, 2, 2, 8, 8, 4):
            reader.number(size)
        return cls(description=reader.text(), label=reader.text())


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """One object: a file or a folder."""

    storage: int
    is_folder: bool
    size: int | None
    """Bytes; None if 32 bits do not hold it."""
    parent: int
    name: str
    mtime_ns: int
    """Nanoseconds since 1970, in the zone it names, else taken for UTC; 0 if it tells none that
    exists."""

    @classmethod
    def of(cls, data: bytes) -> ObjectInfo:
        reader = Reader(data)
        storage, form, _protected, size = (reader.number(each) for each in (4, 2, 2, 4))
        for each in (2, 4, 4, 4, 4, 4, 4):
            reader.number(each)
        parent = reader.number(4)
        for each in (2, 4, 4):
            reader.number(each)
        name, created, modified = reader.text(), reader.text(), reader.text()
        return cls(
            storage=storage,
            is_folder=form == FOLDER,
            size=None if size == UNKNOWN else size,
            parent=parent,
            name=name,
            mtime_ns=nanoseconds(modified) or nanoseconds(created),
        )


def nanoseconds(text: str) -> int:
    """The time in *text* (``YYYYMMDDThhmmss[.s][Z|±hhmm]``), as nanoseconds since 1970; or 0."""
    found = _DATE.fullmatch(text)
    if found is None:
        return 0
    try:
        moment = datetime(*map(int, found.groups()[:6]), tzinfo=UTC)  # type: ignore[arg-type, misc]
        if found[7]:
            ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
            moment -= ahead if found[7] == "+" else -ahead
    except (ValueError, OverflowError):
        return 0
    return max(0, (moment - _EPOCH) // timedelta(seconds=1)) * 10**9


def command(operation: Operation, transaction: int, parameters: tuple[int, ...]) -> bytes:
    """The container that asks for *operation*; ValueError if that is not one of ours."""
    code, size = Operation(operation), 12 + 4 * len(parameters)
    return struct.pack(
        f"<IHHI{len(parameters)}I", size, Kind.COMMAND, code, transaction, *parameters
    )
