"""A whole station, its archive and a camera at a USB port, on a bus of umockdev's.

``python -m tests.station.usb.station_scene FOLDER IMAGE VAULT``: an image of a card, and the
vault's settings as JSON.  Says what became of it as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow
from evidence.clock import SystemClock
from evidence.custody import Entry
from evidence.settings import StationSettings
from evidence.vault import Bucket
from evidence.vault.s3 import S3Settings, S3Vault
from station.service import Station
from station.simulator.cameras import PASSWORD, ControlModel, Model
from station.simulator.descriptors import KEYBOARD, STORAGE, VENDOR, descriptors
from station.usb.bus import Bus
from tests.station.usb.more import MORE
from tests.station.usb.umockdev import MockedBus
from tests.station.yard import Yard, seen, settled


def vault(text: str) -> S3Vault:
    told = json.loads(text)
    told["buckets"] = {Bucket(bucket): name for bucket, name in told["buckets"].items()}
    told["durability"] = told["durability"] and Path(told["durability"])
    return S3Vault(S3Settings(**told))


def settings(folder: Path) -> StationSettings:
    passwords = folder / "passwords.toml"
    passwords.write_text(f'amba-control = "{PASSWORD}"\n')
    passwords.chmod(0o600)
    profiles = folder / "profiles"
    profiles.mkdir()
    shipped = files("firmware_profiles").joinpath("amba-control.toml")
    (profiles / "amba-control.toml").write_text(shipped.read_text(encoding="utf-8") + MORE)
    return StationSettings(
        rescan_seconds=0.1,
        settle_seconds=0.05,
        usb=True,
        camera_passwords=str(passwords),
        profiles=str(profiles),
        set_camera_clocks=True,
    )


def two_hours_fast() -> tuple[int, ...]:
    return (SystemClock().now() + timedelta(hours=2)).timetuple()[:6]


async def docked(machine: MockedBus, disk: str, image: Path) -> Callable[[], None]:
    """A camera in port 1-2 that becomes *disk* when it is told; the way to pull it out."""
    camera = ControlModel(clock=two_hours_fast())
    pull = machine.plug("1-2", camera)
    await seen(lambda: camera.is_disk)
    pull()
    pull_disk = machine.plug("1-2", Model(raw=descriptors(0x4255, 0x1000, [STORAGE])))
    await seen(lambda: any(each.is_on for each in Bus().listing() if each.port == "1-2"))
    hide = machine.show_disk("1-2", disk, image)

    def pulled() -> None:
        hide()
        pull_disk()

    return pulled


def words(station: Station) -> dict[str, str]:
    return {card.slot: card.word.value for card in station.snapshot().cards}


def acts(tx: Transaction) -> list[dict[str, object]]:
    """What the archive has on record of ports."""
    rows = tx.session.scalars(select(EntryRow).where(EntryRow.kind == "station.act"))
    told = [json.loads(str(Entry(row.raw).fields["act"])) for row in rows]
    return [each for each in told if each["kind"].startswith(("camera.", "device."))]


async def main(folder: Path, image: Path, told: str) -> None:
    machine = MockedBus()
    yard = Yard(home=folder / "home", vault=vault(told), station_settings=settings(folder))
    machine.plug("1-3", Model(raw=descriptors(0x4255, 1, [VENDOR, KEYBOARD])))
    said: dict[str, object] = {}
    async with yard.archive() as archive, yard.station(archive) as station:
        pull = await docked(machine, "sdb", image)
        await seen(lambda: "usb 1-2" in words(station))
        await settled(station)
        items = await station.items()
        said["words"], said["problems"] = words(station), station.snapshot().problems
        said["digests"] = {item.path.decode(): str(item.sha256) for item in items}
        (card,) = station.snapshot().cards
        said["battery"], said["card_offset"] = card.battery, card.clock_offset
        clips = await archive.clips()
        said["clip_offsets"] = [each.clock_offset_ms for each in clips]
        said["cameras"] = sorted({(each.summary.camera, each.summary.officer) for each in clips})
        said["acts"] = await archive._books.catalogue.run(acts)
        said["states"] = sorted({item.state.value for item in items})
        pull()
        await seen(lambda: words(station) == {"usb 1-2": "empty"})
        await docked(machine, "sdc", image)
        await seen(lambda: words(station).get("usb 1-2") != "empty")
        await settled(station)
        said["again"], said["more"] = words(station), len(await station.items()) - len(items)
    print(json.dumps(said | {"protected": machine.protected}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
