"""QEMU while it runs: its console, line by line, and what the guest asks it for on the way.

A line ``HOST {…}`` on the console is a command of the QEMU Machine Protocol (QMP) and is done at
once; what it returns is said as ``TOLD {…}`` after it.  A command that fails is said, too.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

_TERMINAL = re.compile(r"\x1b\[?[0-9;?]*[a-zA-Z]|\r")
_STARTS_WITHIN = 20.0
_HOST, _NONE = "HOST ", subprocess.DEVNULL


class Qmp:
    """The line to QEMU's monitor at the socket *place*."""

    def __init__(self, place: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                self._socket.connect(str(place))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < deadline, "QEMU does not start"
                time.sleep(0.02)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lines.readline()  # its greeting
        self.ask({"execute": "qmp_capabilities"})

    def ask(self, command: Mapping[str, object]) -> Mapping[str, Any]:
        """What QEMU returns, as ``return`` or ``error``."""
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        while True:  # events come in between
            told: Mapping[str, Any] = json.loads(self._lines.readline())
            if "return" in told or "error" in told:
                return told

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


def run(argv: Sequence[str], *, monitor: Path, log: Path, seconds: int) -> Iterator[str]:
    """Its console, until it ends or *seconds* are over; each line is written to *log*, too."""
    command = (*argv, "-qmp", f"unix:{monitor},server=on,wait=off")
    paths = {**os.environ, "PATH": "/usr/bin:/usr/sbin:/bin:/sbin"}
    with (
        subprocess.Popen(
            command, stdin=_NONE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=paths
        ) as qemu,
        log.open("w", encoding="utf-8") as kept,
    ):
        late = threading.Timer(seconds, qemu.kill)
        late.start()
        began = time.monotonic()
        try:
            with closing(Qmp(monitor)) as qmp:
                for line in _lines(qemu, qmp):
                    print(f"{time.monotonic() - began:6.1f} {line}", file=kept, flush=True)
                    yield line
            yield f"qemu ended with {qemu.wait()}"
        finally:
            late.cancel()
            qemu.kill()


def _lines(qemu: subprocess.Popen[bytes], qmp: Qmp) -> Iterator[str]:
    assert qemu.stdout is not None
    for raw in qemu.stdout:
        line = _TERMINAL.sub("", raw.decode("utf-8", "replace")).strip()
        yield line
        if _HOST in line:
            told = qmp.ask(json.loads(line.partition(_HOST)[2]))
            yield "TOLD " + json.dumps(told)
