"""Cards made of folders: another program finds them sound, and our reader finds all in them."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from evidence.errors import SetupError
from ingest.source import Sort
from station.disk.raw_card import RawCard
from station.simulator.exfat import make_card
from tests.station.disk.images import run


def filled(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        os.utime(folder / path, (1_790_000_001.25, 1_790_000_001.25))
    return folder


def held(image: Path) -> dict[str, bytes]:
    with closing(RawCard(image)) as card:
        found = {}
        for listed in card.listing():
            assert listed.problem is None
            if listed.sort is Sort.FILE:
                assert listed.mtime_ns == 1_790_000_001_250_000_000
                with card.open(listed) as original:
                    found[listed.path.decode()] = original.read_at(0, listed.size)
        return found


def test_a_card_holds_its_folder_and_is_sound(tmp_path: Path) -> None:
    chance = random.Random(1)
    files = {
        "DCIM/100MEDIA/VID_0001.MP4": chance.randbytes(3_000_001),
        "DCIM/100MEDIA/VID_0002.MP4": chance.randbytes(32 << 10),
        "DCIM/empty.bin": b"",
        "执法记录仪/录像 😀.mp4": chance.randbytes(70_000),
        "ſmall ß.txt": b"1",
        "n" * 251 + ".mp4": b"long",
        **{f"many/file {number:04}.log": b"%d" % number for number in range(700)},
    }
    image = tmp_path / "card.img"

    make_card(image, filled(tmp_path / "card", files), serial=0xA1B2C3D4)

    run("fsck.exfat", "-n", image)
    assert held(image) == files
    with closing(RawCard(image)) as card:
        assert card.identity == "exFAT:A1B2C3D4"


def test_an_empty_folder_is_an_empty_card(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    make_card(tmp_path / "card.img", tmp_path / "card", serial=1)

    run("fsck.exfat", "-n", tmp_path / "card.img")
    assert held(tmp_path / "card.img") == {}


@pytest.mark.parametrize("name", ["a:b", "q?", os.fsdecode(b"\xff.mp4"), "tab\t"])
def test_a_name_that_no_card_can_hold_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / name).write_bytes(b"1")

    with pytest.raises(SetupError, match="no exFAT card can hold"):
        make_card(tmp_path / "card.img", tmp_path / "card", serial=1)
    assert not (tmp_path / "card.img").exists()


def test_what_is_no_file_and_names_that_meet_are_told(tmp_path: Path) -> None:
    links, twice = tmp_path / "links", tmp_path / "twice"
    links.mkdir()
    (links / "a").symlink_to("/etc/passwd")
    filled(twice, {"A.mp4": b"1", "a.MP4": b"2"})

    for folder, said in ((links, "neither file nor folder"), (twice, "same name")):
        with pytest.raises(SetupError, match=said):
            make_card(tmp_path / "card.img", folder, serial=1)
    with pytest.raises(SetupError, match="cannot be listed"):
        make_card(tmp_path / "card.img", tmp_path / "nothing", serial=1)
