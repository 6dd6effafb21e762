"""A camera or phone that speaks PTP or MTP, as a card.

One rule: a file is as long as its object says, to the byte; what the device gives beyond or short
of that is an error, never a shorter file.  Files of a second storage lie below ``storage-2``, and
so on.  Nothing is ever written, and nothing erased: a device may do as it likes with what it is
told to delete, and shows us no medium on which we could look.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, CardReadFailed, CardWriteFailed, FileRefused, NothingShown
from ingest.source import Listed, Sort, Stat
from station.ptp.codes import OBJECT_SIZE, PERSISTENT_ID, ROOT, Operation
from station.ptp.datasets import DeviceInfo, Nonsense, ObjectInfo, Reader, StorageInfo
from station.ptp.session import Pipe, Session
from station.ptp.tree import files

MOST_OBJECTS = 200_000
"""Objects that are believed: cards hold some thousands."""
_MOST_HANDLES = 4 * MOST_OBJECTS + 4
_AT_ONCE = 1 << 20
"""Bytes that one question asks for."""
_LOW = 0xFFFFFFFF
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What stands behind a path."""

    handle: int
    info: ObjectInfo
    size: int


class PtpCard:
    """The files of the device behind *pipe*, which it holds until :meth:`close`.  Verbs block.

    *life* tells this docking from another of the same device: it is part of its identity.  Raises
    NothingShown if it has no storage, CardGone, or CardReadFailed if it talks nonsense.
    """

    def __init__(self, pipe: Pipe, *, life: str = "") -> None:
        self._session = Session(pipe)
        try:
            self._info = self._device_info()
            self._storages = self._storage_ids()
            self.serial = self._serial()
            """Serial number of the device, its storages, and what they call themselves."""
        except BaseException:
            self._session.close()
            raise
        self.identity = f"ptp:{self.serial}+{life}"
        """Tells this device from another that takes its place later."""
        self._places: dict[bytes, _Held] = {}

    @property
    def model(self) -> str:
        """What it says it is."""
        return f"{self._info.maker} {self._info.model} {self._info.version}".strip()

    def close(self) -> None:
        """Give the device back; it is not used afterwards."""
        self._session.close()

    def erase(self, listed: Listed, _proof: EraseProof) -> bool:
        """CardWriteFailed, always."""
        raise CardWriteFailed(
            f"{listed.path!r} is not erased: nothing is erased by PTP or MTP",
            advice="Its footage is archived; clear the camera by its own menu, if you must.",
        )

    def listing(self) -> tuple[Listed, ...]:
        """Everything on the device, ordered by path.  Raises CardGone if it left."""
        self._places = {}
        if self._storage_ids() != self._storages:
            raise CardGone("the device shows other storages than before")
        listed = []
        for number, storage in enumerate(self._storages, start=1):
            objects = self._objects(storage)
            for path, handle in files(objects):
                below = path if number == 1 else b"storage-%d/" % number + path
                listed.append(self._note(below, handle, objects[handle]))
        return tuple(sorted(listed, key=lambda each: each.path))

    def open(self, listed: Listed) -> PtpOriginal:
        """Open a listed file; errors as :meth:`ClipSource.open`."""
        if listed.sort is not Sort.FILE:
            raise FileRefused(f"{listed.path!r} is a {listed.sort.value}, not a file")
        held = self._places.get(listed.path)
        if held is None:
            raise CardGone(f"{listed.path!r} is not on this device")
        return PtpOriginal(self, held, listed.path)

    # --- what is asked

    def stat_of(self, held: _Held, path: bytes) -> Stat:
        """Size and time of an object now."""
        info = self._object_info(held.handle)
        if info.name != held.info.name:
            raise CardGone(f"{path!r} is not there any more")
        return Stat(
            size=self._size(held.handle, info),
            mtime_ns=info.mtime_ns,
            mark=self._mark(held.handle),
        )

    def part(self, handle: int, offset: int, size: int) -> bytes | None:
        """At most *size* bytes of an object from *offset*; None if it gives none in parts."""
        size, told = min(size, _AT_ONCE), self._info.operations
        if Operation.GET_PARTIAL_OBJECT_64 in told:
            halves = offset & _LOW, offset >> 32
            asked = Operation.GET_PARTIAL_OBJECT_64
            return self._session.ask(asked, handle, *halves, size, most=size)
        if Operation.GET_PARTIAL_OBJECT in told and offset <= _LOW:
            asked = Operation.GET_PARTIAL_OBJECT
            return self._session.ask(asked, handle, offset, size, most=size)
        return None

    def whole(self, handle: int) -> Generator[bytes]:
        """The bytes of an object from its start."""
        return self._session.stream(handle)

    def _device_info(self) -> DeviceInfo:
        return _read(DeviceInfo.of, self._session.ask(Operation.GET_DEVICE_INFO))

    def _storage_ids(self) -> tuple[int, ...]:
        """Those that hold something now (the lower half is 0 where no card is in)."""
        told = self._session.ask(Operation.GET_STORAGE_IDS)
        found = tuple(sorted({each for each in _read(_numbers, told) if each & 0xFFFF}))
        if not found:
            raise NothingShown("the device shows no storage")
        return found

    def _serial(self) -> str:
        told = [self._info.serial]
        for storage in self._storages:
            info = self._session.ask(Operation.GET_STORAGE_INFO, storage)
            told.append(f"{storage:08x}:{_read(StorageInfo.of, info).label}")
        return "+".join(told)

    def _objects(self, storage: int) -> Mapping[int, ObjectInfo]:
        found: dict[int, ObjectInfo] = {}
        waiting = [ROOT]
        while waiting:
            for handle in self._handles(storage, waiting.pop()):
                if handle in found:
                    continue
                if len(found) >= MOST_OBJECTS:
                    raise CardReadFailed(f"the device shows more than {MOST_OBJECTS:,} objects")
                found[handle] = info = self._object_info(handle)
                if info.is_folder:
                    waiting.append(handle)
        return found

    def _handles(self, storage: int, folder: int) -> tuple[int, ...]:
        asked = self._session.ask(
            Operation.GET_OBJECT_HANDLES, storage, 0, folder, most=_MOST_HANDLES
        )
        return _read(_numbers, asked)

    def _object_info(self, handle: int) -> ObjectInfo:
        return _read(ObjectInfo.of, self._session.ask(Operation.GET_OBJECT_INFO, handle))

    def _size(self, handle: int, info: ObjectInfo) -> int:
        if info.size is not None:
            return info.size
        told = self._property(handle, OBJECT_SIZE)
        if told is None:
            raise CardReadFailed(f"the device does not say how long {info.name!r} is")
        return _read(lambda data: Reader(data).number(8), told)

    def _mark(self, handle: int) -> str:
        """Its persistent id, if the device has one; and its handle, which holds for a session."""
        told = self._property(handle, PERSISTENT_ID)
        return f"{handle:x}" if told is None else f"{handle:x}.{told.hex()}"

    def _property(self, handle: int, which: int) -> bytes | None:
        """A property of an object; None if the device has no such thing."""
        if Operation.GET_OBJECT_PROP_VALUE not in self._info.operations:
            return None
        try:
            return self._session.ask(Operation.GET_OBJECT_PROP_VALUE, handle, which)
        except CardReadFailed:
            if self._session.is_lost:
                raise
            return None  # it has properties, and not this one

    def _note(self, path: bytes, handle: int, info: ObjectInfo) -> Listed:
        number, own = 1, path
        while own in self._places:  # two of one name: both are listed
            number += 1
            own = path + b" (%d)" % number
        size, problem = 0, None
        try:
            size = self._size(handle, info)
        except CardReadFailed as error:
            if self._session.is_lost:
                raise
            problem = str(error)
        self._places[own] = _Held(handle=handle, info=info, size=size)
        return Listed(
            path=own,
            sort=Sort.FILE,
            size=size,
            mtime_ns=info.mtime_ns,
            mark=self._mark(handle),
            problem=problem,
        )


class PtpOriginal:
    """One file of a device, open for reading."""

    def __init__(self, card: PtpCard, held: _Held, path: bytes) -> None:
        self._card = card
        self._held = held
        self._path = path
        self._flow: Generator[bytes] | None = None
        self._ahead, self._at = b"", 0
        """Of a device that gives no parts: what came and was not asked for yet, and from where."""

    def read_at(self, offset: int, size: int) -> bytes:
        """As :meth:`Original.read_at`."""
        size = min(size, self._held.size - offset)
        if size <= 0:
            return b""
        part = self._card.part(self._held.handle, offset, size)
        if part is None:
            part = self._flowing(offset, size)
        if not part:
            raise CardReadFailed(
                f"{self._path!r} ends at byte {offset:,}, where {self._held.size:,} were told"
            )
        return part

    def stat(self) -> Stat:
        """Size and time now.  Raises CardGone if the device does not answer."""
        self._stop()
        return self._card.stat_of(self._held, self._path)

    def cool(self) -> None:
        """Nothing: every read asks the device."""

    def _flowing(self, offset: int, size: int) -> bytes:
        """From the object as a whole, begun anew if *offset* was passed already."""
        if self._flow is None or offset < self._at:
            self._stop()
            self._flow = self._card.whole(self._held.handle)
        while offset >= self._at + len(self._ahead):
            self._at += len(self._ahead)
            self._ahead = next(self._flow, b"")
            if not self._ahead:
                return b""
        begin = offset - self._at
        return self._ahead[begin : begin + size]

    def _stop(self) -> None:
        flow, reached = self._flow, self._at + len(self._ahead)
        self._flow, self._ahead, self._at = None, b"", 0
        if flow is not None:
            if reached >= self._held.size:
                next(flow, None)  # nothing more comes but its response
            flow.close()  # else the device is told to stop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()


def _numbers(data: bytes) -> tuple[int, ...]:
    return Reader(data).numbers(4)


def _read(how: Callable[[bytes], Told], data: bytes) -> Told:
    """What *data* tells; CardReadFailed if it is nonsense."""
    try:
        return how(data)
    except Nonsense as error:
        raise CardReadFailed(f"the device answered nonsense: {error}") from error
