"""What a station and the process of a port say to each other, over a pair of sockets.

One rule: the station believes no byte of the process, which faces hostile cards.  It decodes each
answer as the one type it asked for, takes no more than it asked for, and waits no longer than it
said.  The process believes the station, whose requests are pickled.

A request is its length, and a pickled verb with what it needs.  An answer is its kind and length,
and then the bytes of a file as they are, or msgpack.
"""

from __future__ import annotations

import pickle
import socket
import struct
import time
from enum import IntEnum
from typing import TypeVar

import msgspec

from evidence import errors
from evidence.errors import (
    CameraError,
    EraseForbidden,
    EvidenceError,
    SetupError,
    TemporaryError,
)

MOST = 256 << 20
"""Bytes of a listing: a million names, each as long as on a real card."""
FEW = 1 << 20
"""Bytes of any other answer but the bytes of a file, which are no more than was asked for."""
_ERRORS = (CameraError, TemporaryError, SetupError, EraseForbidden)
"""What a card can be the cause of."""
_LENGTH = struct.Struct(">Q")
_HEAD = struct.Struct(">BQ")
_WAIT = struct.Struct("@ll")
"""struct timeval."""
Told = TypeVar("Told")


class Kind(IntEnum):
    """What an answer holds."""

    BYTES = 1
    VALUE = 2
    ERROR = 3


class Garbled(Exception):
    """What the process answers is none of what was asked."""


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    message: str
    advice: str
    fact: int = 0


class StationEnd:
    """The station's end.  One thread at a time asks; any may :meth:`shut` it."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def say(self, verb: str, *given: object) -> None:
        """Ask for *verb*; waits for nothing but room.  OSError if nobody hears it."""
        told = pickle.dumps((verb, given), pickle.HIGHEST_PROTOCOL)
        self._end.sendall(_LENGTH.pack(len(told)) + told)

    def block(self, most: int, *, within: float) -> bytes:
        """The bytes that were asked for, at most *most*.  Raises as :meth:`value`."""
        return self._answer(Kind.BYTES, most, time.monotonic() + within)

    def value(self, kind: type[Told], most: int, *, within: float) -> Told:
        """The answer, which is of *kind*, and of *most* bytes at most.

        TimeoutError if it is not here after *within* seconds, EOFError if nobody is there any more,
        Garbled if it is something else; or the EvidenceError that the process met.
        """
        told = self._answer(Kind.VALUE, most, time.monotonic() + within)
        try:
            return msgspec.msgpack.decode(told, type=kind)
        except (msgspec.MsgspecError, ValueError) as error:
            raise Garbled(f"it answers what is no {kind}: {error}") from error

    def shut(self) -> None:
        """Let whoever waits for an answer wait no longer."""
        try:
            self._end.shutdown(socket.SHUT_RDWR)
        except OSError:  # it was shut before
            return

    def close(self) -> None:
        self._end.close()

    def _answer(self, wanted: Kind, most: int, deadline: float) -> bytes:
        kind, length = _HEAD.unpack(self._exactly(_HEAD.size, deadline))
        most = FEW if kind == Kind.ERROR else most
        if length > most:
            raise Garbled(f"its answer of {length:,} bytes is longer than the {most:,} it may be")
        told = self._exactly(length, deadline)
        if kind == Kind.ERROR:
            raise _error(told)
        if kind != wanted:
            raise Garbled(f"it answers {kind}, not {wanted.name}")
        return told

    def _exactly(self, size: int, deadline: float) -> bytes:
        told = b""
        while len(told) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wait = _WAIT.pack(int(left), max(1, int(left % 1 * 1e6)))
            self._end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
            try:
                more = self._end.recv(size - len(told), socket.MSG_WAITALL)
            except BlockingIOError:
                continue
            except OSError as error:
                raise EOFError from error
            if not more:
                raise EOFError
            told = told + more if told else more
        return told


class PortEnd:
    """The end of the port's process."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def request(self) -> tuple[str, tuple[object, ...]] | None:
        """The next verb, and what it needs; None if the station wants no more."""
        head = self._end.recv(_LENGTH.size, socket.MSG_WAITALL)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        told: tuple[str, tuple[object, ...]] = pickle.loads(  # noqa: S301  the station's own
            self._end.recv(length, socket.MSG_WAITALL)
        )
        return told

    def answer(self, told: object) -> None:
        if isinstance(told, bytes):
            self._send(Kind.BYTES, told)
        else:
            self._send(Kind.VALUE, msgspec.msgpack.encode(told))

    def fail(self, error: EvidenceError) -> None:
        told = _Error(
            kind=type(error).__name__,
            message=str(error),
            advice=error.advice,
            fact=error.fact if isinstance(error, EraseForbidden) else 0,
        )
        self._send(Kind.ERROR, msgspec.msgpack.encode(told))

    def _send(self, kind: Kind, told: bytes) -> None:
        self._end.sendall(_HEAD.pack(kind, len(told)))
        self._end.sendall(told)


def _error(told: bytes) -> EvidenceError:
    """The error that the process met; Garbled if it is none of a card's."""
    try:
        met = msgspec.msgpack.decode(told, type=_Error)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Garbled(f"its error cannot be read: {error}") from error
    kind = getattr(errors, met.kind, None)
    if not (isinstance(kind, type) and issubclass(kind, _ERRORS)):
        raise Garbled(f"its error {met.kind!r} is none of a card's")
    made = kind.__new__(kind)
    EvidenceError.__init__(made, met.message, advice=met.advice)
    if isinstance(made, EraseForbidden):
        made.fact = met.fact
    return made
