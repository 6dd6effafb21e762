"""Whether the disk under a folder is encrypted, as the kernel shows it; nothing is asked of people.

One rule: yes is said only where every block device beneath was seen to be dm-crypt (its uuid in
sysfs begins with ``CRYPT-``).  What cannot be looked through is not said to be encrypted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from evidence.errors import SetupError

SYSFS = Path("/sys/dev/block")
_CRYPT = "CRYPT-"
_ADVICE = (
    "Put the home on a LUKS volume: cryptsetup luksFormat DEVICE, cryptsetup open DEVICE NAME, then"
    " a file system on /dev/mapper/NAME (docs/vault.md). Or set [vault] encryption to what is true."
)


def see_encrypted(folder: Path, sysfs: Path = SYSFS) -> list[str]:
    """The dm-crypt devices beneath *folder*, which need not exist yet; at least one.

    SetupError, saying which device is none, unless all that is beneath it is encrypted.
    """
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    device = there.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    place = sysfs / number
    if not place.exists():
        raise SetupError(
            f"[vault] encryption is 'disk', and {folder} lies on no block device (device {number}:"
            " a network, memory, overlay, btrfs or ZFS file system): whether its disk is encrypted"
            " cannot be seen",
            advice=_ADVICE,
        )
    found = list(_beneath(place.resolve(), folder))
    return sorted(set(found))


def _beneath(device: Path, folder: Path) -> Iterator[str]:
    """The dm-crypt devices under the one at *device* in sysfs."""
    uuid = _text(device / "dm" / "uuid")
    name = _text(device / "dm" / "name") or device.name
    if uuid.startswith(_CRYPT):
        yield name
        return
    if (device / "partition").exists():
        yield from _beneath(device.parent, folder)
        return
    slaves = device / "slaves"
    beneath = sorted(slaves.iterdir()) if slaves.is_dir() else []
    if not beneath:
        raise SetupError(
            f"[vault] encryption is 'disk', and {folder} lies on {name}, which is not encrypted:"
            " no dm-crypt device lies between",
            advice=_ADVICE,
        )
    for each in beneath:
        yield from _beneath(each.resolve(), folder)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
