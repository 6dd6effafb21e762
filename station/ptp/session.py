"""A session with a PTP or MTP device: one question at a time, and its answer checked.

1. The command is sent.  2. If data comes first, its container must belong to this question, and
gives exactly the bytes that it announces.  3. The response must belong to this question, and be OK.

One rule: after an answer that is none, nothing more is asked: who lost the thread once might give
one object's bytes for another's.

Source: ISO 15740:2013, 7 and 9; "Still Image Capture Device Definition" 1.0 (USB-IF), 7.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from evidence.digest import BLOCK
from evidence.errors import CameraError, CardGone, CardReadFailed
from station.ptp.codes import OK, SESSION_OPEN, WORDS, Kind, Operation
from station.ptp.datasets import Nonsense, command

MOST_DATA = 16 << 20
"""Bytes of an answer that is no file: more is nonsense."""
_HEAD = struct.Struct("<IHHI")
_ENDLESS = 0xFFFFFFFF
"""A container's length that does not fit into it."""
_UNTOLD = -1
"""The size of such a container's content."""
_FIRST = 1024
"""A packet of USB 3, two of USB 2: whole packets are asked for, or a device says too much."""
_MOST_TOLD = 20
"""Bytes of a response's five numbers."""
_ID = 1
_Read = TypeVar("_Read")


class Pipe(Protocol):
    """Carries containers.  Raises CardGone, CameraSilent or CameraRefused."""

    def write(self, data: bytes) -> None:
        """Send one transfer."""

    def read(self, size: int) -> bytes:
        """At most *size* bytes, whole packets of one transfer; fewer at its end, maybe none."""

    def cancel(self, transaction: int) -> None:
        """Have the device give up *transaction*, and throw away what it still sends."""

    def close(self) -> None:
        """Give the device back."""


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    data: bytes = b""


class Session:
    """An open session; not for two at once.  All verbs block.

    Raises CardGone if the device leaves or is silent, CardReadFailed if it refuses or talks
    nonsense.
    """

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._last = 0
        self._ahead = b""
        """What came with the end of a container: the next one's beginning."""
        self._lost: str | None = None
        try:
            self._open()
        except BaseException:
            pipe.close()
            raise

    def ask(self, operation: Operation, *parameters: int, most: int = MOST_DATA) -> bytes:
        """The data that the device gives, at most *most* bytes; none where none is due."""
        answer = self._answer(operation, parameters, most)
        if answer.code != OK:
            raise _refusal(operation, answer.code)
        return answer.data

    def stream(self, handle: int, size: int) -> Generator[bytes]:
        """The *size* bytes of an object, from the start; given up half-way, the device is told so.

        The last of them come after the response: then nothing is under way any more.  Raises
        CardReadFailed, too, if the device sends more or less.
        """
        operation, ended = Operation.GET_OBJECT, False
        blocks = self._streamed(handle, size)
        try:
            last = b""
            while isinstance(block := self._spoken(lambda: next(blocks), operation), bytes):
                if last:
                    yield last
                last = block
            if isinstance(block, str):
                raise CardReadFailed(block)
            ended = True
            if block != OK:
                raise _refusal(operation, block)
            yield last
        finally:
            if not ended and self._lost is None:
                self._give_up()

    @property
    def is_lost(self) -> bool:
        """Whether nothing more is asked."""
        return self._lost is not None

    def close(self) -> None:
        """End it, and give the device back."""
        if self._lost is None:
            with suppress(CameraError):
                self.ask(Operation.CLOSE_SESSION)
        self._lost = "it was given back"
        self._pipe.close()

    def _open(self) -> None:
        answer = self._answer(Operation.OPEN_SESSION, (_ID,), 0)
        if answer.code == SESSION_OPEN:  # somebody's before us
            self.ask(Operation.CLOSE_SESSION)
            self.ask(Operation.OPEN_SESSION, _ID)
        elif answer.code != OK:
            raise _refusal(Operation.OPEN_SESSION, answer.code)

    def _answer(self, operation: Operation, parameters: tuple[int, ...], most: int) -> _Answer:
        return self._spoken(lambda: self._asked(operation, parameters, most), operation)

    def _spoken(self, exchange: Callable[[], _Read], operation: Operation) -> _Read:
        """What *exchange* gives; after one that fails, no more."""
        if self._lost is not None:
            raise CardGone(f"the device is not asked any more: {self._lost}")
        try:
            return exchange()
        except Nonsense as error:
            self._lost = f"asked to {_name(operation)}, it answered nonsense: {error}"
            raise CardReadFailed(self._lost) from error
        except CameraError as error:
            self._lost = str(error)
            raise CardGone(f"asked to {_name(operation)}: {error}") from error

    def _asked(self, operation: Operation, parameters: tuple[int, ...], most: int) -> _Answer:
        number = self._say(operation, parameters)
        kind, code, size, content = self._container(number)
        data = b""
        if kind is Kind.DATA:
            if code != operation:
                raise Nonsense(f"data to operation {code:#06x}")
            if not 0 <= size <= most:
                raise Nonsense(f"data of {size:,} bytes, where at most {most:,} can be")
            data = b"".join(self._rest(size, content))
            kind, code, size, content = self._container(number)
        return _Answer(_response(kind, code, size, content), data)

    def _streamed(self, handle: int, wanted: int) -> Iterator[bytes | int | str]:
        """The bytes of an object; after them, the code of the response.

        Or in words why they are not those of *wanted* bytes: the device goes on to send.
        """
        number = self._say(Operation.GET_OBJECT, (handle,))
        kind, code, size, content = self._container(number)
        if kind is Kind.DATA:
            if code != Operation.GET_OBJECT:
                raise Nonsense(f"data to operation {code:#06x}")
            if size not in {wanted, _UNTOLD}:
                yield f"the device sends {size:,} bytes of a file of {wanted:,}"
                return
            yield from self._rest(wanted, content)
            kind, code, size, content = self._container(number)
        elif code == OK:
            raise Nonsense("no data of the object")
        yield _response(kind, code, size, content)

    def _say(self, operation: Operation, parameters: tuple[int, ...]) -> int:
        number = 0 if operation is Operation.OPEN_SESSION else self._last + 1
        self._last = number
        self._pipe.write(command(operation, number, parameters))
        return number

    def _container(self, transaction: int) -> tuple[Kind, int, int, bytes]:
        """Kind, code, size of content (or _UNTOLD) and its beginning."""
        first, self._ahead = self._ahead, b""
        first = first or self._pipe.read(_FIRST) or self._pipe.read(_FIRST)  # empty: an end mark
        if len(first) < _HEAD.size:
            raise Nonsense(f"{len(first)} bytes where a container is due")
        size, kind, code, number = _HEAD.unpack_from(first)
        if kind not in {Kind.DATA, Kind.RESPONSE}:
            raise Nonsense(f"a container of kind {kind}")
        if number != transaction:
            raise Nonsense(f"an answer to question {number}, where {transaction} was asked")
        if size == _ENDLESS:
            return Kind(kind), code, _UNTOLD, first[_HEAD.size :]
        if size < _HEAD.size:
            raise Nonsense(f"a container of {size} bytes")
        first, self._ahead = first[:size], first[size:]  # some mark no end where packets are full
        return Kind(kind), code, size - _HEAD.size, first[_HEAD.size :]

    def _rest(self, size: int, content: bytes) -> Iterator[bytes]:
        """The *size* bytes of a container that begins with *content*."""
        content, more = content[:size], content[size:]
        self._ahead = more or self._ahead
        if content:
            yield content
        got = len(content)
        while got < size:
            wanted = -(-min(BLOCK, size - got) // _FIRST) * _FIRST
            block = self._pipe.read(wanted)
            if not block:
                raise Nonsense(f"data that ends after {got:,} of {size:,} bytes")
            block, self._ahead = block[: size - got], block[size - got :]
            got += len(block)
            yield block

    def _give_up(self) -> None:
        self._ahead = b""
        try:
            self._pipe.cancel(self._last)
        except CameraError as error:
            self._lost = str(error)


def _response(kind: Kind, code: int, size: int, content: bytes) -> int:
    """The code of a container that is a response."""
    if kind is not Kind.RESPONSE or not 0 <= size == len(content) <= _MOST_TOLD:
        raise Nonsense("no response where one is due")
    return code


def _refusal(operation: Operation, code: int) -> CardReadFailed:
    words = WORDS.get(code, f"code {code:#06x}")
    return CardReadFailed(f"asked to {_name(operation)}, the device says: {words}")


def _name(operation: Operation) -> str:
    return operation.name.lower().replace("_", " ")
