"""What a process has cost so far, as the kernel counts it (``proc(5)``)."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Places in ``/proc/PID/stat`` after the command's name."""
_FORGET_PEAK = "5"
"""Written to ``clear_refs``, it sets the peak back to what is resident now."""


@dataclass(frozen=True, slots=True)
class Process:
    """A running process, by its number."""

    pid: int

    @property
    def cpu(self) -> float:
        """CPU seconds of all its threads, user and system."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK

    @property
    def name(self) -> str:
        """The name of its program, at most 15 characters of it."""
        return self._read("comm").strip()

    @property
    def children(self) -> list[Process]:
        """The processes it started that run now."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        lists = [(task / "children").read_text("ascii").split() for task in tasks]
        return [Process(int(number)) for numbers in lists for number in numbers]

    @property
    def peak(self) -> int:
        """The most bytes that were resident since the start or since :meth:`forget_peak`."""
        line = next(x for x in self._read("status").splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def forget_peak(self) -> None:
        """Let :attr:`peak` begin anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text(_FORGET_PEAK, "ascii")

    def _read(self, name: str) -> str:
        return Path(f"/proc/{self.pid}/{name}").read_text("utf-8", "replace")


def own() -> Process:
    """This process."""
    return Process(os.getpid())


def ended_children_cpu() -> float:
    """CPU seconds of all children of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
