"""The engine's ports: chosen once, remembered, and chosen anew only where another took one.

Every port lies below 22768 and its gRPC twin, 10000 higher, below 32768: outside the range from
which Linux hands out ports to outgoing connections, where a fixed port fails at random.
"""

from __future__ import annotations

import secrets
import socket
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec

from evidence import durable
from evidence.errors import SetupError

GRPC_OFFSET = 10_000
"""The engine's rule: a service on port p has its gRPC on p + 10000."""

_LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 10_240, 19_999  # so that no service's port is another's gRPC twin
_TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One port for each of the engine's parts."""

    s3: int
    master: int
    filer: int
    volume: int
    admin: int


def choose(memory: Path) -> Ports:
    """The ports remembered in *memory* if all are free now, else new ones, remembered there."""
    remembered = _read(memory)
    if remembered is not None and all(_free(port) for port in _numbers(remembered)):
        return remembered
    chosen = _fresh()
    durable.replace(memory, msgspec.json.encode(chosen))
    return chosen


def see_free(ports: Ports) -> None:
    """Return if all of *ports* are free now; SetupError naming those another holds."""
    taken = [number for number in _numbers(ports) if not _free(number)]
    if taken:
        raise SetupError(
            f"ports of the embedded vault were taken while it was down: {taken}",
            advice=f"Stop what holds them (or the ports {GRPC_OFFSET} higher); or start Evidock "
            "again, which then takes others.",
        )


def forget(memory: Path) -> None:
    """Make the next :func:`choose` take new ports: somebody else was quicker."""
    durable.discard(memory)


def _read(memory: Path) -> Ports | None:
    if not memory.exists():
        return None
    try:
        return msgspec.json.decode(memory.read_bytes(), type=Ports)
    except msgspec.DecodeError as error:
        raise SetupError(f"{memory} is damaged: {error}", advice="Delete this file.") from error


def _fresh() -> Ports:
    count = len(fields(Ports))
    for _ in range(_TRIES):
        first = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST - count)
        numbers = range(first, first + count)
        if all(_free(number) for number in numbers):
            return Ports(**dict(zip((f.name for f in fields(Ports)), numbers, strict=True)))
    raise SetupError(
        f"no {count} free ports in a row between {_LOWEST} and {_HIGHEST} on {_LOOPBACK}",
        advice="Stop what holds them, then start again.",
    )


def _numbers(ports: Ports) -> list[int]:
    return [ports.s3, ports.master, ports.filer, ports.volume, ports.admin]


def _free(port: int) -> bool:
    return all(_can_listen(number) for number in (port, port + GRPC_OFFSET))


def _can_listen(port: int) -> bool:
    with closing(socket.socket()) as listener:
        # As the engine does: a connection still dying out on this port is no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_LOOPBACK, port))
            listener.listen(1)
        except OSError:
            return False
    return True
