"""The station in the guest, and what it says to the test that started the guest."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.clock import SystemClock
from evidence.settings import Settings, StationSettings
from ingest.rendition.cage import CageRule, NoCage
from ingest.rendition.tools import Route, Tools
from station.journal.records import ItemRow
from station.service import Station, StationParts
from station.simulator.cameras import PASSWORD
from station.usb.bus import DEVICES
from tests.station.yard import LONGEST, seen

_NOWHERE = "http://127.0.0.1:9"
_NO_TOOLS = Tools(
    route=Route.SYSTEM,
    ffmpeg=Path("/usr/bin/ffmpeg"),
    prober=("/usr/bin/ffprobe",),
    ffmpeg_version="",
    prober_version="",
    cage=NoCage(reason="no media is opened here", rule=CageRule.REQUIRED),
)


def say(**told: object) -> None:
    """Tell the test what was seen."""
    _line("SAYS", told)


def ask_host(command: str, **arguments: object) -> None:
    """Have the emulator do *command* (QEMU Machine Protocol).  Does not wait until it has."""
    _line("HOST", {"execute": command, "arguments": arguments})


def _line(word: str, told: Mapping[str, object]) -> None:
    sys.stdout.write(f"{word} {json.dumps(told)}\n")
    sys.stdout.flush()


def parts(home: Path) -> StationParts:
    """A station in *home* that was enrolled before, and whose archive is away."""
    passwords = home / "passwords.toml"
    passwords.write_text(f'amba-control = "{PASSWORD}"\n')
    passwords.chmod(0o600)
    settings = StationSettings(
        rescan_seconds=0.2, settle_seconds=0.1, usb=True, camera_passwords=str(passwords)
    )
    for name in ("docks", "receipts"):
        (home / name).mkdir(exist_ok=True)
    return StationParts(
        settings=Settings(station=settings),
        folder=home / "station",
        docks=home / "docks",
        receipts=home / "receipts",
        archive_url=_NOWHERE,
        enrolment_code=None,
        clock=SystemClock(),
        tools=_NO_TOOLS,
        reserve=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One port of the station."""

    station: Station
    name: str
    """As the kernel calls it: its bus, and the port of each hub on the way."""

    @property
    def place(self) -> Path:
        """Where the kernel tells of what is plugged in."""
        return DEVICES / self.name

    @property
    def word(self) -> str:
        """What the board says."""
        slots = {card.slot: card.word.value for card in self.station.snapshot().cards}
        return slots.get(f"usb {self.name}", "empty")

    @property
    def copied(self) -> int:
        """Bytes of what stands here that are done."""
        cards = self.station.snapshot().cards
        return sum(card.bytes_done for card in cards if card.slot == f"usb {self.name}")

    @property
    def problems(self) -> list[str]:
        """What people are told of it."""
        about = f"USB port {self.name}:"
        return [each for each in self.station.snapshot().problems if each.startswith(about)]

    @property
    def is_on(self) -> bool:
        """Whether the kernel lets anybody use what is plugged in."""
        return (self.place / "authorized").read_text().strip() == "1"

    @property
    def drivers(self) -> list[str]:
        """The drivers that took one of its interfaces."""
        return [each.parent.name for each in self.place.glob("*:*/driver")]

    @property
    def node(self) -> Path:
        """The disk that it became."""
        (block,) = DEVICES.glob(f"{self.name}/{self.name}:*/host*/target*/*/block/*")
        return Path("/dev") / block.name

    @property
    def is_write_protected(self) -> bool:
        """Whether the kernel refuses writes to its disk."""
        return (Path("/sys/block") / self.node.name / "ro").read_text().strip() == "1"

    async def items(self) -> list[ItemRow]:
        """The files that were seen here."""
        slot = f"usb {self.name}".encode()
        return [item for item in await self.station.items() if item.folder == slot]

    async def cut_short(self) -> list[str]:
        """What is said of files that left in the middle; waits for the first."""
        left: list[str] = []
        async with asyncio.timeout(LONGEST):
            while not left:
                left = [item.problem for item in await self.items() if item.problem]
                await asyncio.sleep(0.1)
        return left

    async def gone(self) -> None:
        """Wait until nothing stands here."""
        await seen(lambda: self.word == "empty")
