"""What systemd is told, heard at a real unix datagram socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import DiskFull, SetupError
from evidock.notify import Question, Supervisor

LONG = 60.0


class Systemd:
    """Its end of the socket."""

    def __init__(self, address: str) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._line.settimeout(0)

    async def hears(self) -> list[str]:
        async with asyncio.timeout(LONG):
            return (
                (await asyncio.get_running_loop().sock_recv(self._line, 4096)).decode().split("\n")
            )

    def heard(self) -> list[str]:
        """All that waits there."""
        told = []
        while True:
            try:
                told += self._line.recv(4096).decode().split("\n")
            except BlockingIOError:
                return told

    def close(self) -> None:
        self._line.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Systemd, Supervisor]]:
    address = str(tmp_path / "n") if request.param == "path" else f"@evidock-test-{os.getpid()}"
    environment = {
        "NOTIFY_SOCKET": address,
        "WATCHDOG_USEC": "40000",
        "WATCHDOG_PID": str(os.getpid()),
    }
    with closing(Systemd(address)) as listening:
        yield listening, Supervisor.of(environment)


async def _well() -> None:
    """A part that answers."""


async def test_ready_alive_and_stopping_are_told(systemd: tuple[Systemd, Supervisor]) -> None:
    listening, supervisor = systemd
    async with supervisor.told({"a": _well, "b": _well}, SystemClock()):
        told = [await listening.hears() for _ in range(4)]
    assert told == [["READY=1", "STATUS=ready"], *[["WATCHDOG=1"]] * 3]
    assert listening.heard()[-2:] == ["STOPPING=1", "STATUS=stopping"]


async def _hang() -> None:
    await asyncio.Event().wait()


async def _break() -> None:
    raise RuntimeError


@pytest.mark.parametrize("part", [_hang, _break])
async def test_a_part_without_an_answer_keeps_the_watchdog_hungry(
    systemd: tuple[Systemd, Supervisor], part: Question
) -> None:
    listening, supervisor = systemd
    async with supervisor.told({"a": _well, "b": part}, SystemClock()):
        told = [await listening.hears() for _ in range(4)]
    assert told[1:] == [["STATUS=b does not answer"]] * 3
    assert "WATCHDOG=1" not in listening.heard()


async def test_a_part_that_says_it_cannot_is_alive(systemd: tuple[Systemd, Supervisor]) -> None:
    async def full() -> None:
        raise DiskFull("the journal cannot be written")

    listening, supervisor = systemd
    async with supervisor.told({"a": full}, SystemClock()):
        await listening.hears()
        assert await listening.hears() == ["WATCHDOG=1"]


async def test_without_systemd_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    for supervisor in (
        Supervisor.of({}),
        Supervisor(address=str(tmp_path / "gone"), watchdog=0.01),
    ):
        async with supervisor.told({"a": _well}, SystemClock()):
            await asyncio.sleep(0)


def test_a_watchdog_for_another_process_is_not_ours() -> None:
    told = Supervisor.of({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"})
    assert told == Supervisor(address="@x")


@pytest.mark.parametrize(
    "environment",
    [
        {"NOTIFY_SOCKET": "here"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "0"},
    ],
)
def test_what_makes_no_sense_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SetupError, match=r"NOTIFY_SOCKET|WATCHDOG_USEC"):
        Supervisor.of(environment)
