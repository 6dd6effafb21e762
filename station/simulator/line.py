"""The line from the process of a port to a simulated camera, which lives in the station's process.

One rule: it carries what a cable carries (transfers, and reads of a disk), and the errors of one.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from station.simulator.bus import Bus
from station.simulator.cameras import Model, Setup, Stall, Unplugged
from station.simulator.card import CardModel

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = struct.Struct(">I")
NODE = "sd"
"""What the nodes of disks begin with; the number of the device follows."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange with the device of this number."""

    number: int
    verb: str
    """control, say, answer, read, or plugged."""
    setup: Setup | None = None
    content: bytes | int = b""
    offset: int = 0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    data: bytes | None = None
    stalled: bool = False
    gone: bool = False
    plugged: dict[int, bytes] = {}
    """Descriptors of all that is plugged in and switched on, by number."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line to the host whose socket is *place*; nothing is held open between two exchanges."""

    place: Path

    def ask(self, asked: Asked) -> Told:
        """What came of *asked*.  Raises Stall, and Unplugged, which is also that the host left."""
        words = msgspec.msgpack.encode(asked)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
                end.connect(str(self.place))
                end.sendall(HEAD.pack(len(words)) + words)
                (size,) = HEAD.unpack(_exactly(end, HEAD.size))
                told = msgspec.msgpack.decode(_exactly(end, size), type=Told)
        except OSError as error:
            raise Unplugged(f"the simulated host at {self.place} left: {error}") from error
        if told.gone:
            raise Unplugged
        if told.stalled:
            raise Stall
        return told


def _exactly(end: socket.socket, size: int) -> bytes:
    told = end.recv(size, socket.MSG_WAITALL)
    if len(told) < size:
        raise ConnectionResetError(errno.ECONNRESET, "nobody is there any more")
    return told


@dataclass(slots=True, kw_only=True)
class Far(Model):
    """A model at the other end of *line*."""

    line: Line
    number: int

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        return self._ask("control", setup=setup, content=content).data or b""

    def say(self, words: bytes) -> None:
        self._ask("say", content=words)

    def answer(self) -> bytes | None:
        return self._ask("answer").data

    def _ask(self, verb: str, setup: Setup | None = None, content: bytes | int = b"") -> Told:
        asked = Asked(number=self.number, verb=verb, setup=setup, content=content)
        return self.line.ask(asked)


@dataclass(frozen=True, slots=True)
class FarBackend:
    """What pyusb speaks through to the host whose socket is *place*."""

    place: Path

    def __call__(self) -> Bus:
        line = Line(self.place)
        with _as_kernel_error():
            found = line.ask(Asked(number=0, verb="plugged")).plugged
        models = {number: Far(raw=raw, line=line, number=number) for number, raw in found.items()}
        return Bus(plugged=dict[int, Model](models))


@dataclass(frozen=True, slots=True)
class FarReads:
    """``pread`` of the nodes of disks: which disk it is stands in the node's name."""

    place: Path

    def __call__(self, handle: int, size: int, offset: int) -> bytes:
        """Raises OSError ENODEV if the disk's cable was pulled out."""
        node = Path(f"/proc/self/fd/{handle}").readlink().name.removesuffix(" (deleted)")
        number = int(node.removeprefix(NODE))
        asked = Asked(number=number, verb="read", content=size, offset=offset)
        with _as_kernel_error():
            return Line(self.place).ask(asked).data or b""


@contextmanager
def _as_kernel_error() -> Iterator[None]:
    try:
        yield
    except Unplugged as error:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from error


def answered(asked: Asked, model: Model) -> Told:
    """What *model* makes of one exchange."""
    try:
        if asked.verb == "control" and asked.setup is not None:
            return Told(data=model.control(asked.setup, asked.content))
        if isinstance(model, CardModel) and isinstance(asked.content, int):
            return Told(data=model.read(asked.offset, asked.content))
        if asked.verb == "say" and isinstance(asked.content, bytes):
            model.say(asked.content)
            return Told()
        return Told(data=model.answer())
    except Stall:
        return Told(stalled=True)
    except Unplugged:
        return Told(gone=True)
