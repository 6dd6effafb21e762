"""What happens inside the guest, after: QEMU's own devices, behind a hub, with udev and our rules.

``python -m tests.station.usb.guest.emulated HOME IMAGE FOLDER``, run by ``with_udev.sh`` as the
station's own user.  The devices are at work in the emulator, so nothing of ours plays a camera
here; that no write reached the disk is the emulator's own count.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from station.service import Station
from station.usb.bus import Bus
from tests.station.usb.guest.house import Slot, ask_host, parts, say
from tests.station.yard import seen

CYCLES = 20
_SLOW, _CUT_AFTER = 6 << 20, 3 << 20
"""Bytes a second of the first docking, and after how many of them the cable is pulled."""


def plug_in(image: Path, *, slowly: bool) -> None:
    """QEMU's own disk, at port 1 of the hub at port 1."""
    drive: dict[str, object] = {"driver": "raw", "file": {"driver": "file", "filename": str(image)}}
    if slowly:
        drive = {"driver": "throttle", "throttle-group": "slow", "file": drive}
    ask_host("blockdev-add", **{"node-name": "card", **drive})
    disk = {"driver": "usb-storage", "id": "camera", "serial": "BWC0001"}
    ask_host("device_add", **disk, bus="xhci.0", port="1.1", drive="card")


async def pull_out(slot: Slot) -> None:
    """The cable is pulled, after the emulator has told how often it wrote."""
    ask_host("query-blockstats")
    ask_host("device_del", id="camera")
    await slot.gone()
    await seen(lambda: not slot.place.exists())
    ask_host("blockdev-del", **{"node-name": "card"})


async def came() -> str:
    """The port at which something is, that is no hub."""
    found: list[str] = []

    def look() -> bool:
        found[:] = [each.port for each in Bus().listing() if "." in each.port]
        return bool(found)

    await seen(look)
    return found[0]


async def a_keyboard(station: Station) -> None:
    """QEMU's own keyboard is never switched on."""
    ask_host("device_add", driver="usb-kbd", id="keyboard", bus="xhci.0", port="1.2")
    slot = Slot(station=station, name=await came())
    await seen(lambda: slot.problems != [])
    say(problems=slot.problems, on=slot.is_on, drivers=slot.drivers)
    ask_host("device_del", id="keyboard")
    await seen(lambda: not slot.place.exists())


async def pulled_out_and_docked_again(station: Station, image: Path) -> Slot:
    """As with our own cameras; the disk is slow first, so that the cable is pulled in a file."""
    plug_in(image, slowly=True)
    slot = Slot(station=station, name=await came())
    await seen(lambda: slot.copied > _CUT_AFTER)
    await pull_out(slot)
    left = await slot.cut_short()
    plug_in(image, slowly=False)
    await seen(lambda: slot.word == "safe")
    say(
        cut_short=left,
        digests={item.path.decode(): str(item.sha256) for item in await slot.items()},
        states=sorted({item.state.value for item in await slot.items()}),
        read_only=slot.is_write_protected,
        problems=slot.problems,
        mode=oct(slot.node.stat().st_mode & 0o777),
    )
    await pull_out(slot)
    return slot


async def again_and_again(slot: Slot, image: Path) -> None:
    """Nothing of a card that is known is copied again."""
    known = len(await slot.station.items())
    for _ in range(CYCLES):
        plug_in(image, slowly=False)
        await seen(lambda: slot.word == "safe")
        await pull_out(slot)
    say(cycles=CYCLES, more=len(await slot.station.items()) - known, user=os.getuid())


async def a_phone(station: Station, folder: Path) -> None:
    """QEMU's own MTP device; its cable is pulled in the middle of the first file."""
    phone = {"driver": "usb-mtp", "id": "phone", "rootdir": str(folder), "desc": "SD"}
    ask_host("device_add", **phone, bus="xhci.0", port="1.3")
    slot = Slot(station=station, name=await came())
    await seen(lambda: slot.copied > _CUT_AFTER)
    ask_host("device_del", id="phone")
    await slot.gone()
    await seen(lambda: not slot.place.exists())
    left = await slot.cut_short()
    ask_host("device_add", **phone, bus="xhci.0", port="1.3")
    await seen(lambda: slot.word == "safe")
    say(
        cut_short=left,
        digests={item.path.decode(): str(item.sha256) for item in await slot.items()},
        states=sorted({item.state.value for item in await slot.items()}),
        problems=slot.problems,
    )
    ask_host("device_del", id="phone")
    await slot.gone()


async def main(home: Path, image: Path, folder: Path) -> None:
    ask_host("object-add", **{"qom-type": "throttle-group", "id": "slow", "x-bps-read": _SLOW})
    ask_host("device_add", driver="usb-hub", id="hub", bus="xhci.0", port="1")
    async with Station.running(parts(home)) as station:
        await station.items()
        await a_keyboard(station)
        slot = await pulled_out_and_docked_again(station, image)
        await a_phone(station, folder)
        await again_and_again(slot, image)


if __name__ == "__main__":
    asyncio.run(main(*map(Path, sys.argv[1:])))
