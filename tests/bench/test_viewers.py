from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.nginx import running_nginx
from bench.rounds import WrongResult, race
from bench.viewers import Address, Watching
from evidence.digest import Sha256
from evidence.segments import Segment
from tests.bench.conftest import Needs

SIZE, CUT = 300_000, 100_000
WHOLE, PIECES = "whole", "by segment"
WAYS = pytest.mark.parametrize(("way", "viewers"), [(WHOLE, 1), (PIECES, 1), (PIECES, 8)])


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    path = tmp_path / "root" / "media.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def url(needs: Needs, media: Path, tmp_path: Path) -> Iterator[str]:
    needs("nginx")
    with running_nginx(tmp_path / "nginx", media.parent) as nginx:
        yield f"{nginx.url}{media.name}"


def watching(url: str, media: Path, way: str, viewers: int) -> Watching:
    whole = media.read_bytes()
    ranges = [(start, min(CUT, SIZE - start)) for start in range(0, SIZE, CUT)]
    return Watching(
        name="peer",
        leave=lambda: Address(url=url),
        segments=[
            Segment(offset=at, length=long, sha256=Sha256.of(whole[at : at + long]))
            for at, long in ranges
        ],
        by_segment=way == PIECES,
        viewers=viewers,
        servers=(),
    )


@WAYS
def test_every_viewer_gets_every_byte(url: str, media: Path, way: str, viewers: int) -> None:
    contestant = watching(url, media, way, viewers)

    times = race([contestant], 2, lambda _words: None)

    assert len(times["peer"].runs) == len(contestant.waits.runs) == 2
    assert 0 < contestant.waits.median < times["peer"].median


@WAYS
def test_one_flipped_bit_is_named(url: str, media: Path, way: str, viewers: int) -> None:
    contestant = watching(url, media, way, viewers)
    flipped = bytearray(media.read_bytes())
    flipped[CUT + 7] ^= 1
    media.write_bytes(flipped)

    contestant.prepare(0)
    contestant.run()

    with pytest.raises(WrongResult, match="bytes 100000 to 199999 are not those on record"):
        contestant.check()


@WAYS
@pytest.mark.parametrize("size", [0, CUT, SIZE - 1])
def test_a_shorter_file_is_no_result(
    url: str, media: Path, way: str, viewers: int, size: int
) -> None:
    contestant = watching(url, media, way, viewers)
    media.write_bytes(media.read_bytes()[:size])

    contestant.prepare(0)
    with pytest.raises(WrongResult):
        contestant.run()


def test_a_longer_file_is_no_result(url: str, media: Path) -> None:
    contestant = watching(url, media, WHOLE, 1)
    media.write_bytes(media.read_bytes() + b"z")
    contestant.prepare(0)

    with pytest.raises(WrongResult, match="300000 were asked for"):
        contestant.run()


def test_a_file_that_is_not_there_is_no_result(url: str, media: Path) -> None:
    contestant = watching(f"{url}.gone", media, PIECES, 1)
    contestant.prepare(0)

    with pytest.raises(WrongResult, match="answers 404"):
        contestant.run()
