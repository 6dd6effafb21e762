"""A camera in plain Python at a port of this kernel, by the kernel's own driver for USB over IP.

No network and no tool is in between: the kernel is given one end of a pair of sockets, and what it
asks of the device (URBs, ``Documentation/usb/usbip_protocol.rst``) is answered at the other end.
Everything above is real: enumeration, drivers, SCSI, file systems, events.
"""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

from station.simulator.cameras import Model, Stall

HOST = Path("/sys/devices/platform/vhci_hcd.0")
_HIGH_SPEED = 3
_FREE = "004"
"""State of a port in ``status``."""
_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4
_IN = 1
_WITHIN = 10.0
_STRINGS = ("AMBA", "BodyCam", "BWC0001")
_ENGLISH = (0x0409).to_bytes(2, "little")
_DEVICE, _CONFIGURATION, _STRING = 1, 2, 3
_GET_STATUS, _GET_DESCRIPTOR, _GET_CONFIGURATION, _GET_INTERFACE = 0, 6, 8, 10
_SETTERS = frozenset({1, 3, 5, 9, 11})


class Line:
    """*model* at *port* (from 0) of the kernel's host, until :meth:`pull`."""

    def __init__(self, model: Model, port: int) -> None:
        self._model = model
        self._left = b""
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        _await_free(port)
        with theirs:
            told = f"{port} {theirs.fileno()} {0x10000 + port + 2} {_HIGH_SPEED}"
            (HOST / "attach").write_text(told)
        model.pull = self.pull
        threading.Thread(target=self._serve, daemon=True).start()

    def pull(self) -> None:
        """Pull the cable out."""
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError, EOFError), self._ours:
            while True:
                self._answer(*struct.unpack(">IIIIIIiiii8s", self._read(48)))

    def _answer(
        self, command: int, number: int, device: int, way: int, endpoint: int, *more: object
    ) -> None:
        head = (number, device, way, endpoint)
        if command == _UNLINK:  # everything is answered at once, so nothing waits
            self._ours.sendall(struct.pack(">IIIIIi24x", _UNLINKED, *head, 0))
            return
        assert command == _SUBMIT, command
        _flags, size, _frame, _packets, _interval, setup = more
        assert isinstance(size, int)
        assert isinstance(setup, bytes)
        content: bytes | int = size if way == _IN else self._read(size)
        status, told = 0, b""
        try:
            told = self._control(setup, content) if endpoint == 0 else self._bulk(content)
        except Stall:
            status = -errno.EPIPE
        done = len(told) if isinstance(content, int) else size
        self._ours.sendall(
            struct.pack(">IIIIIiiiii8x", _SUBMITTED, *head, status, 0 if status else done, 0, 0, 0)
            + told
        )

    def _bulk(self, content: bytes | int) -> bytes:
        if isinstance(content, bytes):
            self._model.say(content)
            return b""
        self._left = self._left or self._model.answer() or b""
        told, self._left = self._left[:content], self._left[content:]
        return told

    def _control(self, setup: bytes, content: bytes | int) -> bytes:
        kind, request, value, index, _size = struct.unpack("<BBHHH", setup)
        if kind & 0x60:
            return self._model.control((kind, request, value, index), content)
        if isinstance(content, bytes) or request in _SETTERS:
            return b""
        return self._standard(request, value)[:content]

    def _standard(self, request: int, value: int) -> bytes:
        """What every device answers (USB 2.0, 9.4)."""
        if request == _GET_STATUS:
            return bytes(2)
        if request in {_GET_CONFIGURATION, _GET_INTERFACE}:
            return bytes([request == _GET_CONFIGURATION])
        if request != _GET_DESCRIPTOR:
            raise Stall
        kind, number = value >> 8, value & 0xFF
        if kind == _DEVICE:
            return self._model.raw[:18]
        if kind == _CONFIGURATION and number == 0:
            return self._model.raw[18:]
        if kind == _STRING and number <= len(_STRINGS):
            words = _STRINGS[number - 1].encode("utf-16-le") if number else _ENGLISH
            return bytes([len(words) + 2, _STRING]) + words
        raise Stall

    def _read(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size:
            piece = self._ours.recv(size - len(read))
            if not piece:
                raise EOFError
            read += piece
        return bytes(read)


def _await_free(port: int) -> None:
    """A port whose cable was just pulled out is free a moment later."""
    deadline = time.monotonic() + _WITHIN
    while True:
        for line in (HOST / "status").read_text(encoding="ascii").splitlines()[1:]:
            kind, number, state, *_ = line.split()
            if (kind, int(number), state) == ("hs", port, _FREE):
                return
        assert time.monotonic() < deadline, f"port {port} stays taken"
        time.sleep(0.02)
