"""Cameras over the real libusb, libudev and pyudev, on a bus of umockdev's."""

from __future__ import annotations

import ctypes
import json
import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from evidence.digest import Sha256
from evidence.vault.s3 import S3Settings
from tests.station.disk.images import fat_image
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
    return run("scene", name, *map(str, arguments))


def run(module: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.station.usb.{module}", *arguments],
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
        "asked to login: 128 bytes that are no good a",
        "the camera at USB port 1-2 left while it was spoken to",
        "the whole way",
    ]


def test_an_mtp_camera_is_cut_in_its_file_and_gone_on_with(tmp_path: Path) -> None:
    assert scene("an_mtp_camera", tmp_path) == [
        "asked to get partial object: the camera at USB port 1-1 left while it was spoken to",
        "1048576 True",
    ]


def test_a_keyboard_beside_a_camera_stays_off() -> None:
    assert scene("a_keyboard") == [
        "4255:0001 has an interface that is none of a camera's: keyboard or mouse (03:01:01)"
    ]


def test_a_camera_is_asked_in_text_over_its_endpoints() -> None:
    assert scene("text_over_bulk") == ["the camera at USB port 1-1 left while it was spoken to"]


def test_a_camera_that_left_is_neither_switched_on_nor_opened() -> None:
    assert scene("gone_before_it_was_opened") == [
        "the device at port 1-1 is gone",
        "the camera at USB port 1-1 left",
    ]


def test_a_station_takes_in_a_camera_at_a_usb_port(
    tmp_path: Path, agency_settings: S3Settings
) -> None:
    files = fat_image(tmp_path / "card.img", "FAT16", seed=1)
    before = (tmp_path / "card.img").read_bytes()
    told = json.dumps(asdict(agency_settings), default=str)

    (line,) = run("station_scene", str(tmp_path), str(tmp_path / "card.img"), told)

    said = json.loads(line)
    assert said["words"] == {"usb 1-2": "safe"}
    (problem,) = said["problems"]
    assert problem.startswith("USB port 1-3: switched off, since 4255:0001 has an interface")
    assert said["digests"] == {path.decode(): Sha256.of(data).hex for path, data in files.items()}
    assert said["states"] == ["ARCHIVED"]
    assert (said["again"], said["more"], said["protected"]) == ({"usb 1-2": "safe"}, 0, 2)
    assert (tmp_path / "card.img").read_bytes() == before
    _see_what_was_heard(said)


def _see_what_was_heard(said: dict[str, Any]) -> None:
    """Its clock was two hours fast until it was set; a keyboard was turned away."""
    fast = 2 * 3600
    assert said["battery"] == 87
    assert abs(said["card_offset"] - fast) < 5
    assert said["clip_offsets"]
    assert said["cameras"] == [["BWC0001", "PO123456"]]
    assert {round(offset / 5000) for offset in said["clip_offsets"]} == {fast / 5}
    acts = {act["kind"]: act for act in said["acts"]}
    assert set(acts) == {"camera.told", "camera.dock", "device.refused"}
    told, docked, refused = (
        acts[kind] for kind in ("camera.told", "camera.dock", "device.refused")
    )
    assert docked["told"] == told["told"]
    assert told["clock_set"]
    assert abs(told["set_offset_ms"]) < 5000
    assert set(told["commitments"]) == {"camera", "officer"}
    assert (refused["interfaces"], refused["port"], refused["count"]) == (["03:01:01"], "1-3", 1)


def test_a_port_writes_wearer_and_firmware_before_the_camera_becomes_a_disk(tmp_path: Path) -> None:
    said = json.loads(run("writing_scene", "ports_write", str(tmp_path))[-1])

    assert (said["officer"], said["whole"], said["is_disk"]) == ("PO654321", True, False)
    assert [(act["what"], act["how"]) for act in said["acts"]] == [
        *(("officer", "begun"), ("officer", "done")),
        *(("firmware", "begun"), ("firmware", "done")),
    ]


def test_a_camera_whose_footage_nobody_took_yet_is_read_and_not_written_to(
    tmp_path: Path, agency_settings: S3Settings
) -> None:
    fat_image(tmp_path / "card.img", "FAT16", seed=1)
    told = json.dumps(asdict(agency_settings), default=str)
    where = (str(tmp_path), str(tmp_path / "card.img"), told)

    said = json.loads(run("writing_scene", "a_station_refuses", *where)[-1])

    acts = {act["kind"]: act for act in said["acts"]}
    assert (acts["camera.change"]["how"], acts["camera.change"]["fact"]) == ("refused", 5)
    assert (said["words"], said["flash"], said["orders"]) == ({"usb 1-2": "safe"}, "", 1)
    assert acts["camera.dock"]["told"] == acts["camera.change"]["told"]
    assert said["signature"] == ["generic-dcim", ""]
    assert said["camera"] == ["cam-7"]
    assert "firmware V2 (fw.bin): refused, since no earlier docking tells" in said["fleet"][-1]
