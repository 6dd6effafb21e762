"""Cameras on the USB of a real kernel, in a guest machine: ``make test-usb-guest``.

Real there: enumeration, ``authorized``, drivers, SCSI, block devices, ``BLKROSET``, vfat and exfat.
Not real: silicon and cable; the cameras are Python at the kernel's port for USB over IP.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.digest import Sha256
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Vault
from tests.conftest import Count, new_agency
from tests.station.disk.exfat_image import exfat_image
from tests.station.disk.images import SIZES, fat_image, put, run
from tests.station.usb.guest.emulated import CYCLES
from tests.station.usb.guest.machine import Argv, build
from tests.station.yard import Yard, once

pytestmark = pytest.mark.guest
LONG = 12 << 20
"""Bytes of a recording that is not through when the cable is pulled."""
HERE = Path(__file__).parent
OURS = ("fat32.img", "exfat.img")
"""Cards of cameras that are Python."""
THEIRS = "qemu.img"
"""The card of QEMU's own disk."""
PHONE = {
    "DCIM/100MEDIA/VID_1.MP4": bytes(range(256)) * (32 << 12),
    "DCIM/100MEDIA/VID_2.MP4": b"2" * 1012,  # with its head, two packets: an end mark is due
    "DCIM/empty.bin": b"",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was seen in there."""

    keyboards: tuple[Mapping[str, Any], ...]
    """Ours, and QEMU's own."""
    cards: Mapping[str, Mapping[str, Any]]
    phone: Mapping[str, Any]
    again: Mapping[str, Any]
    writes: Sequence[int]
    """How many the emulator counted, each time that its own disk was pulled out."""
    held: Mapping[str, Mapping[str, str]]
    """Digest of each file, by image."""


def _images(folder: Path) -> Mapping[Path, Mapping[bytes, bytes]]:
    long = {b"DCIM/100MEDIA/AAA.MP4": bytes(range(256)) * (LONG // 256)}
    fat, exfat, theirs = (folder / name for name in (*OURS, THEIRS))
    made: dict[Path, Mapping[bytes, bytes]] = {
        fat: {**fat_image(fat, "FAT32", seed=4), **long},
        exfat: exfat_image(exfat, seed=4),
        theirs: {**_few_files(theirs), **long},
    }
    for image in (fat, theirs):
        for path, data in long.items():
            put(image, path.decode(), data)
    return made


def _few_files(image: Path) -> Mapping[bytes, bytes]:
    """A card that is looked through quickly, for it is docked again and again."""
    held = {f"DCIM/100MEDIA/VID_{number}.MP4".encode(): b"%d" % number * 999 for number in range(3)}
    run("mkfs.vfat", "-C", image, str(SIZES["FAT16"] >> 10))
    for place in ("DCIM", "DCIM/100MEDIA"):
        run("mmd", "-i", image, f"::{place}")
    for path, data in held.items():
        put(image, path.decode(), data)
    return held


def _phone(folder: Path) -> Path:
    for path, data in PHONE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Said:
    """One run of the guest, with a station that an archive enrolled before."""
    folder = tmp_path_factory.mktemp("guest")
    home = folder / "yard" / "home"
    home.mkdir(parents=True)
    asyncio.run(once(Yard(home=home, vault=S3Vault(new_agency(engine)))))
    files = _images(folder)
    *ours, theirs = files
    before = Sha256.of_file(theirs)
    phone = _phone(folder / "phone")

    python: Argv = (sys.executable, "-m", "tests.station.usb.guest.inside", home, *ours)
    emulated = (sys.executable, "-m", "tests.station.usb.guest.emulated", home, theirs, phone)
    as_set_up: Argv = ("sh", HERE / "with_udev.sh", home, *emulated)
    console = build().run(python, as_set_up)

    keyboard, *cards, another, emulators, shown, again = console.says
    assert [told for told in console.told if "error" in told] == []
    shown |= {"left": _below(phone)}
    emulators |= {"image": THEIRS, "unchanged": Sha256.of_file(theirs) == before}
    return Said(
        keyboards=(keyboard, another),
        cards={card["image"]: card for card in (*cards, emulators)},
        phone=shown,
        again=again,
        writes=[
            disk["stats"]["wr_operations"]
            for told in console.told
            if isinstance(told["return"], list)
            for disk in told["return"]
            if "/camera/" in disk.get("qdev", "")
        ],
        held={
            image.name: {path.decode(): Sha256.of(data).hex for path, data in held.items()}
            for image, held in files.items()
        },
    )


@pytest.mark.parametrize("image", [*OURS, THEIRS])
def test_what_a_pulled_cable_interrupted_goes_on_and_is_whole(said: Said, image: str) -> None:
    card = said.cards[image]
    assert card["digests"] == said.held[image]
    assert card["states"] == ["VERIFIED"]
    assert card["cut_short"]
    assert all("Dock the camera again" in problem for problem in card["cut_short"])


@pytest.mark.parametrize("image", OURS)
def test_no_write_reaches_a_camera_and_the_kernel_would_refuse_one(said: Said, image: str) -> None:
    card = said.cards[image]
    assert (card["writes"], card["unchanged"], card["read_only"]) == (0, True, True)
    assert card["refused"] in {"Permission denied", "Operation not permitted"}


@pytest.mark.parametrize("image", OURS)
def test_the_kernels_own_file_systems_read_the_same(said: Said, image: str) -> None:
    theirs = dict(said.cards[image]["by_the_kernel"])
    if image == "exfat.img":  # Linux before 6.8 gives what lies there where nothing was written yet
        theirs["half.mp4"] = said.held[image]["half.mp4"]
    assert theirs == said.held[image]


def test_a_keyboard_is_never_switched_on(said: Said) -> None:
    for keyboard in said.keyboards:
        (problem,) = keyboard["problems"]
        assert "has an interface that is none of a camera's: keyboard or mouse" in problem
        assert keyboard["on"] is False
        assert keyboard["drivers"] == []
    assert said.keyboards[0]["disks"] == []


def test_with_our_rules_the_stations_own_user_takes_in_a_disk_behind_a_hub(said: Said) -> None:
    card = said.cards[THEIRS]
    assert (card["unchanged"], card["read_only"], card["problems"]) == (True, True, [])
    assert card["mode"] == "0o440"
    assert said.again["user"] != 0


def test_an_mtp_device_that_is_not_ours_is_cut_and_gone_on_with(said: Said) -> None:
    wanted = {path: Sha256.of(data).hex for path, data in PHONE.items()}
    assert said.phone["digests"] == wanted
    assert (said.phone["states"], said.phone["problems"]) == (["VERIFIED"], [])
    assert any("Dock the camera again" in problem for problem in said.phone["cut_short"])
    assert said.phone["left"] == PHONE


def test_a_known_card_is_docked_twenty_times_and_nothing_is_copied_again(
    said: Said, count: Count
) -> None:
    assert (said.again["cycles"], said.again["more"]) == (CYCLES, 0)
    assert said.writes == [0] * (CYCLES + 2)
    count(f"guest kernel: {CYCLES + 2 * len(said.cards)} docked cards, 0 WRITE commands")
