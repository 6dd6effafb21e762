"""Cameras in plain Python, written from what public sources say of them, not from our profiles.

One rule: a camera does what it is told over its wire and knows nothing of the station.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from station.simulator.descriptors import VENDOR, descriptors

_HEAD = bytes.fromhex("a1b2c3d400")
_OUT, _IN = (0x40, 85, 0xAA, 0), (0xC0, 85, 0, 0)
_LENGTHS = {
    "e10042": 1, "e10071": 1,
    "e10020": 5, "e10010": 6, "e10030": 100, "e10031": 100, "e10041": 7, "e10070": 1, "e10051": 0
}  # fmt: skip
"""Bytes that follow each command: what it has no use for is padding."""
PASSWORD = "123456"  # noqa: S105  of cameras that are none
"""What they are logged in to with."""


Setup = tuple[int, int, int, int]
"""Request type, request, value and index."""


class Stall(Exception):
    """The camera does not understand a request."""


class Unplugged(Exception):
    """Its cable is pulled out."""


@dataclass(slots=True, kw_only=True)
class Model:
    """A device on the bus; what it is asked for is noted."""

    raw: bytes = field(default_factory=lambda: descriptors(0x4255, 1, [VENDOR]))
    heard: list[bytes] = field(default_factory=list)
    is_disk: bool = False
    pull: Callable[[], None] = lambda: None
    """Pulls its cable out; set by the port that it is plugged into."""

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        """One control transfer."""
        raise Stall(setup, content)

    def say(self, words: bytes) -> None:
        """Bytes to its endpoint; Stall if it has none."""
        raise Stall(words)

    def answer(self) -> bytes | None:
        """Bytes from its endpoint; None if it says nothing."""
        raise Stall


@dataclass(slots=True, kw_only=True)
class ControlModel(Model):
    """Vendor control transfers: a write is the question, a read its answer."""

    logged_in: bool = False
    clock: tuple[int, ...] = ()
    battery: int = 87
    firmware: bytes = b"V1.2.3"
    info: bytes = (
        b"BWC0001".ljust(9, b"\0") + b"PO123456" + "警号".encode("gb18030").ljust(83, b"\0")
    )

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        if setup == _OUT and isinstance(content, bytes):
            self._see_frame(content)
            self.heard.append(content)
            return b""
        if setup != _IN or not isinstance(content, int) or not self.heard:
            raise Stall
        return self._reply(self.heard[-1]).ljust(content, b"\0")[:content]

    def _see_frame(self, asked: bytes) -> None:
        head, zero, body = asked[:5], asked[8:9], asked[9:]
        if (head, zero, len(body)) != (_HEAD, b"\0", _LENGTHS.get(asked[5:8].hex())):
            raise Stall

    def _reply(self, asked: bytes) -> bytes:
        command, body = asked[5:8].hex(), asked[9:]
        told: bytes | None = None
        if command == "e10020":
            told = b"ABCDE"
        elif command == "e10010":
            self.logged_in = body == PASSWORD.encode()
            told = b"" if self.logged_in else None
        elif self.logged_in:
            told = self._done(command, body)
        return (
            _HEAD + asked[5:6] + (b"\x81" if told is None else b"\x80") + bytes(2) + (told or b"")
        )

    def _done(self, command: str, body: bytes) -> bytes | None:
        match command:
            case "e10030":
                return self.info
            case "e10031":
                self.info = body
            case "e10041":
                self.clock = (int.from_bytes(body[:2], "big"), *body[2:])
            case "e10042" if self.clock:
                return self.clock[0].to_bytes(2, "big") + bytes(self.clock[1:])
            case "e10071":
                return self.firmware
            case "e10070":
                return bytes([self.battery])
            case "e10051":
                self.is_disk = True
            case _:
                return None
        return b""


@dataclass(slots=True, kw_only=True)
class TextModel(Model):
    """ASCII over bulk endpoints."""

    logged_in: bool = False
    clock: str = ""
    is_silent: bool = False
    _waiting: list[bytes] = field(default_factory=list)

    echoes: bool = False
    number: str = "BWC0002"

    def say(self, words: bytes) -> None:
        self.heard.append(words)
        if self.echoes:
            self._waiting.append(words)
            return
        verb, _, rest = words.decode("ascii").strip("@#").partition(";")
        value = rest.split(";")[1]
        done = self.logged_in or verb == "Ver"
        told = "OK" if done else "ERR"
        match verb:
            case "Ver":
                self.logged_in = value == PASSWORD + "00"
                told = "OK" if self.logged_in else "ERR"
            case "Sdt" | "Stm" if done:
                self.clock += value
            case "Gdv" if done:
                told = f"7;{self.number}"
            case "ATH" if done:
                self.is_disk = True
        self._waiting.append(f"@{verb};{told};#".encode())

    def answer(self) -> bytes | None:
        return self._waiting.pop(0) if self._waiting and not self.is_silent else None
