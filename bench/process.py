"""What a process has cost so far, as the kernel counts it (``proc(5)``)."""

from __future__ import annotations

import os
import resource
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_TICK = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Places in ``/proc/PID/stat`` after the command's name."""
_FORGET_PEAK = "5"
"""Written to ``clear_refs``, it sets the peak back to what is resident now."""

_LOOK_AGAIN = 0.005


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

    @property
    def descendants(self) -> list[Process]:
        """Its children, theirs, and so on, that run now."""
        return [each for child in self.children for each in (child, *child.descendants)]

    def _read(self, name: str) -> str:
        return Path(f"/proc/{self.pid}/{name}").read_text("utf-8", "replace")


@dataclass(slots=True)
class Largest:
    """While entered, looks for the most memory that any one descendant of ours had resident.

    It looks every 5 ms; what a process takes after the last look at it is missed.
    """

    bytes: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_AGAIN):
            # A process may end between being listed and being read; ended ones tell no peak.
            with suppress(OSError, StopIteration):
                for each in own().descendants:
                    with suppress(OSError, StopIteration):
                        self.bytes = max(self.bytes, each.peak)


def own() -> Process:
    """This process."""
    return Process(os.getpid())


def ended_children_cpu() -> float:
    """CPU seconds of all children of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
