"""A bus that libusb, libudev and pyudev take for real: umockdev, whose devices are our models.

Works only in a process that runs with ``LD_PRELOAD=libumockdev-preload.so.0``.  Its kernel is not
the real one: there are no drivers, so a model becomes a disk only because a scene says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.simulator.cameras import Model, Stall

PRELOAD = "libumockdev-preload.so.0"
_TOP = "/devices/pci0000:00/0000:00:14.0/usb1"
_Pointer = ctypes.c_void_p
_Handler = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, _Pointer)
_CONTROL = 2
_URB = 56
"""Bytes of a struct usbdevfs_urb on 64-bit machines (linux/usbdevice_fs.h)."""
_GET_CAPABILITIES, _GET_DRIVER, _SUBMIT, _DISCARD, _REAP = 26, 8, 10, 11, {12, 13}
_PATIENCE = 0.0005
_SET_READ_ONLY = 0x125D
"""BLKROSET, linux/fs.h."""
_DONE_AT_ONCE = {4, 5, 15, 16, 18, 20, 21, 27}
"""Set interface and configuration, claim, release, reset, clear halt, …: nothing to do."""


class _Library:
    """umockdev's C functions, each with its types (umockdev.h, 0.17)."""

    def __init__(self) -> None:
        mock, objects = ctypes.CDLL("libumockdev.so.0"), ctypes.CDLL("libgobject-2.0.so.0")
        text, number, size = ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
        self.new = _typed(mock, "testbed_new", _Pointer)
        self.root = _typed(mock, "testbed_get_root_dir", text, _Pointer)
        self.add = _typed(mock, "testbed_add_from_string", number, _Pointer, text, _Pointer)
        self.event = _typed(mock, "testbed_uevent", None, _Pointer, text, text)
        self.remove = _typed(mock, "testbed_remove_device", None, _Pointer, text)
        self.attach = _typed(
            mock, "testbed_attach_ioctl", number, _Pointer, text, _Pointer, _Pointer
        )
        self.base = _typed(mock, "ioctl_base_new", _Pointer)
        self.request = _typed(mock, "ioctl_client_get_request", ctypes.c_ulong, _Pointer)
        self.argument = _typed(mock, "ioctl_client_get_arg", _Pointer, _Pointer)
        self.complete = _typed(mock, "ioctl_client_complete", None, _Pointer, ctypes.c_long, number)
        self.resolve = _typed(mock, "ioctl_data_resolve", _Pointer, _Pointer, size, size, _Pointer)
        self.retrieve = _typed(
            mock,
            "ioctl_data_retrieve",
            None,
            _Pointer,
            ctypes.POINTER(_Pointer),
            ctypes.POINTER(number),
        )
        self.update = _typed(
            mock, "ioctl_data_update", number, _Pointer, size, text, number, _Pointer
        )
        self.set_pointer = _typed(
            mock, "ioctl_data_set_ptr", number, _Pointer, size, _Pointer, _Pointer
        )
        self.connect = objects.g_signal_connect_data
        self.connect.restype = ctypes.c_ulong
        self.connect.argtypes = [_Pointer, text, _Handler, _Pointer, _Pointer, number]


def _typed(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, f"umockdev_{name}")
    function.restype, function.argtypes = result, list(arguments)
    return function


@dataclass(frozen=True, slots=True)
class _Memory:
    """Memory of whoever calls the kernel."""

    library: _Library
    pointer: int

    def part(self, offset: int, size: int) -> _Memory:
        """What the pointer at *offset* leads to; with 0, its own beginning."""
        found = self.library.resolve(self.pointer, offset, size, None)
        assert found, "a pointer of an ioctl leads nowhere"
        return _Memory(self.library, found)

    def read(self) -> bytes:
        data, size = _Pointer(), ctypes.c_int()
        self.library.retrieve(self.pointer, ctypes.byref(data), ctypes.byref(size))
        return ctypes.string_at(data, size.value)

    def write(self, offset: int, data: bytes) -> None:
        if data:
            self.library.update(self.pointer, offset, data, len(data), None)


@dataclass(slots=True)
class _UsbFs:
    """The kernel's side of ``/dev/bus/usb``: libusb's ioctls, answered by a model."""

    library: _Library
    model: Model
    gone: bool = False
    _done: list[_Memory] = field(default_factory=list)
    _waiting: dict[bytes, _Memory] = field(default_factory=dict)
    """Reads that the camera has not answered, by the caller's pointer to them."""
    _left: bytes = b""
    """Of what the camera sends at once, what was not read yet."""

    def __call__(self, client: int) -> None:
        number = self.library.request(client) & 0xFF
        argument = _Memory(self.library, self.library.argument(client))
        failure = errno.ENODEV if self.gone else self._answer(number, argument)
        self.library.complete(client, -1 if failure else 0, failure)

    def _answer(self, number: int, argument: _Memory) -> int:
        failure = 0
        if number == _GET_CAPABILITIES:
            argument.part(0, 4).write(0, struct.pack("<I", 0x05))
        elif number == _GET_DRIVER:
            failure = errno.ENODATA  # no driver of the kernel has it
        elif number == _SUBMIT:
            self._submit(argument.read(), argument.part(0, _URB))
        elif number == _DISCARD:
            self._finish(self._waiting.pop(argument.read()), b"", -errno.ENOENT)
        elif number in _REAP:
            failure = self._reap(argument)
        elif number not in _DONE_AT_ONCE:
            failure = errno.ENOTTY
        return failure

    def _submit(self, name: bytes, urb: _Memory) -> None:
        kind, endpoint, length = struct.unpack_from("<BB22xi", urb.read())
        sent = urb.part(16, length).read() if length else b""
        try:
            told = self._transfer(kind, endpoint, sent)
        except Stall:
            self._finish(urb, b"", -errno.EPIPE)
            return
        if told is None:
            self._waiting[name] = urb
            return
        if (sent[0] if kind == _CONTROL else endpoint) & 0x80:
            urb.part(16, length).write(8 * (kind == _CONTROL), told)
        self._finish(urb, told, 0)

    def _finish(self, urb: _Memory, moved: bytes, status: int) -> None:
        urb.write(4, struct.pack("<i", status))
        urb.write(28, struct.pack("<i", len(moved)))
        self._done.append(urb)

    def _transfer(self, kind: int, endpoint: int, sent: bytes) -> bytes | None:
        """What was told, or taken; None if the camera says nothing."""
        if kind == _CONTROL:
            to, request, value, index, length = struct.unpack_from("<BBHHH", sent)
            setup = (to, request, value, index)
            if to & 0x80:
                return self.model.control(setup, length)[:length]
            self.model.control(setup, sent[8 : 8 + length])
            return sent[8 : 8 + length]
        if endpoint & 0x80:
            told = self._left or self.model.answer()
            if told is None:
                return None
            self._left = told[len(sent) :]
            return told[: len(sent)]
        self.model.say(sent)
        return sent

    def _reap(self, argument: _Memory) -> int:
        if not self._done:
            time.sleep(_PATIENCE)  # the node is always ready, so libusb asks without a pause
            return errno.EAGAIN
        library, urb = self.library, self._done.pop(0)
        library.set_pointer(argument.part(0, 8).pointer, 0, urb.pointer, None)
        return 0


@dataclass(slots=True)
class MockedBus:
    """A machine with one USB bus."""

    library: _Library = field(default_factory=_Library)
    protected: int = 0
    """How often a disk was set read-only."""
    _bed: int = 0
    _kept: list[object] = field(default_factory=list)
    _number: int = 4

    def __post_init__(self) -> None:
        assert PRELOAD in os.environ.get("LD_PRELOAD", ""), f"run it with LD_PRELOAD={PRELOAD}"
        self._bed = self.library.new()
        self._add(f"P: {_TOP}\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n")

    @property
    def root(self) -> Path:
        """Where its ``/dev`` really lies."""
        return Path(self.library.root(self._bed).decode())

    def plug(self, port: str, model: Model, serial: str = "BWC0001") -> Callable[[], None]:
        """Plug *model* into *port*, switched off as the kernel does it; the way to pull it out."""
        self._number += 1
        node, path = f"bus/usb/001/{self._number:03}", f"{_TOP}/{port}"
        vendor, product = struct.unpack_from("<HH", model.raw, 8)
        attributes = {
            "authorized": 0,
            "bConfigurationValue": 1,
            "bNumConfigurations": 1,
            "busnum": 1,
            "devnum": self._number,
            "idVendor": f"{vendor:04x}",
            "idProduct": f"{product:04x}",
            "serial": serial,
            "speed": 480,
        }
        properties = {
            "DEVNAME": f"/dev/{node}",
            "DEVTYPE": "usb_device",
            "BUSNUM": "001",
            "DEVNUM": f"{self._number:03}",
            "MAJOR": 189,
            "MINOR": self._number - 1,
            "SUBSYSTEM": "usb",
        }
        self._add(
            f"P: {path}\nN: {node}\n"
            + "".join(f"E: {name}={value}\n" for name, value in properties.items())
            + "".join(f"A: {name}={value}\\n\n" for name, value in attributes.items())
            + f"H: descriptors={model.raw.hex().upper()}\n"
        )
        kernel = _UsbFs(self.library, model)
        self._attach(f"/dev/{node}", kernel)

        def pull() -> None:
            kernel.gone = True
            self._remove(path)

        return pull

    def show_disk(self, port: str, name: str, image: Path) -> Callable[[], None]:
        """Let the device in *port* be the disk *name*, whose bytes are *image*'s."""
        path = f"{_TOP}/{port}/{port}:1.0/host2/target2:0:0/2:0:0:0/block/{name}"
        minor = 16 * (ord(name[-1]) - ord("a"))
        self._add(
            f"P: {path}\nN: {name}\nE: DEVNAME=/dev/{name}\nE: DEVTYPE=disk\nE: MAJOR=8\n"
            f"E: MINOR={minor}\nE: SUBSYSTEM=block\nA: dev=8:{minor}\\n\nA: ro=0\\n\n"
        )
        node = self.root / "dev" / name
        mode = node.lstat().st_mode  # its sticky bit makes it a block device
        node.unlink()
        node.hardlink_to(image)
        node.chmod(mode)
        self._attach(f"/dev/{name}", self._protects)
        return lambda: self._remove(path)

    def _protects(self, client: int) -> None:
        """A disk's own ioctls: it can be set read-only."""
        known = self.library.request(client) == _SET_READ_ONLY
        self.protected += known
        self.library.complete(client, 0 if known else -1, 0 if known else errno.ENOTTY)

    def _add(self, text: str) -> None:
        assert self.library.add(self._bed, text.encode(), None), f"umockdev refuses:\n{text}"

    def _remove(self, path: str) -> None:
        self.library.event(self._bed, f"/sys{path}".encode(), b"remove")
        self.library.remove(self._bed, f"/sys{path}".encode())

    def _attach(self, node: str, kernel: Callable[[int], None]) -> None:
        def called(_base: int, client: int, _nobody: int) -> int:
            try:
                kernel(client)
            except Exception:  # noqa: BLE001  C cannot be given an exception
                traceback.print_exc()
                self.library.complete(client, -1, errno.EIO)
            return 1

        handler, base = _Handler(called), self.library.base()
        self._kept += [handler, base]
        self.library.connect(base, b"handle-ioctl", handler, None, None, 0)
        assert self.library.attach(self._bed, node.encode(), base, None), f"{node} is not there"
