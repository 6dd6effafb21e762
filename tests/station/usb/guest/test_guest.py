"""Cameras on the USB of a real kernel, in a guest machine: ``make test-usb-guest``.

Real there: enumeration, ``authorized``, drivers, SCSI, block devices, ``BLKROSET``, vfat and exfat.
Not real: silicon and cable; the cameras are Python at the kernel's port for USB over IP.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from evidence.digest import Sha256
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Vault
from tests.conftest import Count, new_agency
from tests.station.disk.exfat_image import exfat_image
from tests.station.disk.images import fat_image, put
from tests.station.usb.guest.inside import CYCLES
from tests.station.usb.guest.machine import build
from tests.station.yard import Yard, once

pytestmark = pytest.mark.guest
WITHIN = 470
LONG = 12 << 20
"""Bytes of a recording that is not through when the cable is pulled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was seen in there."""

    keyboard: Mapping[str, object]
    cards: Mapping[str, Mapping[str, object]]
    again: Mapping[str, object]
    held: Mapping[str, Mapping[str, str]]
    """Digest of each file, by image."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Said:
    """One run of the guest, with a station that an archive enrolled before."""
    folder = tmp_path_factory.mktemp("guest")
    home = folder / "yard" / "home"
    home.mkdir(parents=True)
    asyncio.run(once(Yard(home=home, vault=S3Vault(new_agency(engine)))))
    fat, exfat = folder / "fat32.img", folder / "exfat.img"
    long = {b"DCIM/100MEDIA/AAA.MP4": bytes(range(256)) * (LONG // 256)}
    files = {
        fat.name: {**fat_image(fat, "FAT32", seed=4), **long},
        exfat.name: exfat_image(exfat, seed=4),
    }
    for path, data in long.items():
        put(fat, path.decode(), data)

    argv = (sys.executable, "-m", "tests.station.usb.guest.inside", home, fat, exfat)
    keyboard, *cards, again = map(json.loads, build().run(argv, seconds=WITHIN))

    return Said(
        keyboard=keyboard,
        cards={card["image"]: card for card in cards},
        again=again,
        held={
            image: {path.decode(): Sha256.of(data).hex for path, data in held.items()}
            for image, held in files.items()
        },
    )


IMAGES = ("fat32.img", "exfat.img")


@pytest.mark.parametrize("image", IMAGES)
def test_what_a_pulled_cable_interrupted_goes_on_and_is_whole(said: Said, image: str) -> None:
    card = said.cards[image]
    assert card["digests"] == said.held[image]
    assert card["states"] == ["VERIFIED"]
    assert card["cut_short"]
    assert all("Dock the camera again" in problem for problem in card["cut_short"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("image", IMAGES)
def test_no_write_reaches_a_camera_and_the_kernel_would_refuse_one(said: Said, image: str) -> None:
    card = said.cards[image]
    assert (card["writes"], card["unchanged"], card["read_only"]) == (0, True, "1")
    assert card["refused"] in {"Permission denied", "Operation not permitted"}


@pytest.mark.parametrize("image", IMAGES)
def test_the_kernels_own_file_systems_read_the_same(said: Said, image: str) -> None:
    theirs = dict(said.cards[image]["by_the_kernel"])  # type: ignore[call-overload]
    if image == "exfat.img":  # Linux before 6.8 gives what lies there where nothing was written yet
        theirs["half.mp4"] = said.held[image]["half.mp4"]
    assert theirs == said.held[image]


def test_a_keyboard_is_never_switched_on(said: Said) -> None:
    assert "has an interface that is none of a camera's: keyboard or mouse" in str(
        said.keyboard["problems"]
    )
    assert said.keyboard["on"] is False
    assert said.keyboard["drivers"] == said.keyboard["disks"] == []


def test_a_known_card_is_docked_twenty_times_and_nothing_is_copied_again(
    said: Said, count: Count
) -> None:
    assert said.again == {"cycles": CYCLES, "writes": 0, "more": 0}
    count(f"guest kernel: {CYCLES + 2 * len(IMAGES)} docked cards, 0 WRITE commands")
