"""Cameras that are written to at a port of umockdev's, by the real process of that port.

``python -m tests.station.usb.writing_scene NAME FOLDER …``: says what became of it as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from evidence.clock import SystemClock
from evidence.settings import StationSettings
from station.change import Wearer
from station.changer import Changer
from station.desk import Desk
from station.disk.opening import Opener
from station.heard import Heard
from station.journal.journal import Journal
from station.notary import Notary
from station.signed import Kind
from station.simulator.cameras import PASSWORD, Model
from station.simulator.descriptors import STORAGE, descriptors
from station.supplies import Supplies, supplies_in
from station.usb.bus import Bus
from station.usb.host import Host
from station.usb.ports import UsbPorts
from tests.station.signing import signed, signer
from tests.station.test_changer import Scene
from tests.station.test_journal import KEY
from tests.station.usb.station_scene import acts, settings, vault, words
from tests.station.usb.umockdev import MockedBus
from tests.station.usb.writable import WORDS, Writable, profile
from tests.station.yard import Yard, seen, settled

INFO = b"cam-7".ljust(9, b"\0") + b"PO123456" + bytes(83)
FIRMWARE = bytes(range(256)) * 4


async def wang(_heard: Heard) -> Wearer:
    return Wearer(officer="PO654321", name="王芳")


async def ports_write(folder: Path) -> dict[str, object]:
    """A wearer and firmware, at one docking, with the journal of a station."""
    clock, machine = SystemClock(), MockedBus()
    journal = Journal.open(folder / "journal.sqlite", KEY, clock)
    async with Desk(journal) as desk:
        changer = Changer(
            notary=Notary(desk, clock),
            supplies=Supplies(folder=folder / "supplies", keys=(signer().key,)),
            profiles=(profile(),),
            wearer_of=wang,
        )
        scene = Scene(folder=folder, journal=journal, changer=changer)
        scene.dock()
        scene.order(Kind.FIRMWARE, FIRMWARE)
        ports = UsbPorts(
            host=Host(),
            profiles=(profile(),),
            passwords={"amba-control": PASSWORD},
            clock=clock,
            opener=Opener(clock=clock),
            note=changer.notary.note,
            changer=changer,
        )
        work = asyncio.create_task(ports.run(lambda: None, every=0.1))
        camera = Writable(info=INFO, firmware=b"V1")
        machine.plug("1-2", camera)
        await seen(lambda: any("firmware was written" in each for each in ports.problems()))
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        return {
            "acts": scene.acts,
            "officer": camera.info[9:17].decode(),
            "whole": camera.flash == FIRMWARE,
            "is_disk": camera.is_disk,
        }


def signed_profile(folder: Path) -> StationSettings:
    """As ever, and only signed profiles are used."""
    asked = settings(folder)
    file = Path(asked.profiles) / "amba-control.toml"
    plain = file.read_text(encoding="utf-8")
    file.write_text(plain + WORDS.removeprefix(_known(plain)), encoding="utf-8")
    signed(file, signer())
    return replace(asked, profile_keys=(str(signer().key),))


def _known(text: str) -> str:
    """What of WORDS stands in *text* already."""
    return next((WORDS[:end] for end in range(len(WORDS), 0, -1) if text.endswith(WORDS[:end])), "")


async def a_station_refuses(folder: Path, image: Path, told: str) -> dict[str, object]:
    """An order for a camera whose footage nobody took yet: it is taken, and not written to."""
    machine, home = MockedBus(), folder / "home"
    yard = Yard(home=home, vault=vault(told), station_settings=signed_profile(folder))
    file = folder / "fw.bin"
    file.write_bytes(FIRMWARE)
    whose = {"profile": "amba-control", "before": "*", "after": "V2"}
    note = signed(file, signer(), Kind.FIRMWARE, **whose)
    kept = supplies_in(home / "station", yard.station_settings)
    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="amba-control")
    kept.order("cam-7", supply.id, "2026-11-27T00:00:00.000Z")
    camera = Writable(info=INFO)
    async with yard.archive() as archive, yard.station(archive) as station:
        pull = machine.plug("1-2", camera)
        await seen(lambda: camera.is_disk)
        pull()
        machine.plug("1-2", Model(raw=descriptors(0x4255, 0x1000, [STORAGE])))
        await seen(lambda: any(each.is_on for each in Bus().listing()))
        machine.show_disk("1-2", "sdb", image)
        await seen(lambda: "usb 1-2" in words(station))
        await settled(station)
        (card,) = station.snapshot().cards
        at_work = station._workstation
        assert at_work is not None
        await at_work._crew.fleet.beat(tuple(at_work._cards.values()), at_work.view)
        (shown,) = (await archive.fleet()).cameras
        return {
            "fleet": shown.state.problems,
            "acts": await archive._books.catalogue.run(acts),
            "words": words(station),
            "signature": [card.profile, card.signature],
            "camera": [item.camera for item in await station.items()][:1],
            "flash": camera.flash.hex(),
            "orders": len(kept.orders()),
        }


SCENES = {"ports_write": ports_write, "a_station_refuses": a_station_refuses}

if __name__ == "__main__":
    name, folder, *more = sys.argv[1:]
    print(json.dumps(asyncio.run(SCENES[name](Path(folder), *more))))  # type: ignore[operator]
