"""The real ``evidock`` command, watched from outside: told about, or killed at, a named function.

``python -m tests.crash.launch ORDERS COMMAND…`` runs ``evidock COMMAND…`` in this process.  ORDERS
is JSON (:class:`Orders`).  Nothing of the product is changed: Python tells a trace function of
every call (``sys.settrace``), and it looks for the named ones.

* ``disk``: the mount of a disk that forgets, which is told when ``durable.sync_filesystem`` begins
  and ends, since FUSE does not pass ``syncfs`` on.
* ``kill``: the whole process gets SIGKILL when the *nth* call of that function begins or has ended.
* ``reached``: a file that gets the names of all points that were reached, one a line.
"""

from __future__ import annotations

import dis
import importlib
import inspect
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.crash.disk import ATTRIBUTE

Trace = Callable[[FrameType, str, Any], Any]
_SYNC = "evidence.durable:sync_filesystem"
_RETURNS = {dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap}
"""A coroutine that only waits leaves by another opcode, and so does an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the launched process is watched for.  Names are ``module:qualified.name``."""

    disk: str | None = None
    watch: Sequence[str] = ()
    kill: str | None = None
    when: str = "enter"
    """``enter`` or ``leave``."""
    nth: int = 1
    reached: str | None = None

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(slots=True, kw_only=True)
class Watcher:
    """The trace function, and what it has seen."""

    orders: Orders
    names: dict[int, str]
    """id of a code object -> name of the function."""
    seen: dict[str, int] = field(default_factory=dict)
    _syncs: int = 0

    def call(self, frame: FrameType, event: str, _arg: object) -> Trace | None:
        """A function is called, or a coroutine goes on."""
        name = self.names.get(id(frame.f_code))
        if name is None or event != "call":
            return None
        frame.f_trace_lines = False
        if name == _SYNC and self.orders.disk:
            return self._syncing()
        if not _goes_on(frame):
            self._at(name, "enter")
        return self._left(name)

    def _left(self, name: str) -> Trace:
        def local(frame: FrameType, event: str, _arg: object) -> Trace:
            if event == "return" and _returns(frame):
                self._at(name, "leave")
            return local

        return local

    def _syncing(self) -> Trace:
        self._syncs += 1
        token = f"{os.getpid()}-{self._syncs}"
        self._tell("sync_begins", token)
        self._at(_SYNC, "enter")

        def local(frame: FrameType, event: str, _arg: object) -> Trace:
            if event == "return" and _returns(frame):
                self._tell("sync_ended", token)
                self._at(_SYNC, "leave")
            return local

        return local

    def _tell(self, *words: str) -> None:
        os.setxattr(str(self.orders.disk), ATTRIBUTE, json.dumps(words).encode())

    def _at(self, name: str, when: str) -> None:
        point = f"{when} {name}"
        self.seen[point] = self.seen.get(point, 0) + 1
        if self.orders.reached is not None and self.seen[point] == 1:
            with open(self.orders.reached, "a", encoding="utf-8") as file:
                file.write(point + "\n")
        orders = self.orders
        if (name, when, self.seen[point]) == (orders.kill, orders.when, orders.nth):
            os.kill(os.getpid(), signal.SIGKILL)


def _goes_on(frame: FrameType) -> bool:
    """Whether a coroutine goes on here, having waited: RESUME says so by its argument."""
    return frame.f_code.co_code[frame.f_lasti + 1] != 0


def _returns(frame: FrameType) -> bool:
    return frame.f_code.co_code[frame.f_lasti] in _RETURNS


def code_of(name: str) -> CodeType:
    """The code of the function ``module:qualified.name``."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = inspect.getattr_static(found, part)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, (classmethod, staticmethod)):
        found = found.__func__
    code: CodeType = inspect.unwrap(found).__code__
    return code


def main(orders: Orders, command: Sequence[str]) -> int:
    """Run the command; its exit code."""
    from evidock.__main__ import main as evidock  # noqa: PLC0415  after the trace is set

    wanted = {*orders.watch, _SYNC, *([orders.kill] if orders.kill else [])}
    watcher = Watcher(orders=orders, names={id(code_of(name)): name for name in wanted})
    threading.settrace(watcher.call)
    sys.settrace(watcher.call)
    return evidock(list(command))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main(Orders(**json.loads(sys.argv[1])), sys.argv[2:]))
