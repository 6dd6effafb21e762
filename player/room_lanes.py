"""A stay as swim-lanes, one for each room: when the person was there, and what shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from evidence.clock import unstamp
from evidence.wire import RoomSpanShown, StayCoverage
from player.swimlanes import Kind, Picture, Piece, drawn

_LAYERS: dict[Kind, int] = {"stay": 0, "recording": 1, "unshown": 2, "explained": 2}
"""What is drawn over what."""


def picture_of(found: StayCoverage) -> Picture:
    """The stay in the agency's zone; files that only touch it are drawn whole."""
    zone = timezone(timedelta(minutes=found.utc_offset_minutes))
    every = [piece for span in found.stay.spans for piece in _of_span(span, zone)]
    every += [
        Piece(
            kind="recording",
            lane=each.room,
            begin=unstamp(each.begin).astimezone(zone),
            end=unstamp(each.end or each.begin).astimezone(zone),
            length=None if each.end is None else unstamp(each.end) - unstamp(each.begin),
            officer=each.camera.partition("/")[2],
            name=each.name,
            clip=each.clip,
        )
        for each in found.files
    ]
    every.sort(key=lambda each: (each.begin, _LAYERS[each.kind], each.lane))
    rooms = dict.fromkeys(span.room for span in found.stay.spans)
    lanes = [
        sorted((each for each in every if each.lane == room), key=lambda each: _LAYERS[each.kind])
        for room in rooms
    ]
    return drawn(every, lanes)


def _of_span(span: RoomSpanShown, zone: timezone) -> Iterator[Piece]:
    def piece(kind: Kind, since: str, until: str, name: str = "") -> Piece:
        begin, end = (unstamp(each).astimezone(zone) for each in (since, until))
        return _piece(kind, span.room, begin, end, name)

    yield piece("stay", span.since, span.looked_until, span.purpose or "")
    for gap in span.gaps:
        yield piece("explained" if gap.outages else "unshown", gap.since, gap.until)


def _piece(kind: Kind, room: str, begin: datetime, end: datetime, name: str) -> Piece:
    return Piece(kind=kind, lane=room, begin=begin, end=end, length=end - begin, name=name)
