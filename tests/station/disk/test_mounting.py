"""Mounts without a place, by this machine's kernel: needs root and a loop device."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.disk.mounting import allow_writes, mounted, node_at, place_of, why
from tests.station.disk.images import run

WORDS = b"evidence" * 4096
_HOLDS = """
import sys, time
from pathlib import Path
from station.disk.mounting import mounted
with mounted(Path(sys.argv[1]), "ext4"):
    print("mounted", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A block device with an ext4 file system that holds one file."""
    files, image = tmp_path / "files", tmp_path / "disk.img"
    files.mkdir()
    (files / "clip.mp4").write_bytes(WORDS)
    image.touch()
    os.truncate(image, 16 << 20)
    run("mkfs.ext4", "-q", "-d", files, image)
    looped = subprocess.run(
        ("losetup", "-f", "--show", image), capture_output=True, text=True, check=False
    )
    if looped.returncode != 0:
        pytest.skip(f"needs root and a loop device: {looped.stderr}")
    node = Path(looped.stdout.strip())
    try:
        yield node
    finally:
        subprocess.run(("losetup", "-d", node), check=True)


def is_free(node: Path) -> bool:
    """Whether nothing has *node* mounted: only then does the kernel give it to one alone."""
    try:
        os.close(os.open(node, os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        assert error.errno == errno.EBUSY  # noqa: PT017
        return False
    return True


def test_a_mount_has_no_place_and_ends(disk: Path) -> None:
    with mounted(disk, "ext4", options=("noload",)) as root:
        handle = os.open("clip.mp4", os.O_RDONLY, dir_fd=root)
        assert os.pread(handle, len(WORDS) + 1, 0) == WORDS
        at = place_of(handle, 5000)
        os.close(handle)
        assert disk.name not in Path("/proc/mounts").read_text()
        assert not is_free(disk)
        with pytest.raises(OSError, match="Read-only"):
            os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=root)

    assert is_free(disk)
    with disk.open("rb") as raw:
        assert os.pread(raw.fileno(), 8, at) == WORDS[5000:5008]


def test_a_mount_ends_with_a_process_that_is_killed(disk: Path) -> None:
    argv = (sys.executable, "-c", _HOLDS, disk)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"mounted\n"
        assert not is_free(disk)
        child.send_signal(signal.SIGKILL)

    assert is_free(disk)


def test_a_protected_disk_takes_no_writes_until_it_may(disk: Path) -> None:
    allow_writes(disk, allowed=False)
    with pytest.raises(OSError, match="denied") as refused, mounted(disk, "ext4", writable=True):
        pass
    assert why(refused.value) == "the medium itself is write-protected"

    allow_writes(disk, allowed=True)
    with mounted(disk, "ext4", writable=True) as root:
        os.unlink("clip.mp4", dir_fd=root)
    with mounted(disk, "ext4") as root:
        assert os.listdir(root) == ["lost+found"]


def test_what_the_kernel_does_not_know_is_said(disk: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="device") as refused, mounted(disk, "nofs"):
        pass

    assert why(refused.value) == "this kernel has no driver for its file system"
    assert node_at(disk, 0) == disk
    assert node_at(disk, 512) is None
    assert node_at(tmp_path, 0) is None
