"""Viewers: one HTTP client for every contestant, which only receives while the clock runs.

A viewer has one connection that is kept alive, as a browser has.  It asks for the whole file, or
for one segment after the other.  What arrived is hashed after the clock was stopped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from statistics import median
from urllib.parse import urlsplit

from bench.process import Process
from bench.rounds import Times, WrongResult
from evidence.segments import Segment

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a file can be had, whole or in ranges."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def connect(self) -> HTTPConnection:
        """A connection to its server, made at the first request."""
        parts = urlsplit(self.url)
        return HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)

    @property
    def target(self) -> str:
        """What stands in the request's first line, not a letter changed: it may be signed."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


@dataclass(slots=True, kw_only=True)
class Watching:
    """*viewers* at once, each of whom fetches every byte of the file into a buffer of its own."""

    name: str
    leave: Callable[[], Address]
    """Asks for the file's address before each round, as leave to watch is short."""
    segments: Sequence[Segment]
    """All of the file, in order; their digests are what is checked."""
    by_segment: bool
    """One Range request a segment; else one request without Range."""
    viewers: int
    servers: Sequence[Sequence[Process]]
    """Whose CPU counts as ours, and whose as the store's."""
    first_bytes: dict[int, float] = field(default_factory=dict)
    """Round -> seconds from a request to its first byte, the median of all requests."""
    cpu: list[float] = field(default_factory=list)
    """CPU seconds of each of *servers*, over all rounds."""
    rounds: int = 0
    _number: int = 0
    _address: Address | None = None
    _buffers: list[bytearray] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(segment.length for segment in self.segments)

    @property
    def waits(self) -> Times:
        """Seconds to the first byte in every round that counts, in order."""
        return Times(tuple(wait for number, wait in sorted(self.first_bytes.items()) if number))

    @property
    def received(self) -> bytearray:
        """What the first viewer got in the last round, until it is checked."""
        return self._buffers[0]

    def prepare(self, number: int) -> None:
        self._number = number
        self._address = self.leave()
        # Written once, so that no page of them is made while the clock runs.
        self._buffers = [bytearray(b"\xff") * self.size for _viewer in range(self.viewers)]

    def run(self) -> None:
        before = self._cpu()
        with ThreadPoolExecutor(self.viewers) as threads:
            waits = [wait for waits in threads.map(self._watch, self._buffers) for wait in waits]
        self.first_bytes[self._number] = median(waits)
        spent = [after - start for after, start in zip(self._cpu(), before, strict=True)]
        self.cpu = [a + b for a, b in zip(self.cpu or [0.0] * len(spent), spent, strict=True)]
        self.rounds += 1

    def check(self) -> None:
        for viewer, buffer in enumerate(self._buffers):
            with memoryview(buffer) as view:
                for segment in self.segments:
                    part = view[segment.offset : segment.offset + segment.length]
                    if hashlib.sha256(part).hexdigest() != segment.sha256.hex:
                        last = segment.offset + segment.length - 1
                        raise WrongResult(
                            f"{self.name}, viewer {viewer}: bytes {segment.offset} to {last}"
                            " are not those on record"
                        )
        self._buffers = []

    def _cpu(self) -> list[float]:
        return [sum(process.cpu for process in group) for group in self.servers]

    def _watch(self, buffer: bytearray) -> list[float]:
        """Fill *buffer*; the seconds that each request waited for its first byte."""
        assert self._address is not None
        with closing(self._address.connect()) as connection, memoryview(buffer) as view:
            if not self.by_segment:
                return [self._fetch(connection, view, {}, HTTPStatus.OK)]
            return [
                self._fetch(
                    connection,
                    view[segment.offset : segment.offset + segment.length],
                    {"Range": f"bytes={segment.offset}-{segment.offset + segment.length - 1}"},
                    HTTPStatus.PARTIAL_CONTENT,
                )
                for segment in self.segments
            ]

    def _fetch(
        self,
        connection: HTTPConnection,
        view: memoryview,
        headers: Mapping[str, str],
        status: HTTPStatus,
    ) -> float:
        """Fill *view* with one answer; WrongResult unless it has exactly that many bytes."""
        assert self._address is not None
        started = time.perf_counter()
        try:
            connection.request(
                "GET", self._address.target, headers={**self._address.headers, **headers}
            )
            answer = connection.getresponse()
            if answer.status != status:
                raise WrongResult(f"{self.name} answers {answer.status}, not {status}")
            waited = _filled(answer, view) - started
        except (OSError, HTTPException) as error:
            raise WrongResult(f"{self.name}: {error!r}") from error
        return waited


def _filled(answer: HTTPResponse, view: memoryview) -> float:
    """When the first byte was there; WrongResult unless *answer* fits *view* exactly."""
    have = answer.readinto(view[:1])
    first = time.perf_counter()
    while have < len(view) and (more := answer.readinto(view[have:])):
        have += more
    if have < len(view) or answer.read(1):
        raise WrongResult(f"an answer has {have} bytes or more, {len(view)} were asked for")
    return first
