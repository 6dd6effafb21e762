from __future__ import annotations

import os
import random
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from evidence.errors import CameraError, CardGone, CardReadFailed
from ingest.source import Listed
from station.disk.raw_card import RawCard
from tests.station.disk.exfat_image import MTIME, exfat_image
from tests.station.disk.images import SIZES, fat_image


def whole(card: RawCard, listed: Listed) -> bytes:
    with card.open(listed) as original:
        data = b""
        while block := original.read_at(len(data), 1 << 20):
            data += block
        assert original.stat().fits(listed)
    return data


def held(image: Path) -> Mapping[bytes, bytes]:
    with closing(RawCard(image)) as card:
        listing = card.listing()
        assert [each for each in listing if each.problem] == []
        return {each.path: whole(card, each) for each in listing}


def card_image(image: Path, kind: str, seed: int) -> Mapping[bytes, bytes]:
    return exfat_image(image, seed) if kind == "exFAT" else fat_image(image, kind, seed)


@pytest.mark.parametrize("kind", [*SIZES, "exFAT"])
def test_a_card_holds_what_another_program_wrote(tmp_path: Path, kind: str) -> None:
    image = tmp_path / "card.img"
    wanted = card_image(image, kind, seed=1)

    assert held(image) == wanted
    with closing(RawCard(image)) as card:
        assert card.identity.startswith(f"{kind}:")


def test_reading_changes_no_byte_of_the_medium(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    fat_image(image, "FAT12", seed=2)
    image.chmod(0o444)
    before = image.read_bytes()

    held(image)

    assert image.read_bytes() == before


def test_the_time_of_a_file_is_told_in_utc_where_the_card_knows_its_zone(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    exfat_image(image, seed=2)

    with closing(RawCard(image)) as card:
        told = {each.mtime_ns for each in card.listing()}

    assert told == {int(datetime.fromisoformat(MTIME).timestamp() * 10) * 10**8}


@pytest.mark.parametrize("kind", ["FAT12", "exFAT"])
def test_any_stretch_of_a_file_in_pieces_is_right(tmp_path: Path, kind: str) -> None:
    image, chance = tmp_path / "card.img", random.Random(3)
    wanted = card_image(image, kind, seed=1)
    with closing(RawCard(image)) as card:
        for listed in card.listing():
            data = wanted[listed.path]
            with card.open(listed) as original:
                for _ in range(20):
                    start, length = chance.randrange(len(data) + 9), chance.randrange(9000)
                    assert original.read_at(start, length) == data[start : start + length]


def test_a_medium_that_ends_early_is_a_card_that_left(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    fat_image(image, "FAT12", seed=4)
    with closing(RawCard(image)) as card:
        listing = card.listing()
        os.truncate(image, 0)  # what an unplugged device answers
        for listed in filter(lambda each: each.size, listing):
            with card.open(listed) as original, pytest.raises(CardGone, match="unplugged"):
                original.read_at(0, 1 << 20)


def test_a_file_that_was_written_anew_is_not_the_one_listed(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    fat_image(image, "FAT12", seed=5)
    with closing(RawCard(image)) as card:
        listed = next(each for each in card.listing() if each.size)
        with card.open(listed) as original:
            before = original.stat()
            raw = bytearray(image.read_bytes())
            (where,) = original._entry.where
            raw[where.offset + 28] ^= 1
            image.write_bytes(raw)

            assert original.stat() != before


@pytest.mark.parametrize("data", [b"", bytes(512), b"\xff" * 4096, os.urandom(4096)])
def test_what_is_no_card_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    image = tmp_path / "card.img"
    image.write_bytes(data)

    with pytest.raises(CardReadFailed):
        RawCard(image)


def test_there_is_no_card_where_nothing_stands(tmp_path: Path) -> None:
    with pytest.raises(CardGone):
        RawCard(tmp_path / "sdb")


BROKEN = [
    *(("FAT12", 0, length) for length in (512, 4096, 30_000)),
    *(("exFAT", 0, 512), ("exFAT", 2 << 20, 40_000)),
]
"""Kind of card, and the stretch of it in which bytes are changed."""
BROKEN_CARDS = 300


@pytest.mark.parametrize(("kind", "start", "length"), BROKEN)
def test_a_broken_card_is_read_as_far_as_it_goes(
    tmp_path: Path, kind: str, start: int, length: int
) -> None:
    image, chance = tmp_path / "card.img", random.Random(length)
    card_image(image, kind, seed=6)
    sound, read = image.read_bytes(), 0
    for _ in range(BROKEN_CARDS // len(BROKEN)):
        broken = bytearray(sound)
        for _ in range(chance.choice((1, 3, 20, 200))):
            broken[start + chance.randrange(length)] = chance.randrange(256)
        image.write_bytes(broken)
        try:
            with closing(RawCard(image)) as card:
                for listed in card.listing():
                    if listed.problem is None:
                        assert len(whole(card, listed)) == listed.size
                        read += 1
        except CameraError as error:
            assert str(error)  # noqa: PT017  it says why, and ends well
    assert read > 100


def test_a_card_smaller_than_it_claims_names_what_it_cannot_hold(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    wanted = fat_image(image, "FAT12", seed=7)
    os.truncate(image, image.stat().st_size // 5)

    with closing(RawCard(image)) as card:
        listing = card.listing()
        there = {each.path: whole(card, each) for each in listing if each.problem is None}

    assert {each.path for each in listing} == wanted.keys()
    assert there == {path: wanted[path] for path in there}
    assert 0 < len(there) < len(wanted)
    assert all("beyond" in each.problem for each in listing if each.problem)


def test_a_folder_that_lies_in_itself_is_listed_once(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    fat_image(image, "FAT12", seed=8)
    raw = bytearray(image.read_bytes())
    at = raw.index(b"DCIM       ")
    first = raw[at + 26 : at + 28]
    inside = raw.index(b"100MEDIA   ")
    raw[inside + 26 : inside + 28] = first
    image.write_bytes(raw)

    with closing(RawCard(image)) as card:
        (problem,) = [each for each in card.listing() if each.problem]

    assert problem.path == b"DCIM/100MEDIA"
    assert "listed already" in (problem.problem or "")


def test_a_folder_without_an_end_is_named(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    fat_image(image, "FAT16", seed=9)
    raw = bytearray(image.read_bytes())
    at = raw.index(b"DCIM       ")
    first = int.from_bytes(raw[at + 26 : at + 28], "little")
    table = int.from_bytes(raw[14:16], "little") * 512
    raw[table + 2 * first : table + 2 * first + 2] = first.to_bytes(2, "little")
    image.write_bytes(raw)

    with closing(RawCard(image)) as card:
        (problem,) = [each for each in card.listing() if each.problem]

    assert problem.path == b"DCIM"
    assert "without an end" in (problem.problem or "")
