"""The four sample cards and the shift they come from.

Card 1 and 2 are named the way GA/T 947 cameras commonly name (``brand_device_officer_date_time``),
card 3 and 4 the way consumer-style cameras do (DCIM), with a parameter file that names the officer.
"""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import os
from collections.abc import AsyncGenerator, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from evidence import durable
from evidence.clock import stamp
from evidock.demo.footage import Coding, RunFfmpeg, Scene, Take, shoot

_CLIP_SECONDS = 12
_XIAMEN = (24.4798, 118.0894)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCard:
    """One card to make: *folder* is its name in the dock root."""

    folder: str
    officer: str
    device: str
    takes: tuple[Take, ...]
    inside: str = ""
    """Folder on the card the footage lies in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What one officer wore that shift."""

    folder: str
    device: str
    officer: str
    coding: Coding
    scene: Scene


def sample_cards(shift: datetime) -> tuple[SampleCard, ...]:
    """The cards of a shift that began at *shift* (UTC)."""
    h264, h265, mjpeg = Coding.H264, Coding.H265, Coding.MJPEG
    street = Kit(
        folder="01-DCAM", device="7530142", officer="031245", coding=h264, scene=Scene.STREET
    )
    night = Kit(folder="02-ZFY", device="8800417", officer="031307", coding=h265, scene=Scene.NIGHT)
    lights = Kit(
        folder="03-BWC", device="BWC0093", officer="031288", coding=mjpeg, scene=Scene.LIGHTS
    )
    doorway = Kit(
        folder="04-BWC", device="BWC0117", officer="031352", coding=h264, scene=Scene.DOORWAY
    )
    return (
        _gat_card(street, shift, brand="DCAM", important=True),
        _gat_card(night, shift, brand="ZFY", important=False),
        _dcim_card(lights, shift, ending="avi"),
        _dcim_card(doorway, shift, ending="mov"),
    )


async def make_cards(
    into: Path, shift: datetime, run: RunFfmpeg, *, leave_out: Container[str]
) -> AsyncGenerator[SampleCard, None]:
    """Make every sample card below *into* but those to *leave_out*, yielding each when whole."""
    for card in sample_cards(shift):
        whole = into / card.folder
        if card.folder in leave_out:
            continue
        if not whole.exists():
            await _make_card(card, into / f"{card.folder}.part", run)
            (into / f"{card.folder}.part").rename(whole)
        yield card


async def _make_card(card: SampleCard, folder: Path, run: RunFfmpeg) -> None:
    footage = folder / card.inside
    await asyncio.to_thread(footage.mkdir, parents=True, exist_ok=True)
    parameters = f"[ZFY]\r\nDevNo={card.device}\r\nPolNo={card.officer}\r\nCorpName=Demo\r\n"
    (folder / "PARAM.INI").write_text(parameters, encoding="ascii", newline="")
    _set_time(folder / "PARAM.INI", card.takes[0].started)
    for take in card.takes:
        made = await shoot(take, footage, run)
        ended = take.started + timedelta(seconds=take.seconds)
        _set_time(made, ended)
        track = made.with_suffix(".nmea")
        track.write_text(nmea(take), encoding="ascii", newline="")
        _set_time(track, ended)


def dispatch_csv(shift: datetime) -> str:
    """The dispatch list of that shift, in the columns dispatch systems export for auto-tagging.

    Its last incident has no footage, and the number before it is not on the list, so that there is
    something for a supervisor to find.
    """
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(
        ["Event ID", "Officer Badge ID", "Officer Dispatched DateTime", "Officer Cleared DateTime",
         "Call type", "Case ID"]
    )  # fmt: skip
    kinds = ("Traffic collision", "Noise complaint", "Dispute", "Found property")
    numbers = (f"{shift:%Y%m%d}{number:04d}" for number in itertools.count(1))
    for number, card in enumerate(sample_cards(shift)):
        for call, take in enumerate(card.takes):
            begin = take.started - timedelta(minutes=4)
            end = take.started + timedelta(minutes=21)
            case = f"A{shift:%Y}-{1180 + number}" if call == 0 else ""
            kind = kinds[(number + call) % len(kinds)]
            rows.writerow([next(numbers), card.officer, stamp(begin), stamp(end), kind, case])
    begin = shift + timedelta(hours=5)
    end = begin + timedelta(minutes=12)
    _untold, unfilmed = next(numbers), next(numbers)
    rows.writerow([unfilmed, "031399", stamp(begin), stamp(end), "Alarm", ""])
    return text.getvalue()


def write_dispatch(path: Path, shift: datetime) -> None:
    """Write the dispatch list to *path* in one step."""
    durable.replace(path, dispatch_csv(shift).encode("utf-8"))


def nmea(take: Take) -> str:
    """A GPS track (NMEA 0183 RMC, one fix a second) as cameras write beside a recording."""
    latitude, longitude = take.place or _XIAMEN
    lines = []
    for second in range(take.seconds):
        moment = take.started + timedelta(seconds=second)
        north = _degrees_minutes(latitude + second * 0.00002, 2)
        east = _degrees_minutes(longitude + second * 0.00001, 3)
        body = f"GPRMC,{moment:%H%M%S}.00,A,{north},N,{east},E,2.7,27.0,{moment:%d%m%y},,,A"
        check = 0
        for letter in body:
            check ^= ord(letter)
        lines.append(f"${body}*{check:02X}\r\n")
    return "".join(lines)


def _degrees_minutes(degrees: float, digits: int) -> str:
    whole = int(degrees)
    return f"{whole:0{digits}d}{(degrees - whole) * 60:07.4f}"


def _set_time(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def _gat_card(kit: Kit, shift: datetime, *, brand: str, important: bool) -> SampleCard:
    takes = []
    for number, minutes in enumerate((15, 95)):
        started = shift + timedelta(minutes=minutes, seconds=7)
        mark = "_IMP" if important and number == 1 else ""
        name = f"{brand}_{kit.device}_{kit.officer}_{started:%Y%m%d_%H%M%S}{mark}.mp4"
        takes.append(_take(kit, name, started))
    return SampleCard(folder=kit.folder, officer=kit.officer, device=kit.device, takes=tuple(takes))


def _dcim_card(kit: Kit, shift: datetime, *, ending: str) -> SampleCard:
    takes = []
    for minutes in (40, 170):
        started = shift + timedelta(minutes=minutes, seconds=31)
        takes.append(_take(kit, f"VID_{started:%Y%m%d_%H%M%S}.{ending}", started))
    return SampleCard(
        folder=kit.folder,
        officer=kit.officer,
        device=kit.device,
        takes=tuple(takes),
        inside="DCIM/100MEDIA",
    )


def _take(kit: Kit, name: str, started: datetime) -> Take:
    place = None if kit.coding is Coding.MJPEG else _XIAMEN  # AVI has no room for a place
    return Take(
        name=name,
        coding=kit.coding,
        scene=kit.scene,
        started=started,
        seconds=_CLIP_SECONDS,
        place=place,
    )
