"""A camera or phone that speaks PTP or MTP, as a card.

One rule: a file is as long as its object says, to the byte; what the device gives beyond or short
of that is an error, never a shorter file.  Files of a second storage lie below ``storage-2``, and
so on.  Nothing is ever written, and nothing erased: a device may do as it likes with what it is
told to delete, and shows us no medium on which we could look.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, CardReadFailed, CardWriteFailed, FileRefused, NothingShown
from evidence.names import shown
from ingest.source import Listed, Sort, Stat
from station.ptp.codes import OBJECT_SIZE, PERSISTENT_ID, ROOT, Operation
from station.ptp.datasets import DeviceInfo, Nonsense, ObjectInfo, Reader, StorageInfo
from station.ptp.session import Pipe, Session
from station.ptp.tree import files, path_of

MOST_OBJECTS = 200_000
"""Cards hold some thousands."""
MOST_STORAGES = 16
_TIMES_TOLD = 16
"""How often an object may be listed: some devices list all, whatever folder is asked for."""
_MOST_HANDLES = 4 * MOST_OBJECTS + 4
_AT_ONCE = 1 << 20
"""Bytes that one question asks for."""
_LOW = 0xFFFFFFFF
_MOST_OF_A_PROPERTY = 64
_LONGEST = 2**63 - 1
"""Bytes of the longest file there is."""
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What stands behind a path."""

    handle: int
    info: ObjectInfo
    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found on a storage, by handle."""

    objects: dict[int, ObjectInfo] = field(default_factory=dict)
    unread: dict[int, tuple[Sort, str]] = field(default_factory=dict)
    """What the device does not tell of, and why: an object, or what lies in a folder."""

    def __contains__(self, handle: int) -> bool:
        return handle in self.objects or handle in self.unread

    def __len__(self) -> int:
        return len(self.objects) + len(self.unread)


class PtpCard:
    """The files of the device behind *pipe*, which it holds until :meth:`close`.  Verbs block.

    *life* tells this docking from another of the same device: it is part of its identity.  Of
    *most* objects on all its storages it is believed that they are there.  Raises
    NothingShown if it has no storage, CardGone, or CardReadFailed if it talks nonsense.
    """

    def __init__(self, pipe: Pipe, *, life: str = "", most: int = MOST_OBJECTS) -> None:
        self._most = most
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
        self._places: dict[bytes, _Held | None] = {}
        """What stands behind each path; None where nothing can be read."""
        self._twins: dict[bytes, int] = {}
        """How many objects of one name were met."""

    @property
    def model(self) -> str:
        """What it says it is."""
        return _plain(f"{self._info.maker} {self._info.model} {self._info.version}".strip())

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
        self._places, self._twins = {}, {}
        if self._storage_ids() != self._storages:
            raise CardGone("the device shows other storages than before")
        listed, seen = list[Listed](), 0
        for number, storage in enumerate(self._storages, start=1):
            above = b"" if number == 1 else b"storage-%d/" % number
            found = self._objects(storage, self._most - seen)
            seen += len(found)
            for path, handle in files(found.objects):
                listed.append(self._note(above + path, handle, found.objects[handle]))
            listed += [self._note_unread(above, found, each) for each in found.unread]
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
        info, mark = self._object_info(held.handle), self._mark(held.handle)
        if (info.name, mark) != (held.info.name, held.mark):
            raise CardGone(f"{path!r} is not there any more")
        return Stat(size=self._size(held.handle, info), mtime_ns=info.mtime_ns, mark=mark)

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

    def whole(self, handle: int, size: int) -> Generator[bytes]:
        """The *size* bytes of an object from its start."""
        return self._session.stream(handle, size)

    def _device_info(self) -> DeviceInfo:
        return _read(DeviceInfo.of, self._session.ask(Operation.GET_DEVICE_INFO))

    def _storage_ids(self) -> tuple[int, ...]:
        """Those that hold something now (the lower half is 0 where no card is in)."""
        told = self._session.ask(Operation.GET_STORAGE_IDS)
        found = tuple(sorted({each for each in _read(_numbers, told) if each & 0xFFFF}))
        if not found:
            raise NothingShown("the device shows no storage")
        if len(found) > MOST_STORAGES:
            raise CardReadFailed(f"the device shows {len(found):,} storages, more than there are")
        return found

    def _serial(self) -> str:
        told = [_plain(self._info.serial)]
        for storage in self._storages:
            info = self._session.ask(Operation.GET_STORAGE_INFO, storage)
            told.append(f"{storage:08x}:{_plain(_read(StorageInfo.of, info).label)}")
        return "+".join(told)

    def _objects(self, storage: int, most: int) -> _Found:
        """All objects of *storage*, of which *most* are believed."""
        found, told = _Found(), 0
        waiting = [ROOT]
        while waiting:
            handles = self._below(storage, waiting.pop(), found)
            told += len(handles)
            if told > _TIMES_TOLD * self._most:
                raise CardReadFailed(f"the device lists its objects again and again: {told:,}")
            for handle in handles:
                if handle in found:
                    continue
                if len(found) >= most:
                    raise CardReadFailed(f"the device shows more than {self._most:,} objects")
                self._look_at(handle, found)
                if handle in found.objects and found.objects[handle].is_folder:
                    waiting.append(handle)
        return found

    def _below(self, storage: int, folder: int, found: _Found) -> tuple[int, ...]:
        """What lies in *folder*; none, and a note of it, if the device does not tell."""
        try:
            return self._handles(storage, folder)
        except CardReadFailed as error:
            if self._session.is_lost or folder == ROOT:
                raise
            found.unread[folder] = Sort.FOLDER, str(error)
            return ()

    def _look_at(self, handle: int, found: _Found) -> None:
        try:
            found.objects[handle] = self._object_info(handle)
        except CardReadFailed as error:
            if self._session.is_lost:
                raise
            found.unread[handle] = Sort.FILE, str(error)

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
        size = _read(lambda data: Reader(data).number(8), told)
        if size > _LONGEST:
            raise CardReadFailed(f"the device says that {info.name!r} has {size:,} bytes")
        return size

    def _mark(self, handle: int) -> str:
        """Its persistent id, if the device has one; and its handle, which holds for a session."""
        told = self._property(handle, PERSISTENT_ID)
        return f"{handle:x}" if told is None else f"{handle:x}.{told.hex()}"

    def _property(self, handle: int, which: int) -> bytes | None:
        """A property of an object; None if the device has no such thing."""
        if Operation.GET_OBJECT_PROP_VALUE not in self._info.operations:
            return None
        try:
            asked = Operation.GET_OBJECT_PROP_VALUE
            return self._session.ask(asked, handle, which, most=_MOST_OF_A_PROPERTY)
        except CardReadFailed:
            if self._session.is_lost:
                raise
            return None  # it has properties, and not this one

    def _note(self, path: bytes, handle: int, info: ObjectInfo) -> Listed:
        own = self._own(path)
        size, problem, mark = 0, None, self._mark(handle)
        try:
            size = self._size(handle, info)
        except CardReadFailed as error:
            if self._session.is_lost:
                raise
            problem = str(error)
        self._places[own] = _Held(handle=handle, info=info, size=size, mark=mark)
        return Listed(
            path=own,
            sort=Sort.FILE,
            size=size,
            mtime_ns=info.mtime_ns,
            mark=mark,
            problem=problem,
        )

    def _note_unread(self, above: bytes, found: _Found, handle: int) -> Listed:
        sort, problem = found.unread[handle]
        known = handle in found.objects
        own = self._own(above + (path_of(found.objects, handle) if known else _nameless(handle)))
        self._places[own] = None
        return Listed(path=own, sort=sort, problem=problem)

    def _own(self, path: bytes) -> bytes:
        """*path*, or another for the second object of one name."""
        number, free = self._twins.get(path, 1), path
        while free in self._places:
            number += 1
            free = path + b" (%d)" % number
        self._twins[path] = number
        return free


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
            self._flow = self._card.whole(self._held.handle, self._held.size)
        while offset >= self._at + len(self._ahead):
            self._at += len(self._ahead)
            self._ahead = next(self._flow, b"")
            if not self._ahead:
                return b""
        begin = offset - self._at
        return self._ahead[begin : begin + size]

    def _stop(self) -> None:
        flow = self._flow
        self._flow, self._ahead, self._at = None, b"", 0
        if flow is not None:
            flow.close()  # before its last bytes came, the device is told to stop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()


def _nameless(handle: int) -> bytes:
    """The path of an object of which the device tells nothing."""
    return b"object-%08x" % handle


def _plain(text: str) -> str:
    """*text* of the device as it can be kept and shown."""
    return shown(text.encode("utf-8", "surrogatepass"))


def _numbers(data: bytes) -> tuple[int, ...]:
    return Reader(data).numbers(4)


def _read(how: Callable[[bytes], Told], data: bytes) -> Told:
    """What *data* tells; CardReadFailed if it is nonsense."""
    try:
        return how(data)
    except Nonsense as error:
        raise CardReadFailed(f"the device answered nonsense: {error}") from error
