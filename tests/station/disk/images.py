"""Images of cards, made by programs that are not ours."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

FOLDERS = ("DCIM", "DCIM/100MEDIA", "执法记录仪")
SIZES = {"FAT12": 4 << 20, "FAT16": 40 << 20, "FAT32": 80 << 20}


def fat_image(image: Path, kind: str, seed: int) -> Mapping[bytes, bytes]:
    """Make *image* a card of *kind* with long, short, Chinese and fragmented files; its content."""
    chance, size = random.Random(seed), SIZES[kind]
    image.touch()
    os.truncate(image, size)
    more = ("-s", "1") if kind == "FAT32" else ()
    run("mkfs.vfat", "-F", kind[3:], *more, image)
    for folder in FOLDERS:
        run("mmd", "-i", image, f"::{folder}")
    names = [f"DCIM/100MEDIA/VID_2026{number:04}_long name.mp4" for number in range(12)]
    names += ["A.TXT", "DCIM/lower.txt", "执法记录仪/录像 1.mp4", "DCIM/" + "n" * 200 + ".bin"]
    held = {name: chance.randbytes(chance.randrange(size // 60)) for name in names}
    held["DCIM/empty.bin"] = b""
    for name, data in held.items():
        put(image, name, data)
    for name in chance.sample(names, 5):  # their places are filled by what comes next
        run("mdel", "-i", image, f"::{name}")
        del held[name]
    for number in range(4):
        held[f"DCIM/in pieces {number}.bin"] = data = chance.randbytes(size // 25)
        put(image, f"DCIM/in pieces {number}.bin", data)
    return {name.encode(): data for name, data in held.items()}


def put(image: Path, name: str, data: bytes) -> None:
    """Write a file into *image*."""
    whole = image.with_suffix(".one")
    whole.write_bytes(data)
    run("mcopy", "-o", "-i", image, whole, f"::{name}")
    whole.unlink()


def run(*argv: str | Path) -> None:
    """Run a program of Debian's; skips where it is not installed, but fails on CI."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    if shutil.which(str(argv[0]), path=path) is None:
        missing = f"{argv[0]} is missing; as root: apt-get install dosfstools mtools exfatprogs"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    environment = {"PATH": path, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
