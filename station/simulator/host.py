"""A machine whose USB ports are simulated: a folder like the kernel's, and cameras behind a socket.

One rule: a port shows what a kernel shows, no more: a device that comes has a new number, one that
is off answers nothing, and of one whose cable was pulled out every transfer and read fails.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from station.disk.medium import Access
from station.simulator.cameras import Model
from station.simulator.card import CardModel
from station.simulator.line import HEAD, NODE, Asked, FarBackend, FarReads, Told, answered
from station.usb.bus import Bus
from station.usb.host import Host

RETURNS_AFTER = 0.3
"""Seconds between a camera's leaving the bus and its coming back as a disk."""
_LONGEST = 100
"""Bytes of a folder in which a socket may lie (unix(7): 108 with its own name)."""
MAKER = "Simulated"
"""What the descriptors' text says of who made it."""


@dataclass(slots=True, kw_only=True)
class Cable:
    """What is plugged in at one port."""

    port: str
    number: int
    model: Model
    becomes: CardModel | None = None
    """What comes in its place once it was asked to become a disk."""
    pulled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the cable was pulled out; not when the camera comes back as a disk."""


@contextmanager
def _short(folder: Path) -> Iterator[Path]:
    """*folder*, or another one if a socket in it would have too long a name."""
    if len(os.fsencode(folder.absolute())) < _LONGEST:
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="evidock-") as short:
        yield Path(short)


class SimulatedHost:
    """The ports; made by :meth:`running` only."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place
        self._devices, self._nodes, self._aside = (
            folder / name for name in ("devices", "nodes", "aside")
        )
        for made in (self._devices, self._nodes, self._aside):
            made.mkdir()
        self._loop = asyncio.get_running_loop()
        self._cables: dict[int, Cable] = {}
        self._numbers = 0
        self._hints: set[asyncio.Event] = set()
        # Of its own: whoever waits for a card's process may hold every thread of the loop's.
        self._readers = ThreadPoolExecutor(thread_name_prefix="simulated-disk")

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path) -> AsyncIterator[Self]:
        """A host whose files lie in the new *folder*, which goes when the block ends."""
        folder.mkdir(mode=0o700)
        with _short(folder) as short:
            host = cls(folder, short / "line")
            server = await asyncio.start_unix_server(host._serve, host._place)
            try:
                yield host
            finally:
                server.close()
                host._readers.shutdown(wait=False)
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def host(self) -> Host:
        """This machine as a station takes one."""
        return Host(
            bus=Bus(devices=self._devices),
            nodes=self._nodes,
            hints=self._hinting,
            backend=FarBackend(self._place),
            access=Access(pread=FarReads(self._place)),
        )

    def plug(self, port: str, model: Model, *, becomes: CardModel | None = None) -> Cable:
        """Plug *model* into *port*, such as ``1-1``; *becomes* is the disk that it can be."""
        self._numbers += 1
        cable = Cable(port=port, number=self._numbers, model=model, becomes=becomes)
        model.pull = partial(self._pull_soon, cable)
        self._cables[cable.number] = cable
        self._show(cable)
        return cable

    def pull(self, cable: Cable) -> None:
        """Pull out what is at the end of *cable*, if it is still in."""
        for each in [each for each in self._cables.values() if each.pulled is cable.pulled]:
            self._leave(each)
        cable.pulled.set()

    def _pull_soon(self, cable: Cable) -> None:
        """As :meth:`pull`, from any thread."""
        self._loop.call_soon_threadsafe(self.pull, cable)

    def stands(self, port: str) -> Model | None:
        """What is plugged in at *port* now."""
        return next((each.model for each in self._cables.values() if each.port == port), None)

    # --- what the kernel would show

    def _show(self, cable: Cable) -> None:
        entry = self._aside / cable.port
        entry.mkdir()
        (entry / "descriptors").write_bytes(cable.model.raw)
        for name, text in (
            ("devnum", str(cable.number)),
            ("authorized", "0"),
            ("manufacturer", MAKER),
            ("product", type(cable.model).__name__),
        ):
            (entry / name).write_text(f"{text}\n", encoding="ascii")
        if isinstance(cable.model, CardModel):
            node = self._nodes / f"{NODE}{cable.number}"
            with node.open("xb") as made:  # its bytes are read over the line, and from no file
                made.truncate(cable.model.size)
            (entry / f"{cable.port}:1.0/host0/target0:0:0/0:0:0:0/block/{node.name}").mkdir(
                parents=True
            )
        entry.rename(self._devices / cable.port)
        self._hint()

    def _leave(self, cable: Cable) -> None:
        if self._cables.pop(cable.number, None) is None:
            return  # somebody was quicker
        gone = self._aside / f"gone-{cable.number}"
        (self._devices / cable.port).rename(gone)
        shutil.rmtree(gone)
        node = self._nodes / f"{NODE}{cable.number}"
        if node.exists():
            with node.open("r+b") as held:
                held.truncate()  # whoever has it open finds no medium any more
            node.unlink()
        self._hint()

    def _is_on(self, cable: Cable) -> bool:
        with suppress(OSError):
            return (self._devices / cable.port / "authorized").read_bytes().strip() == b"1"
        return False

    @contextmanager
    def _hinting(self) -> Iterator[asyncio.Event]:
        hint = asyncio.Event()
        self._hints.add(hint)
        try:
            yield hint
        finally:
            self._hints.discard(hint)

    def _hint(self) -> None:
        for hint in self._hints:
            hint.set()

    # --- what is asked of a device

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            (size,) = HEAD.unpack(await reader.readexactly(HEAD.size))
            asked = msgspec.msgpack.decode(await reader.readexactly(size), type=Asked)
            told = msgspec.msgpack.encode(await self._told(asked))
            writer.write(HEAD.pack(len(told)) + told)
            await writer.drain()
        writer.close()

    async def _told(self, asked: Asked) -> Told:
        if asked.verb == "plugged":
            on = {
                each.number: each.model.raw for each in self._cables.values() if self._is_on(each)
            }
            return Told(plugged=on)
        cable = self._cables.get(asked.number)
        if cable is None or not self._is_on(cable):
            return Told(gone=True)
        if asked.verb == "read":
            told = await self._loop.run_in_executor(self._readers, answered, asked, cable.model)
            return told if asked.number in self._cables else Told(gone=True)
        told = answered(asked, cable.model)
        if cable.model.is_disk and cable.becomes is not None:
            self._return(cable, cable.becomes)
        return told

    def _return(self, cable: Cable, disk: CardModel) -> None:
        """Let the camera leave and, a moment later, come back as *disk*, if it is still in."""
        cable.becomes = None
        self._loop.call_soon(self._leave, cable)
        self._loop.call_later(RETURNS_AFTER, self._come_back, cable, disk)

    def _come_back(self, cable: Cable, disk: CardModel) -> None:
        if cable.pulled.is_set() or not self._devices.is_dir():
            return
        came = self.plug(cable.port, disk)
        came.pulled = cable.pulled
