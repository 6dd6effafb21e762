"""Numbers that a camera counted and nobody handed in: between clips that are archived.

Cameras count their files.  A number that lacks between two that were docked may be footage that
somebody kept back.  It proves nothing by itself: cameras skip, and people test them.

What belongs to one row of numbers is told by the name on the card: all of it but the number.  Of
the folder, the three digits do not count with which cameras begin a new one (``101MEDIA``): numbers
go on there.  A time of day in the name does not count, a date does: where a name holds one, or lies
in a folder of a day, every day is a row of its own.  Streams that a camera keeps apart by name or
folder are rows of their own.  What else is the same, but for the ending, is one row: many cameras
count videos and pictures with one counter.  A sidecar is no recording: it fills no gap, and where
its recording lacks, it is told that it is there.

Rows begin anew: a number that comes again, of another clip, begins a new round of the same row.
Rounds go by time.  A round that is cut by the end of its digits (``9999``, then ``0001``) goes on
behind it.  A gap of more than :data:`LONGEST` numbers is taken for a new beginning;
so is one where all that is below it came after all that is above.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise

from evidence.names import shown

LONGEST = 500
"""A gap that is longer is taken for a new beginning, as at the station."""
WRAP = 50
"""How near to the end and the begin of its digits a round must stop and go on, to be one."""

_COUNTED = re.compile(
    rb"(?P<before>.*[^0-9])??(?P<number>[0-9]{3,5})(?P<after>\.[A-Za-z0-9]{1,5})", re.DOTALL
)
_CHAPTERED = re.compile(
    rb"(?P<before>G[HXLP])[0-9]{2}(?P<number>[0-9]{4})(?P<after>\.[A-Za-z0-9]{1,5})"
)
"""Parts of a recording have one number, and are counted before it (GoPro)."""
_FOLDER = re.compile(rb"(?<![^/])[1-9][0-9]{2}(?=[A-Z0-9_]{5}(?:/|$))")
_MOMENT = re.compile(rb"(?<![0-9])(20[0-9]{6})[-_T]?[0-9]{6}(?![0-9])")
_TIME = re.compile(rb"(?<![0-9])[0-9]{6}(?![0-9])")
_Series = tuple[str, bytes, int]
"""Camera, what is the same in all its names, and the digits of the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedFile:
    """A clip as its camera named it."""

    clip: str
    camera: str
    path: bytes
    """On the card."""
    at: datetime
    """When it begins, or, where that is not known, when it came."""
    is_sidecar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGap:
    """Numbers that lack, and the clips before and behind them."""

    camera: str
    first: str
    """Name of the first file that lacks, as the one before it is named; fit to be shown."""
    last: str
    count: int
    before: str
    """Clip."""
    after: str
    since: datetime
    """When the clip before begins; it is not told when what lacks was made."""
    until: datetime
    sidecars: tuple[str, ...] = ()
    """Clips that accompany what lacks: then it was there."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    file: NumberedFile
    number: int
    before: bytes
    after: bytes


def number_gaps(files: Iterable[NumberedFile]) -> list[NumberGap]:
    """The numbers that lack among *files*, in any order; by camera and time."""
    series: defaultdict[_Series, list[_Numbered]] = defaultdict(list)
    sidecars: defaultdict[_Series, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        read = _read(file)
        if read is None:
            continue
        key, numbered = read
        if file.is_sidecar:
            sidecars[key][numbered.number].append(file.clip)
        else:
            series[key].append(numbered)
    found = [
        gap
        for key, numbered in series.items()
        for round_ in _rounds(numbered)
        for gap in _gaps(key, round_, sidecars[key])
    ]
    return sorted(found, key=lambda each: (each.camera, each.since, each.first))


def _read(file: NumberedFile) -> tuple[_Series, _Numbered] | None:
    folder, slash, name = file.path.rpartition(b"/")
    found = _CHAPTERED.fullmatch(name) or _COUNTED.fullmatch(name)
    if found is None:
        return None
    before, number = found["before"] or b"", found["number"]
    same = _TIME.sub(b"#", _MOMENT.sub(rb"\1#", before))
    key = (file.camera, _FOLDER.sub(b"#", folder) + slash + same, len(number))
    numbered = _Numbered(file=file, number=int(number), before=before, after=found["after"])
    return key, numbered


def _rounds(numbered: Iterable[_Numbered]) -> Iterator[list[_Numbered]]:
    """Those of one row in rounds: from the first to before a number comes again.

    Of files with one number in a round those are one whose endings differ, or that are parts.
    """
    held: dict[int, _Numbered] = {}
    for each in sorted(numbered, key=lambda each: (each.file.at, each.number, each.file.clip)):
        known = held.get(each.number)
        if known is not None and known.after == each.after and not _are_parts(known, each):
            yield list(held.values())
            held = {}
        held.setdefault(each.number, each)
    yield list(held.values())


def _are_parts(one: _Numbered, other: _Numbered) -> bool:
    """Whether both are parts of one recording, told by their names."""
    names = {each.file.path.rpartition(b"/")[2] for each in (one, other)}
    return len(names) > 1 and all(_CHAPTERED.fullmatch(name) for name in names)


def _gaps(
    key: _Series, round_: Sequence[_Numbered], sidecars: dict[int, list[str]]
) -> Iterator[NumberGap]:
    digits, row = key[2], sorted(round_, key=lambda each: each.number)
    earliest = list(accumulate((each.file.at for each in row), min))
    latest = list(accumulate((each.file.at for each in reversed(row)), max))[::-1]
    for place, (before, after) in enumerate(pairwise(row)):
        lacks = range(before.number + 1, after.number)
        is_anew = earliest[place] > latest[place + 1]
        if 0 < len(lacks) <= LONGEST and not is_anew:
            yield _gap(key, before, after, list(lacks), sidecars)
    end, first, last = 10**digits, row[0], row[-1]
    is_wrapped = first.number <= WRAP and last.number >= end - WRAP
    if is_wrapped and last.file.at <= first.file.at:
        behind = [*range(last.number + 1, end), *range(1, first.number)]
        if behind:
            yield _gap(key, last, first, behind, sidecars)


def _gap(
    key: _Series,
    before: _Numbered,
    after: _Numbered,
    lacks: Sequence[int],
    sidecars: dict[int, list[str]],
) -> NumberGap:
    def name(number: int) -> str:
        return shown(before.before + str(number).zfill(key[2]).encode("ascii") + before.after)

    return NumberGap(
        camera=key[0],
        first=name(lacks[0]),
        last=name(lacks[-1]),
        count=len(lacks),
        before=before.file.clip,
        after=after.file.clip,
        since=before.file.at,
        until=after.file.at,
        sidecars=tuple(clip for number in lacks for clip in sidecars.get(number, ())),
    )
