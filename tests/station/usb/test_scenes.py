"""Cameras over the real libusb, libudev and pyudev, on a bus of umockdev's."""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.station.usb.umockdev import PRELOAD

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", autouse=True)
def _mocked() -> None:
    try:
        ctypes.CDLL("libumockdev.so.0")
        ctypes.CDLL("libusb-1.0.so.0")
    except OSError:
        missing = "needs, as root: apt-get install umockdev libusb-1.0-0"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


def scene(name: str, *arguments: Path) -> list[str]:
    """The lines that a scene says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.station.usb.scene", name, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "LD_PRELOAD": PRELOAD},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_camera_is_seen_switched_on_asked_becomes_a_disk_and_leaves(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    image.write_bytes(random.Random(1).randbytes(1 << 20))

    assert scene("the_whole_way", image) == [
        "asked to login: 81 came where 80 was due (it",
        "the camera 4255:0001 left while it was spoken to",
        "the whole way",
    ]


def test_a_keyboard_beside_a_camera_stays_off() -> None:
    assert scene("a_keyboard") == [
        "4255:0001 has an interface that is none of a camera's: keyboard or mouse (03:01:01)"
    ]


def test_a_camera_is_asked_in_text_over_its_endpoints() -> None:
    assert scene("text_over_bulk") == ["pulled out: CardGone"]


def test_a_camera_that_left_is_neither_switched_on_nor_opened() -> None:
    assert scene("gone_before_it_was_opened") == [
        "the device at port 1-1 is gone",
        "the camera at port 1-1 left",
    ]
