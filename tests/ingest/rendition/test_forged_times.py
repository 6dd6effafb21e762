"""A rendition that shows or sounds the original's own coded data at other times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.rendition.conftest import Compare, Render, differences
from tests.ingest.rendition.forge import Box, forged, runs

_DURATIONS, _SIZES, _FLAGS, _SHIFTS = 0x100, 0x200, 0x400, 0x800


def entries(trun: Box, field: int) -> range:
    """Where in *trun* the *field* of each sample is."""
    flags = trun.number(0) & 0xFFFFFF
    assert flags & field
    start = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    each = [flag for flag in (_DURATIONS, _SIZES, _FLAGS, _SHIFTS) if flags & flag]
    first, stride = start + 4 * each.index(field), 4 * len(each)
    return range(first, first + stride * trun.number(4), stride)


def late_sound(whole: Box) -> None:
    """From the second fragment on, sound is heard three seconds late."""
    scale = list(whole.all(b"moov", b"trak", b"mdia", b"mdhd"))[-1].number(12)
    for traf in list(runs(whole, b"soun"))[1:]:
        time = traf.one(b"tfdt")
        time.put(4, time.number(4, 8) + 3 * scale, 8)


def swapped_pictures(whole: Box) -> None:
    """Two pictures that follow each other in decoding change the times they are shown."""
    trun = next(runs(whole, b"vide")).one(b"trun")
    places = entries(trun, _SHIFTS)[1:3]
    one, other = (trun.number(place) for place in places)
    duration = next(runs(whole, b"vide")).one(b"tfhd").number(12)
    trun.put(places[0], other + duration)
    trun.put(places[1], one - duration)


def recut_sound(whole: Box) -> None:
    """Its packets are cut where no packet of the original ends."""
    trun = next(runs(whole, b"soun")).one(b"trun")
    places = entries(trun, _SIZES)[3:5]
    trun.put(places[0], trun.number(places[0]) + 1)
    trun.put(places[1], trun.number(places[1]) - 1)


def long_picture(whole: Box) -> None:
    """Pictures of the second fragment last twice as long, and are shown at the times they had."""
    traf = list(runs(whole, b"vide"))[1]
    head, trun = traf.one(b"tfhd"), traf.one(b"trun")
    duration = head.number(12)
    head.put(12, 2 * duration)
    for nth, place in enumerate(entries(trun, _SHIFTS)):
        trun.put(place, trun.number(place) - nth * duration)


def other_keys(whole: Box) -> None:
    """All pictures say that a decoder can begin with them."""
    for traf in runs(whole, b"vide"):
        traf.one(b"tfhd").put(20, 0x0200_0000)


def caption(whole: Box) -> None:
    """A message (SEI) beside the first picture, where a player finds captions."""
    unit = b"\x06\x04\x10\xb5\x00\x31GA94\x03\x40\xff\xfc\x94\x20\xff\xff\xff\xff\x80"
    added = len(unit).to_bytes(4, "big") + unit
    first, *others = whole.one(b"moof").all(b"traf", b"trun")
    size = entries(first, _SIZES)[0]
    first.put(size, first.number(size) + len(added))
    for trun in others:
        trun.put(8, trun.number(8) + len(added))
    data = whole.one(b"mdat").data
    data[:] = added + data


FORGERIES: dict[Callable[[Box], None], str] = {
    late_sound: "sound_times",
    swapped_pictures: "times",
    recut_sound: "sound",
    long_picture: "times",
    other_keys: "keys",
    caption: "messages",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_originals_own_data_at_other_times_is_found_out(
    forgery: Callable[[Box], None], clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "b_frames.mp4")
    forged(folder, forgery)

    found = against(clips / "b_frames.mp4")

    assert differences(found) == {FORGERIES[forgery]}


def test_sound_encoded_anew_cannot_be_moved_either(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "pcm.mov")
    forged(folder, late_sound)

    found = against(clips / "pcm.mov")

    assert differences(found) == {"sound_times"}
    assert "sync" not in found.same
