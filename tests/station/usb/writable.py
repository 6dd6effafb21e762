"""A camera that takes settings and firmware, too: its words are made up here, and no camera's."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files

import msgspec

from station.profile import Profile
from station.simulator.bus import Bus
from station.simulator.cameras import PASSWORD, ControlModel
from station.usb.camera import Camera
from station.usb.link import UsbLink
from tests.station.usb.more import MORE

FOOTAGE = """
[[verbs.footage]]
send = "A1B2C3D400 E10080 00"
answer = "{_:ascii*6} 80 {_:u16be} {files:u16be}"
"""
WORDS = (
    MORE
    + FOOTAGE
    + """
[[verbs.config_push]]
send = "A1B2C3D400 E10081 00 {setting:ascii*8} {value:ascii*8}"
answer = "{_:ascii*6} 80"

[[verbs.firmware_write]]
send = "A1B2C3D400 E10082 00 {offset:u32be} {length:u16be} {data:bytes*16}"
answer = "{_:ascii*6} 80"
"""
)
_MORE = {"e10080": 0, "e10081": 16, "e10082": 22}


@dataclass(slots=True, kw_only=True)
class Writable(ControlModel):
    """What was written to it stands here."""

    footage: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    flash: bytes = b""
    full_at: int = 1 << 30
    """It takes no more firmware than that."""
    keeps_wearer: bool = False
    """It says that it took a wearer, and did not."""

    def _see_frame(self, asked: bytes) -> None:
        if _MORE.get(asked[5:8].hex()) != len(asked[9:]):
            ControlModel._see_frame(self, asked)

    def _done(self, command: str, body: bytes) -> bytes | None:
        match command:
            case "e10080":
                return self.footage.to_bytes(2, "big")
            case "e10081":
                self.settings[body[:8].rstrip(b"\0").decode()] = body[8:].rstrip(b"\0").decode()
                return b""
            case "e10082":
                return self._take(int.from_bytes(body[:4], "big"), body[6:][: body[5]])
            case "e10031" if self.keeps_wearer:
                return b""
        return ControlModel._done(self, command, body)

    def _take(self, offset: int, piece: bytes) -> bytes | None:
        if offset != len(self.flash) or len(self.flash) + len(piece) > self.full_at:
            return None
        self.flash += piece
        return b""

    @property
    def commands(self) -> list[str]:
        """What it was asked, in turn."""
        return [asked[5:8].hex() for asked in self.heard]


def profile(more: str = WORDS) -> Profile:
    text = files("firmware_profiles").joinpath("amba-control.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text + more), Profile)


def camera(model: Writable, kind: Profile | None = None, bus: Bus | None = None) -> Camera:
    kind = kind or profile()
    assert kind.wire is not None
    link = UsbLink((bus or Bus()).plug(model), kind.wire, "here")
    return Camera(link=link, profile=kind, password=PASSWORD)
