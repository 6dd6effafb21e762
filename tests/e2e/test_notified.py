"""``evidock up`` under a supervisor that listens as systemd does."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.command import up


def test_up_tells_that_it_is_ready_alive_and_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"@evidock-e2e-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(f"\0{address[1:]}")
        systemd.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        monkeypatch.setenv("WATCHDOG_USEC", "2000000")

        with up(tmp_path / "home") as said:
            told = [systemd.recv(4096).decode() for _ in range(3)]
        last = systemd.recv(4096).decode()
        while last == "WATCHDOG=1":
            last = systemd.recv(4096).decode()

    assert said["ready"]
    assert told == ["READY=1\nSTATUS=ready", "WATCHDOG=1", "WATCHDOG=1"]
    assert last == "STOPPING=1\nSTATUS=stopping"
