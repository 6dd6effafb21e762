from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clip import ClipClass
from evidock.demo.cards import dispatch_csv, nmea, sample_cards
from evidock.demo.footage import Coding, Scene, Take, shoot
from ingest.classify import HEAD, classify
from ingest.rendition.run import Limits, collect
from ingest.rendition.tools import Tools
from tests.archive.feeds.sheets import read

SHIFT = datetime(2026, 11, 23, 6, tzinfo=UTC)
LIMITS = Limits(seconds=60, written=50_000_000)


@pytest.mark.parametrize(
    ("coding", "scene", "name"),
    [
        (Coding.H264, Scene.STREET, "a.mp4"),
        (Coding.H265, Scene.NIGHT, "b.mp4"),
        (Coding.MJPEG, Scene.LIGHTS, "c.avi"),
        (Coding.H264, Scene.DOORWAY, "d.mov"),
    ],
)
async def test_a_take_is_footage_and_leaves_nothing_else(
    tmp_path: Path, coding: Coding, scene: Scene, name: str
) -> None:
    ffmpeg = str(Tools.find().ffmpeg)

    async def encode(arguments: Sequence[str], folder: Path) -> None:
        argv = (ffmpeg, "-nostdin", "-v", "error", *arguments)
        await collect(Tools.find().job(argv, folder, LIMITS), most=0)

    take = Take(name=name, coding=coding, scene=scene, started=SHIFT, seconds=1, place=(24.5, 118))
    (card := tmp_path / "card").mkdir()
    made = await shoot(take, card, encode)

    head = made.read_bytes()[:HEAD]
    assert classify(head, name.encode(), made.stat().st_size).clip_class is ClipClass.VIDEO
    assert [entry.name for entry in card.iterdir()] == [name]


def test_the_dispatch_list_is_one_the_archive_reads_without_a_problem() -> None:
    reading = read(dispatch_csv(SHIFT).encode())

    assert reading.problems == ()
    assert len(reading.facts) == 1 + sum(len(card.takes) for card in sample_cards(SHIFT))


def test_a_gps_track_is_a_sidecar_with_true_checksums() -> None:
    track = nmea(sample_cards(SHIFT)[0].takes[0])

    for line in track.splitlines():
        body, _, check = line.removeprefix("$").partition("*")
        total = 0
        for letter in body:
            total ^= ord(letter)
        assert f"{total:02X}" == check
    assert classify(track.encode(), b"a.nmea", len(track)).clip_class is ClipClass.SIDECAR
