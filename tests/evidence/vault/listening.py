"""Which TCP ports a process listens on, as the kernel tells it: proc_net_tcp(5)."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

_LISTEN = "0A"


def listening_ports(pid: int) -> list[tuple[str, int]]:
    """(address, port) of every listening socket of process *pid*, IPv4 and IPv6."""
    own = _sockets(pid)
    found = []
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            local, state = columns[1], columns[3]
            if state == _LISTEN and columns[9] in own:
                address, port = local.split(":")
                found.append((_address(address, family), int(port, 16)))
    return found


def _sockets(pid: int) -> set[str]:
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(handle))
        except FileNotFoundError:  # closed meanwhile
            continue
        if match:
            inodes.add(match[1])
    return inodes


def _address(text: str, family: int) -> str:
    words = [bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8)]
    return socket.inet_ntop(family, b"".join(words))
