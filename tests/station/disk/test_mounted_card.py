"""Cards of other file systems, mounted by this machine's kernel: needs root and a loop device."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evidence.errors import CardReadFailed, CardWriteFailed, FileRefused
from ingest.release import on_card, read_again
from ingest.source import Sort
from station.card import Card
from station.disk.mounted_card import MountedCard
from station.disk.mounting import allow_writes
from station.disk.opening import Opener
from station.disk.raw_card import RawCard
from tests.evidence.erase_proofs import proof_for
from tests.station.disk.images import fat_image, run
from tests.station.disk.test_mounting import is_free
from tests.station.disk.test_unlinking import CLOCK, WATCH

FILES = {b"DCIM/clip.mp4": b"evidence" * 40_000, b"a\nb \xff.mp4": b"", b"log.txt": b"log"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A write-protected ext4 disk with files, a link and a pipe."""
    files, image = tmp_path / "files", tmp_path / "disk.img"
    (files / "DCIM").mkdir(parents=True)
    for path, data in FILES.items():
        (files / os.fsdecode(path)).write_bytes(data)
    (files / "link.mp4").symlink_to("/etc/passwd")
    os.mkfifo(files / "pipe.mp4")
    image.touch()
    os.truncate(image, 16 << 20)
    run("mkfs.ext4", "-q", "-d", files, image)
    looped = subprocess.run(
        ("losetup", "-f", "--show", image), capture_output=True, text=True, check=False
    )
    if looped.returncode != 0:
        pytest.skip(f"needs root and a loop device: {looped.stderr}")
    node = Path(looped.stdout.strip())
    allow_writes(node, allowed=False)
    try:
        yield node
    finally:
        subprocess.run(("losetup", "-d", node), check=True)


def test_another_file_system_is_read_through_the_kernel_if_that_is_allowed(
    disk: Path, tmp_path: Path
) -> None:
    before = (tmp_path / "disk.img").read_bytes()
    with pytest.raises(CardReadFailed, match="no file system that is known") as refused:
        Opener(clock=CLOCK, mounts=False).open(disk, life="1")
    assert "mount_other_cards" in refused.value.advice

    with closing(Opener(clock=CLOCK, mounts=True).open(disk, life="1")) as card:
        read = dict(_contents(card))
        others = {each.path: each.sort for each in card.listing() if each.sort is not Sort.FILE}
        assert card.identity.endswith("+1")
        assert not is_free(disk)

    assert read == FILES
    assert others == {b"link.mp4": Sort.LINK, b"pipe.mp4": Sort.PIPE}
    assert is_free(disk)
    assert (tmp_path / "disk.img").read_bytes() == before


def _contents(card: Card) -> Iterator[tuple[bytes, bytes]]:
    for listed in card.listing():
        try:
            with card.open(listed) as original:
                yield listed.path, original.read_at(0, 1 << 20)
        except FileRefused:
            assert listed.sort is not Sort.FILE


def test_nothing_is_erased_from_a_mounted_card(disk: Path) -> None:
    with closing(MountedCard(disk)) as card:
        listed = next(each for each in card.listing() if each.size)
        proof = proof_for(on_card(card, listed), read_again(card, listed, CLOCK, WATCH))

        with pytest.raises(CardWriteFailed, match="for reading only"):
            card.erase(listed, proof)


def test_what_we_read_ourselves_is_not_mounted(tmp_path: Path) -> None:
    fat_image(tmp_path / "card.img", "FAT12", seed=1)

    with closing(Opener(clock=CLOCK, mounts=True).open(tmp_path / "card.img", life="1")) as card:
        assert isinstance(card, RawCard)


@pytest.mark.parametrize("data", [b"", bytes(4096), b"\x53\xef" * 4096])
def test_what_is_nothing_is_said_to_be_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "disk").write_bytes(data)

    with pytest.raises(CardReadFailed, match="no file system that is known"):
        Opener(clock=CLOCK, mounts=True).open(tmp_path / "disk", life="1")
