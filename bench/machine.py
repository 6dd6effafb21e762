"""The machine a benchmark ran on, in a few words: what a reader needs to place its seconds."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_KIB = 1024


def machine(folder: Path) -> dict[str, object]:
    """Processors, memory, kernel, load, and the file system that holds *folder*."""
    cpu = _fields(Path("/proc/cpuinfo"))
    memory = _fields(Path("/proc/meminfo"))
    return {
        "processor": cpu.get("model name", platform.machine()),
        "processors": os.cpu_count(),
        "sha_extensions": "sha_ni" in cpu.get("flags", "").split(),
        "memory": int(memory["MemTotal"].split()[0]) * _KIB,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "file_system": _file_system(folder),
        "load": os.getloadavg()[0],
    }


def _fields(file: Path) -> dict[str, str]:
    lines = (line.partition(":") for line in file.read_text("utf-8").splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def _file_system(folder: Path) -> str:
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
        if line.split()[2] == wanted:
            return line.partition(" - ")[2].split()[0]
    return "unknown"
