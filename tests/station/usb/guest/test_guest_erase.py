"""Erasing from cards by a real kernel, in a guest machine: ``make test-usb-guest``."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evidence.digest import Sha256
from tests.conftest import Count
from tests.station.disk.exfat_image import exfat_image
from tests.station.disk.images import fat_image
from tests.station.usb.guest.erasing import PARTITION
from tests.station.usb.guest.machine import Argv, build

HALF_WRITTEN = "half.mp4"
"""To Linux before 6.8 it ends where nothing was written any more: another file than was read."""
pytestmark = pytest.mark.guest
IMAGES = ("fat32.img", "exfat.img", "fat16-part.img")


def in_a_partition(image: Path) -> None:
    """Put a table of partitions in front of the volume on *image*."""
    volume = image.read_bytes()
    table = bytearray(PARTITION)
    struct.pack_into("<B3xB3xII", table, 446, 0, 0x0E, PARTITION // 512, len(volume) // 512)
    table[510:512] = b"\x55\xaa"
    image.write_bytes(table + volume)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, Mapping[bytes, bytes]]:
    folder = tmp_path_factory.mktemp("erase")
    fat, exfat, part = (folder / name for name in IMAGES)
    made = {
        fat: fat_image(fat, "FAT32", seed=5),
        exfat: exfat_image(exfat, seed=5),
        part: fat_image(part, "FAT16", seed=6),
    }
    in_a_partition(part)
    return made


@pytest.fixture(scope="module")
def said(held: Mapping[Path, Mapping[bytes, bytes]]) -> list[dict[str, Any]]:
    argv: Argv = [sys.executable, "-m", "tests.station.usb.guest.erasing", *held]
    return build().run(argv).says


@pytest.mark.parametrize("number", range(len(IMAGES)), ids=IMAGES)
def test_erase_removes_the_proven_files_and_nothing_else(
    said: list[dict[str, Any]],
    held: Mapping[Path, Mapping[bytes, bytes]],
    number: int,
    count: Count,
) -> None:
    card, (image, files) = said[number], list(held.items())[number]
    wanted = {path.decode(): Sha256.of(data).hex for path, data in files.items()}
    refused = {path for path, done in card["done"].items() if done is not True}
    left = {path: wanted[path] for path in wanted if path in refused or path not in card["done"]}

    assert card["before"] == wanted
    assert refused <= {HALF_WRITTEN}
    assert 0 < len(left) < len(wanted)
    assert card["after"] == left
    assert card["by_the_kernel"].keys() == left.keys()
    assert card["fsck"][0] == 0, card["fsck"][1]
    assert card["writes_before"] == 0 < card["writes"]
    assert (card["read_only"], card["mounts"]) == ("1", [])
    count(f"erased by a real kernel from {image.name}: {len(wanted) - len(left)}, others unchanged")


def test_erase_is_refused_by_a_locked_card_and_to_who_may_not_mount(
    said: list[dict[str, Any]],
) -> None:
    refusals = said[-1]

    assert "the medium itself is write-protected" in refusals["locked"]
    assert "needs CAP_SYS_ADMIN" in refusals["helpless"]
    assert refusals["writes"] == 0
