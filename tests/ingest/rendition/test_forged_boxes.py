"""A rendition that a browser may read otherwise than our parser does."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from tests.ingest.rendition.conftest import Compare, Render, differences
from tests.ingest.rendition.forge import Box, forged, runs

Forgery = Callable[[Box], None]
_MINF = (b"moov", b"trak", b"mdia", b"minf")


def at_the_top(kind: bytes, place: int) -> Forgery:
    """A box that is there already, or an empty one, once more at this place."""

    def change(whole: Box) -> None:
        there = next((deepcopy(box) for box in whole.inside if box.kind == kind), None)
        whole.inside.insert(place % (len(whole.inside) + 1), there or Box(kind, bytearray(16)))

    return change


def once_more(*path: bytes) -> Forgery:
    """Each box at *path* a second time, where it is."""

    def change(whole: Box) -> None:
        for parent in whole.all(*path[:-1]):
            parent.inside.append(deepcopy(parent.one(path[-1])))

    return change


def with_an_empty(kind: bytes, *path: bytes) -> Forgery:
    """A box of *kind* in each box at *path*."""

    def change(whole: Box) -> None:
        for parent in whole.all(*path):
            parent.inside.append(Box(kind, bytearray(8)))

    return change


def number_put(value: int, at: int, *path: bytes) -> Forgery:
    """*value* at byte *at* of each box at *path*."""

    def change(whole: Box) -> None:
        for box in whole.all(*path):
            box.put(at, value)

    return change


def second_view(whole: Box) -> None:
    """One more track of pictures."""
    other = deepcopy(whole.one(b"moov", b"trak"))
    other.one(b"tkhd").put(12, 3)
    whole.one(b"moov").inside.append(other)
    default = deepcopy(whole.one(b"moov", b"mvex", b"trex"))
    default.put(4, 3)
    whole.one(b"moov", b"mvex").inside.append(default)


def subtitles(whole: Box) -> None:
    """Sound becomes text."""
    list(whole.all(b"moov", b"trak", b"mdia", b"hdlr"))[1].data[8:12] = b"text"


def two_descriptions(whole: Box) -> None:
    """Samples described twice, the other way first."""
    table = whole.one(*_MINF, b"stbl", b"stsd")
    table.inside.append(deepcopy(table.inside[0]))
    table.put(4, 2)


def unnamed_data(whole: Box) -> None:
    """Bytes that belong to no sample."""
    list(whole.all(b"mdat"))[-1].data += bytes(64)


def samples_elsewhere(whole: Box) -> None:
    """The second fragment's samples lie behind the first one's."""
    first, second = whole.all(b"mdat")
    _, moof = whole.all(b"moof")
    back = len(bytes(second)) - 8 + len(bytes(moof)) + 8
    first.data += second.data
    second.data.clear()
    for trun in moof.all(b"traf", b"trun"):
        trun.put(8, trun.number(8) - back)


def back_in_time(whole: Box) -> None:
    """The second fragment covers the first one."""
    list(runs(whole, b"vide"))[1].one(b"tfdt").put(4, 0, 8)


FORGERIES: dict[str, Forgery] = {
    "a second header": at_the_top(b"moov", 2),
    "a second header at the end": at_the_top(b"moov", -1),
    "a second file type": at_the_top(b"ftyp", 2),
    "a segment type": at_the_top(b"styp", 2),
    "a segment index": at_the_top(b"sidx", 2),
    "an event message": at_the_top(b"emsg", 2),
    "free space": at_the_top(b"free", -1),
    "a box of its own": at_the_top(b"uuid", 2),
    "keys": with_an_empty(b"pssh", b"moov"),
    "a second view": second_view,
    "subtitles": subtitles,
    "an edit list": with_an_empty(b"edts", b"moov", b"trak"),
    "a second track header": once_more(b"moov", b"trak", b"tkhd"),
    "a second configuration": once_more(*_MINF, b"stbl", b"stsd", b"avc1", b"avcC"),
    "a protected track": with_an_empty(b"sinf", *_MINF, b"stbl", b"stsd", b"avc1"),
    "two descriptions": two_descriptions,
    "the other description": number_put(2, 8, b"moof", b"traf", b"tfhd"),
    "the other description by default": number_put(2, 8, b"moov", b"mvex", b"trex"),
    "times told twice": once_more(b"moof", b"traf", b"tfdt"),
    "a fragment header told twice": once_more(b"moof", b"traf", b"tfhd"),
    "encrypted samples": with_an_empty(b"senc", b"moof", b"traf"),
    "groups of samples": with_an_empty(b"sbgp", b"moof", b"traf"),
    "samples that may be left out": number_put(0x0241_0000, 20, b"moof", b"traf", b"tfhd"),
    "data of no sample": unnamed_data,
    "samples in another fragment": samples_elsewhere,
    "back in time": back_in_time,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_our_recipe_never_writes_is_refused(
    name: str, clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "b_frames.mp4")
    forged(folder, FORGERIES[name])

    assert differences(against(clips / "b_frames.mp4")) == {"media.mp4"}


def test_a_file_that_was_only_taken_apart_and_written_again_is_the_same(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "b_frames.mp4")
    before = (folder / "media.mp4").read_bytes()
    forged(folder, lambda _whole: None)

    assert (folder / "media.mp4").read_bytes() == before
    assert against(clips / "b_frames.mp4").differs == []
