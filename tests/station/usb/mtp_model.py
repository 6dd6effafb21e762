"""A camera that speaks MTP, in plain Python: written from the standard, not from our reader."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from station.simulator.cameras import Model, Setup, Stall
from station.simulator.descriptors import PTP, descriptors

STORAGE_ID, OK = 0x00010001, 0x2001
_PACKET = 512
_READING = (
    *(0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009),
    *(0x100B, 0x100C, 0x100D, 0x1012),
)
"""Also what erases and writes, which a real device offers and nobody here may ask for."""
PARTS, PARTS_64, PROPERTIES = 0x101B, 0x95C1, 0x9803
_CHANGES = frozenset({0x100B, 0x100C, 0x100D, 0x100F, 0x1012, 0x9804, 0x9805, 0x95C2})


@dataclass(slots=True, kw_only=True)
class Thing:
    """A file or a folder on the device."""

    name: str
    parent: int = 0
    data: bytes | None = None
    """None: a folder."""
    modified: str = "20260102T030405"
    claimed: int | None = None
    """The size that it says it has."""


def tree(files: Mapping[str, bytes]) -> dict[int, Thing]:
    """Things for *files* by path, their folders first."""
    things: dict[int, Thing] = {}
    folders = {"": 0}
    for path, data in files.items():
        *parts, name = path.split("/")
        for depth in range(len(parts)):
            folder = "/".join(parts[: depth + 1])
            if folder not in folders:
                folders[folder] = len(things) + 1
                things[len(things) + 1] = Thing(
                    name=parts[depth], parent=folders["/".join(parts[:depth])]
                )
        things[len(things) + 1] = Thing(name=name, parent=folders["/".join(parts)], data=data)
    return things


@dataclass(slots=True, kw_only=True)
class MtpModel(Model):
    """A device that shows *things*."""

    raw: bytes = field(default_factory=lambda: descriptors(0x4255, 0x2000, [PTP]))
    things: dict[int, Thing] = field(default_factory=dict)
    more: tuple[int, ...] = (PARTS,)
    """Operations beside those of every camera."""
    shows: bool = True
    """Whether it shows its storage."""
    lists_all: bool = False
    """Of the root it lists everything there is."""
    ends_marked: bool = True
    """Whether an empty packet marks the end of data that fills its packets."""
    endless: bool = False
    """Whether it announces files without their length, as those of more than 4 GiB are."""
    storages: int = 1
    ill: dict[tuple[int, int], int] = field(default_factory=dict)
    """By operation and object: the code it is answered with, after data that is cut short."""
    serial: str = "BWC0001"
    lists_again: bool = False
    """It lists everything for every folder."""
    life: int = 7
    """Part of its objects' persistent ids."""
    spoil: Callable[[bytes], bytes] = bytes
    """Does something to each container before it is sent."""
    asked: list[int] = field(default_factory=list)
    is_open: bool = False
    cancelled: int = 0
    resets: int = 0
    _told: list[bytes] = field(default_factory=list)

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        if setup[1] == 0x64:
            self.cancelled += 1
            self._told = []
            return b""
        if setup[1] == 0x66:
            self.resets += 1
            self._told, self.is_open = [], False
            return b""
        if setup[1] == 0x67:
            return struct.pack("<HH", 4, 0x2001)
        raise Stall(setup, content)

    def say(self, words: bytes) -> None:
        size, kind, code, number = struct.unpack_from("<IHHI", words)
        assert (size, kind) == (len(words), 1)
        assert code not in _CHANGES, f"asked to change something: {code:#x}"
        self.asked.append(code)
        parameters = struct.unpack_from(f"<{(size - 12) // 4}I", words, 12)
        data, answer = self._done(code, parameters)
        if data is not None:
            size = 0xFFFFFFFF if self.endless and code == 0x1009 else 12 + len(data)
            self._send(struct.pack("<IHHI", size, 2, code, number) + data)
        self._send(struct.pack("<IHHI", 12, 3, answer, number))

    def answer(self) -> bytes | None:
        return self._told.pop(0) if self._told else None

    def _send(self, container: bytes) -> None:
        sent = self.spoil(container)
        self._told.append(sent)
        if sent and len(sent) % _PACKET == 0 and self.ends_marked:
            self._told.append(b"")

    def _done(self, code: int, given: tuple[int, ...]) -> tuple[bytes | None, int]:
        if code == 0x1001:
            return self._device(), OK
        if code in {0x1002, 0x1003}:
            before, self.is_open = self.is_open, code == 0x1002
            return None, 0x201E if before and self.is_open else OK
        if (code, (given or (0,))[-1]) in self.ill:
            return bytes(3), self.ill[code, given[-1]]
        data, answer = self._asked(code, given) if self.is_open else (None, 0x2003)
        return data, answer

    def _asked(self, code: int, given: tuple[int, ...]) -> tuple[bytes | None, int]:
        if code == 0x1004:
            shown = range(self.storages if self.shows else 0)
            return _numbers([STORAGE_ID + (each << 16) for each in shown]), OK
        if code == 0x1005:
            numbers = struct.pack("<HHHQQI", 4, 2, 1, 1 << 35, 1, 1)
            return numbers + _text("SD") + _text("VOL7"), OK
        if code == 0x1007:
            return self._listed(given[2]), OK
        thing = self.things.get(given[0])
        if thing is None:
            return None, 0x2009
        data = self._object(thing, code, given)
        return data, 0x2005 if data is None else OK

    def _object(self, thing: Thing, code: int, given: tuple[int, ...]) -> bytes | None:
        data = thing.data or b""
        told = {0x1008: self._info(thing), 0x1009: data}
        if code == PARTS:
            told[PARTS] = data[given[1] : given[1] + given[2]]
        if code == PARTS_64:
            told[PARTS_64] = data[(at := given[1] | given[2] << 32) : at + given[3]]
        if code == PROPERTIES:
            known = {
                0xDC04: struct.pack("<Q", len(data)),
                0xDC41: struct.pack("<QQ", given[0], self.life),
            }
            told |= {PROPERTIES: known[given[1]]} if given[1] in known else {}
        return told.get(code) if code in {*_READING, *self.more} else None

    def _listed(self, folder: int) -> bytes:
        wanted = 0 if folder == 0xFFFFFFFF else folder
        everything = self.lists_again or (self.lists_all and folder == 0xFFFFFFFF)
        return _numbers(
            [
                number
                for number, thing in self.things.items()
                if everything or thing.parent == wanted
            ]
        )

    def _info(self, thing: Thing) -> bytes:
        form = 0x3001 if thing.data is None else 0x300D
        size = len(thing.data or b"") if thing.claimed is None else thing.claimed
        return (
            struct.pack("<IHHI", STORAGE_ID, form, 0, size)
            + bytes(26)
            + struct.pack("<IHII", thing.parent, int(thing.data is None), 0, 0)
            + _text(thing.name)
            + _text("")
            + _text(thing.modified)
            + _text("")
        )

    def _device(self) -> bytes:
        operations = [*_READING, *self.more]
        return (
            struct.pack("<HIH", 100, 6, 100)
            + _text("microsoft.com: 1.0;")
            + struct.pack("<H", 0)
            + struct.pack(f"<I{len(operations)}H", len(operations), *operations)
            + struct.pack("<I", 0) * 4
            + b"".join(_text(each) for each in ("AMBA", "BodyCam", "1.2", self.serial))
        )


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


def _text(text: str) -> bytes:
    if not text:
        return b"\0"
    data = text.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return bytes([len(data) // 2]) + data
