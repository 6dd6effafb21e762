"""A process that has imported the product once, and lets a child of its own run each command.

A child is forked before anything was started in it, so it is what ``python -m evidock`` would be
after its imports, which take longer than most of what is run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash import launch
from tests.crash.launch import Orders

ROOT = Path(__file__).parents[2]
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended."""

    code: int
    """Its exit code; that of a signal is negative."""
    said: str
    """All it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nursery:
    """Where commands are run."""

    process: subprocess.Popen[str]
    said: Path

    def run(self, orders: Orders, environment: Mapping[str, str], *command: str) -> Ended:
        """Run ``evidock COMMAND…`` as *orders* say, to its end; *environment* comes on top."""
        line = json.dumps([orders.text, command, dict(environment), str(self.said)])
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return Ended(code=code, said=self.said.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def nursery(said: Path) -> Iterator[Nursery]:
    """A nursery whose children print to the file *said*, each from its beginning."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Nursery(process=process, said=said)
        finally:
            process.kill()


def _child(orders: str, command: Sequence[str], environment: Mapping[str, str], said: str) -> int:
    """In the child: be the command."""
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.environ.update(environment)
    return launch.main(Orders(**json.loads(orders)), command)


def _serve() -> None:
    import evidock.__main__  # noqa: F401, PLC0415  what every child needs
    import station.service  # noqa: F401, PLC0415

    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 70
            try:
                code = _child(*json.loads(line))
                sys.stdout.flush()
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
