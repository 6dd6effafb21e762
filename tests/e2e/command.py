"""The command as a newcomer runs it: another process, its stdout, its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVIDOCK = (sys.executable, "-m", "evidock")
ROOT = Path(__file__).parents[2]
LONGEST = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a finished command said."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def evidock(*arguments: str | Path, said: str = "", **environment: str) -> Outcome:
    """Run ``evidock`` to its end; *said* is what it finds on stdin."""
    ended = subprocess.run(
        [*EVIDOCK, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        input=said,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return Outcome(code=ended.returncode, stdout=ended.stdout, stderr=ended.stderr)


def demo(home: Path, cards: Path, **environment: str) -> Outcome:
    """``evidock demo --once --json`` over the user's own cards."""
    return evidock("demo", "--once", "--json", "--home", home, "--cards", cards, **environment)


@contextmanager
def up(home: Path, *arguments: str | Path) -> Iterator[dict[str, Any]]:
    """``evidock up`` while the block runs: what its first line said."""
    with subprocess.Popen(
        [*EVIDOCK, "up", "--home", str(home), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=60)
    assert code == 0


def spawn_demo(home: Path, cards: Path) -> subprocess.Popen[bytes]:
    """``evidock demo --once`` left running, to be killed."""
    return subprocess.Popen(
        [*EVIDOCK, "demo", "--once", "--json", "--home", str(home), "--cards", str(cards)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
