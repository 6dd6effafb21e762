"""Mappings: which column of a feed is which field, and how times are written, as a TOML file.

Wrong, it stops the archive at its start: a feed that is read wrongly is worse than none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from archive.feeds.fields import FIELDS, WITHDRAWN
from archive.feeds.moments import Times
from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.feed_settings import FeedKind, FeedSettings
from evidence.names import folded

_YES = frozenset({"true", "yes", "1", "withdrawn"})
_NO = frozenset({"", "false", "no", "0"})
_VERSION = 1
"""Goes up when the same file would be read otherwise: then all are read again."""
Names = str | tuple[str, ...]
Word = Annotated[str, Meta(min_length=1, max_length=200)]


class _Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    column: Word
    values: Annotated[tuple[str, ...], Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file."""

    columns: dict[str, Names] = {}
    constants: dict[str, Word] = {}
    times: tuple[Word, ...] = ()
    time_zone: str = ""
    twice: Literal["problem", "earlier", "later"] = "problem"
    encoding: Literal["", "utf-8", "gb18030"] = ""
    sheet: str = ""
    rows: Word = "rows"
    next: Word = "next"
    cursor: Word = "since"
    withdrawn: _Withdrawal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMapping:
    """How one feed is read."""

    kind: FeedKind
    columns: Mapping[str, tuple[str, ...]]
    """Field -> the columns that it may stand in, folded, the first that is there counts."""
    times: Times
    constants: Mapping[str, str] = field(default_factory=dict)
    """Field -> what it is in every row."""
    gone: frozenset[str] | None = None
    """What the column ``withdrawn`` holds, folded, of such a row; None: yes or no."""
    encoding: str = ""
    """Empty: UTF-8 if a file is, else GB 18030."""
    sheet: str = ""
    """Of a workbook; empty: the first."""
    rows: str = "rows"
    """What an answer to a pull calls its rows,"""
    next: str = "next"
    """what it calls where to go on,"""
    cursor: str = "since"
    """and the parameter that this is asked with."""
    digest: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that a row needs from a column."""
        fields = FIELDS[self.kind].items()
        return tuple(n for n, each in fields if each.required and n not in self.constants)

    @property
    def known(self) -> frozenset[str]:
        """Every column that some field is found in."""
        return frozenset(name for names in self.columns.values() for name in names)

    def column(self, name: str, present: Sequence[str] | Mapping[str, object]) -> str:
        """The column of field *name* among those *present*, or the one that it should be."""
        names = self.columns[name]
        return next((each for each in names if each in present), names[0])

    def is_withdrawn(self, told: str) -> bool:
        """Whether *told* says so; ValueError if it says neither yes nor no."""
        value = folded(told)
        if self.gone is not None:
            return value in self.gone
        if value not in _YES | _NO:
            raise ValueError(f"{told!r} is neither yes nor no")
        return value in _YES


def of_feed(feed: FeedSettings) -> FeedMapping:
    """How *feed* is read; SetupError names the file and the key that is wrong."""
    what = f"[[feeds]] {feed.name}: mapping {feed.mapping}"
    held = _read(Path(feed.mapping), what) if feed.mapping else _File()
    fields = FIELDS[feed.kind]
    for name in (*held.columns, *held.constants):
        if name not in fields:
            raise SetupError(f"{what}: {feed.kind.value} have no field {name!r}; {sorted(fields)}")
    own = {name: _names(given) for name, given in held.columns.items()}
    if held.withdrawn is not None:
        own[WITHDRAWN] = (folded(held.withdrawn.column),)
    gone = None if held.withdrawn is None else frozenset(map(folded, held.withdrawn.values))
    zone = held.time_zone or feed.time_zone
    return FeedMapping(
        kind=feed.kind,
        columns={name: own.get(name, each.columns) for name, each in fields.items()},
        times=Times(formats=held.times, zone=_zone(zone, what), twice=held.twice),
        constants=held.constants,
        gone=gone,
        encoding=held.encoding,
        sheet=held.sheet,
        rows=held.rows,
        next=held.next,
        cursor=held.cursor,
        digest=_digest(held, zone, feed.kind),
    )


def _names(given: Names) -> tuple[str, ...]:
    return tuple(map(folded, (given,) if isinstance(given, str) else given))


def _read(file: Path, what: str) -> _File:
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _File)
    except OSError as error:
        raise SetupError(f"{what} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{what} is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SetupError(f"{what}: {error}") from error


def _zone(name: str, what: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SetupError(
            f"{what}: this machine knows no time zone {name!r}",
            advice="Write it like Asia/Shanghai; the system package tzdata has them.",
        ) from error


def _digest(held: _File, zone: str, kind: FeedKind) -> str:
    told = {"file": msgspec.json.encode(held).decode(), "zone": zone, "kind": kind.value}
    return Sha256.of(canonical({**told, "version": _VERSION})).hex
