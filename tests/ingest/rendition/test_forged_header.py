"""A rendition whose coded data are the original's, told to be shown or heard otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.rendition.tools import Route, Tools
from tests.ingest.rendition.conftest import Compare, Render, differences, made_by_ffmpeg
from tests.ingest.rendition.forge import Box, forged

_ONE, _TURNED = 1 << 16, -1 << 16
_ENTRIES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def upside_down(whole: Box) -> None:
    """Turned by 180 degrees, as a matrix of the track header."""
    whole.one(b"moov", b"trak", b"tkhd").put(40, _TURNED)
    whole.one(b"moov", b"trak", b"tkhd").put(56, _TURNED)


def mirrored(whole: Box) -> None:
    """Left and right changed: a matrix that is no turn."""
    whole.one(b"moov", b"trak", b"tkhd").put(40, _TURNED)


def mirrored_as_a_whole(whole: Box) -> None:
    """The same by the matrix of the movie."""
    whole.one(b"moov", b"mvhd").put(36, _TURNED)


def wide(whole: Box) -> None:
    """Shown twice as wide."""
    track = whole.one(b"moov", b"trak", b"tkhd")
    track.put(76, 2 * track.number(76))


def small(whole: Box) -> None:
    """Of other pixels, as the sample entry says."""
    whole.one(*_ENTRIES, b"avc1").put(24, 160, 2)


def long_pixels(whole: Box) -> None:
    """Pixels that are not square."""
    whole.one(*_ENTRIES, b"avc1", b"pasp").put(0, 2)


def other_colours(whole: Box) -> None:
    """Colours taken for those of another standard."""
    colours = bytearray(b"nclx" + bytes((0, 9, 0, 16, 0, 9, 0x80)))
    whole.one(*_ENTRIES, b"avc1").inside.append(Box(b"colr", colours))


def cut_out(whole: Box) -> None:
    """Only a part of the picture is shown."""
    part = b"".join(number.to_bytes(4, "big") for number in (160, 1, 90, 1, 0, 1, 0, 1))
    whole.one(*_ENTRIES, b"avc1").inside.append(Box(b"clap", bytearray(part)))


def named(whole: Box) -> None:
    """With a name, which a player may show."""
    whole.one(b"moov", b"udta").data += bytes(Box(b"name", bytearray(b"officer 17")))


def another_brand(whole: Box) -> None:
    """A file type of another kind."""
    whole.one(b"ftyp").data[:4] = b"qt  "


def quick_sound(whole: Box) -> None:
    """The rate in the AAC configuration: twice as fast and high."""
    sound = next(whole.all(*_ENTRIES, b"mp4a", b"esds"))
    at = sound.data.index(b"\x05\x80\x80\x80") + 5
    assert sound.number(at, 2) >> 7 & 15 == 4  # 44.1 kHz
    sound.put(at, sound.number(at, 2) & ~(15 << 7) | 1 << 7, 2)  # 88.2 kHz


def silent(whole: Box) -> None:
    """A track that is not enabled."""
    list(whole.all(b"moov", b"trak", b"tkhd"))[1].put(0, 0)


FORGERIES: list[Callable[[Box], None]] = [
    upside_down,
    mirrored,
    mirrored_as_a_whole,
    wide,
    small,
    long_pixels,
    other_colours,
    cut_out,
    named,
    another_brand,
    quick_sound,
    silent,
]
QUICK = (upside_down, mirrored, quick_sound)


@pytest.mark.parametrize(
    "forgery",
    [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in FORGERIES],
)
def test_what_the_header_says_is_what_the_original_says(
    forgery: Callable[[Box], None], clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "plain.mp4")
    forged(folder, forgery)

    assert differences(against(clips / "plain.mp4")) == {"header"}


def test_new_pictures_are_turned_as_the_original_too(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "hevc.mp4")
    forged(folder, upside_down)

    assert differences(against(clips / "hevc.mp4")) == {"header"}


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_an_original_that_is_to_be_turned_has_a_rendition_that_is(
    degrees: int, clips: Path, tmp_path: Path, render: Render, against: Compare
) -> None:
    (tmp_path / "plain.mp4").symlink_to(clips / "plain.mp4")
    recipe = f"-display_rotation {degrees} -i plain.mp4 -c copy"
    turned = made_by_ffmpeg(tmp_path / f"{degrees}.mp4", recipe, Tools.find(prefer=Route.PIP))
    render(turned)

    assert against(turned).differs == []
