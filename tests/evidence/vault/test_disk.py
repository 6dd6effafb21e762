"""Whether a disk is encrypted, by what the kernel shows of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidence.vault.disk import SYSFS, see_encrypted


def device(at: Path, *slaves: Path, uuid: str = "", name: str = "") -> Path:
    """A block device as sysfs shows it, over *slaves*."""
    (at / "slaves").mkdir(parents=True)
    for each in slaves:
        (at / "slaves" / each.name).symlink_to(each)
    if uuid or name:
        (at / "dm").mkdir()
        (at / "dm" / "uuid").write_text(f"{uuid}\n")
        (at / "dm" / "name").write_text(f"{name}\n")
    return at


def partition(of: Path, name: str) -> Path:
    made = of / name
    made.mkdir()
    (made / "partition").write_text("1\n")
    return made


def plain(root: Path) -> Path:
    return partition(device(root / "sda"), "sda1")


def luks(root: Path) -> Path:
    return device(root / "dm-0", plain(root), uuid="CRYPT-LUKS2-0a1b-home", name="home")


def lvm_on_luks(root: Path) -> Path:
    return device(root / "dm-1", luks(root), uuid="LVM-abc", name="vg-home")


def luks_on_lvm(root: Path) -> Path:
    below = device(root / "dm-2", plain(root), uuid="LVM-abc", name="vg-raw")
    return device(root / "dm-3", below, uuid="CRYPT-LUKS2-home", name="home")


def raid_of(root: Path, members: Sequence[Path]) -> Path:
    return partition(device(root / "md0", *members), "md0p1")


def raid_on_luks(root: Path) -> Path:
    members = [
        device(
            root / f"dm-{number}", device(root / f"sd{number}"), uuid="CRYPT-x", name=f"c{number}"
        )
        for number in (5, 6)
    ]
    return raid_of(root, members)


def half_a_raid(root: Path) -> Path:
    return raid_of(root, [luks(root), device(root / "sdz")])


def other_mapping(root: Path) -> Path:
    return device(root / "dm-7", plain(root), uuid="mpath-3600", name="mpath")


def shown(root: Path, make: Callable[[Path], Path]) -> Path:
    """A sysfs in which the disk under *root* is what *make* made."""
    number = root.stat().st_dev
    sysfs = root / "sys"
    sysfs.mkdir()
    (sysfs / f"{os.major(number)}:{os.minor(number)}").symlink_to(make(root / "devices"))
    return sysfs


@pytest.mark.parametrize(
    ("make", "seen"),
    [
        (luks, ["home"]),
        (lvm_on_luks, ["home"]),
        (luks_on_lvm, ["home"]),
        (raid_on_luks, ["c5", "c6"]),
    ],
)
def test_what_is_encrypted_is_seen(
    tmp_path: Path, make: Callable[[Path], Path], seen: list[str]
) -> None:
    assert see_encrypted(tmp_path / "not" / "there yet", shown(tmp_path, make)) == seen


@pytest.mark.parametrize(
    ("make", "named"), [(plain, "sda"), (half_a_raid, "sdz"), (other_mapping, "sda")]
)
def test_what_is_not_is_named_and_what_to_do(
    tmp_path: Path, make: Callable[[Path], Path], named: str
) -> None:
    with pytest.raises(SetupError, match=f"lies on {named}, which is not encrypted") as refused:
        see_encrypted(tmp_path, shown(tmp_path, make))

    assert "cryptsetup luksFormat" in refused.value.advice


def test_what_lies_on_no_block_device_is_not_said_to_be_encrypted(tmp_path: Path) -> None:
    (tmp_path / "sys").mkdir()

    with pytest.raises(SetupError, match="lies on no block device"):
        see_encrypted(tmp_path, tmp_path / "sys")


def test_the_kernels_own_words_are_understood() -> None:
    """Memory is on no disk, so this machine's own sysfs has no device of that number."""
    assert SYSFS.is_dir()
    with pytest.raises(SetupError, match="lies on no block device"):
        see_encrypted(Path("/dev/shm"))  # noqa: S108  it is memory on every Linux
