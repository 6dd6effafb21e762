"""Which files of a card are parts of one recording, and which parts lack.

A camera that cuts a long recording into files either counts the parts in their names
(``GX010533.MP4``, ``GX020533.MP4``) or cuts after a fixed time.  A part that neither stands on the
card nor was ever seen may be footage that somebody removed.  It is a hint and proves nothing:
cameras skip, and a pause may be as long as a part.

One rule: only files of one folder are joined, and only as the profile says.  It does no I/O.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from evidence.names import last_part, shown
from station.profile.segments import Segments

MOST = 20
"""Lacks that are told of one card."""
SLACK = timedelta(seconds=2)
"""By so much a part may begin early or late."""
LONGEST_GAP = 12
"""More parts in a row do not lack: the camera rested."""
_DIGITS = re.compile(r"\D")
_LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Recording:
    """Files that are one recording, in their order."""

    parts: tuple[bytes, ...]
    """Paths on the card."""
    lacks: tuple[str, ...] = ()
    """What is not there, in words fit to be shown."""


@dataclass(frozen=True, slots=True)
class _Part:
    path: bytes
    number: int


@dataclass(frozen=True, slots=True)
class _Piece:
    path: bytes
    began: datetime


def recordings(paths: Iterable[bytes], segments: Segments) -> tuple[Recording, ...]:
    """The recordings of which *paths* are parts; files that *segments* does not fit are none."""
    found = _counted if segments.is_counted else _timed
    return tuple(found(sorted(set(paths)), segments))


def lacking(here: Iterable[bytes], known: Iterable[bytes], segments: Segments | None) -> list[str]:
    """What lacks of the recordings that stand *here* and is not among the *known* paths.

    Fit to be shown; at most :data:`MOST`.
    """
    if segments is None:
        return []
    now = set(here)
    whole = recordings(now | set(known), segments)
    return list(islice((each for one in whole if now & {*one.parts} for each in one.lacks), MOST))


def _counted(paths: Iterable[bytes], segments: Segments) -> Iterator[Recording]:
    found: defaultdict[tuple[bytes, str], list[_Part]] = defaultdict(list)
    for path in paths:
        match = re.search(segments.pattern, _text(last_part(path)))
        number = "" if match is None else match["part"] or ""
        if match is not None and number.isdecimal() and len(number) <= _LONGEST_NUMBER:
            key = (_folder(path), match["recording"] or "")
            found[key].append(_Part(path, int(number)))
    for _, parts in sorted(found.items()):
        parts.sort(key=lambda part: part.number)
        yield Recording(tuple(part.path for part in parts), tuple(_gaps(parts, segments.first)))


def _gaps(parts: list[_Part], first: int | None) -> Iterator[str]:
    if first is not None and parts[0].number > first:
        yield f"{_span(first, parts[0].number - 1)} before {shown(parts[0].path)}"
    for one, other in pairwise(parts):
        if other.number - one.number > 1:
            span = _span(one.number + 1, other.number - 1)
            yield f"{span} between {shown(one.path)} and {shown(other.path)}"


def _span(first: int, last: int) -> str:
    return f"part {first}" if first == last else f"parts {first} … {last}"


def _timed(paths: Iterable[bytes], segments: Segments) -> Iterator[Recording]:
    every = timedelta(seconds=segments.every_seconds or 0)
    found: defaultdict[tuple[bytes, str], list[_Piece]] = defaultdict(list)
    for path in paths:
        name = _text(last_part(path))
        match = re.search(segments.pattern, name)
        began = None if match is None else _began(match["date"], match["time"])
        if match is not None and began is not None:
            found[_folder(path), _ending(name)].append(_Piece(path, began))
    for _, pieces in sorted(found.items()):
        pieces.sort(key=lambda piece: piece.began)
        yield from _runs(pieces, every)


def _runs(pieces: list[_Piece], every: timedelta) -> Iterator[Recording]:
    parts, lacks = [pieces[0].path], list[str]()
    for one, other in pairwise(pieces):
        steps = round((other.began - one.began) / every)
        fits = abs(other.began - one.began - steps * every) <= SLACK
        if not fits or not 1 <= steps <= LONGEST_GAP + 1:
            yield Recording(tuple(parts), tuple(lacks))
            parts, lacks = [], []
        elif steps > 1:
            many = "a part" if steps == 2 else f"{steps - 1} parts"  # noqa: PLR2004
            lacks.append(f"{many} between {shown(one.path)} and {shown(other.path)}")
        parts.append(other.path)
    yield Recording(tuple(parts), tuple(lacks))


def _began(date: str | None, time: str | None) -> datetime | None:
    """By the camera's clock; None if there is no such moment."""
    digits = _DIGITS.sub("", date or "")[:8] + _DIGITS.sub("", time or "")[:6]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007  only compared
    except ValueError:
        return None


def _folder(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _ending(name: str) -> str:
    """Its ending in small letters: a picture or a track is no part of a video."""
    return name.rpartition(".")[2].lower()


def _text(name: bytes) -> str:
    return name.decode("utf-8", errors="surrogateescape")
