"""A home that runs as ``evidock up`` runs it, in a process of its own, with default settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.process import Process
from bench.rounds import WrongResult
from evidence.receipt import SUFFIX
from evidence.rights import Role

_EVIDOCK = (sys.executable, "-m", "evidock")
_ROOT = Path(__file__).resolve().parents[1]
_ENGINE = "weed"
_LOOK_AGAIN = 0.02
_LONGEST = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """How an outsider reaches the home's store: the peers' way in."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str
    """The one without object lock, so that a peer's uploads can be removed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchHome:
    """A running home, seen from outside."""

    folder: Path
    docks: Path
    process: Process
    """The process of station, archive and player."""
    engine: Process
    """The store's process, a child of it."""
    urls: dict[str, Any]
    """What ``evidock up`` printed when it was ready."""

    @property
    def receipts(self) -> int:
        """How many receipts lie there."""
        return sum(file.suffix == SUFFIX for file in (self.folder / "receipts").iterdir())

    def await_receipts(self, count: int) -> None:
        """Return once *count* receipts lie there, and not a moment later."""
        deadline = time.monotonic() + _LONGEST
        while self.receipts < count:
            if time.monotonic() > deadline:
                raise WrongResult(f"{self.receipts} of {count} receipts after {_LONGEST} s")
            time.sleep(_LOOK_AGAIN)

    def await_rest(self) -> None:
        """Return once nothing is staged any more, so that nobody else is slowed down by us."""
        deadline = time.monotonic() + _LONGEST
        while any((self.folder / "station" / "staging").iterdir()):
            if time.monotonic() > deadline:
                raise WrongResult("copies stay in staging")
            time.sleep(_LOOK_AGAIN)

    def clips(self) -> list[dict[str, Any]]:
        """What the home says of its clips."""
        return list(_asked("clips", self.folder)["clips"])

    def add_person(self, name: str, role: Role) -> dict[str, str]:
        """A new account: its ``name`` and ``password``."""
        told = _asked("person", "add", name, "--role", role.value, "--generate", self.folder)
        return {"name": told["name"], "password": told["password"]}

    def store(self) -> Store:
        """The store's address and the owner's identity there."""
        told = _asked("vault", "credentials", self.folder)
        return Store(
            endpoint=told["endpoint"],
            access_key=told["access_key"],
            secret_key=told["secret_key"],
            region=told["region"],
            bucket=told["buckets"]["derived"],
        )


@contextmanager
def running_home(folder: Path) -> Iterator[BenchHome]:
    """``evidock up`` on a new home below *folder* while the block runs."""
    home, docks = folder / "home", folder / "docks"
    docks.mkdir()
    argv = [*_EVIDOCK, "up", "--home", str(home), "--cards", str(docks)]
    with (
        (folder / "up.log").open("wb") as talk,
        subprocess.Popen(
            argv,
            cwd=_ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=talk,
        ) as up,
    ):
        assert up.stdout is not None
        try:
            first = up.stdout.readline()
            if not first:
                raise WrongResult(f"evidock up did not start: see {folder / 'up.log'}")
            process = Process(up.pid)
            engine = next(child for child in process.children if child.name == _ENGINE)
            yield BenchHome(
                folder=home, docks=docks, process=process, engine=engine, urls=json.loads(first)
            )
        finally:
            up.send_signal(signal.SIGTERM)


def _asked(*words: str | Path) -> Any:
    *verbs, home = words
    argv = [*_EVIDOCK, *verbs, "--home", home, "--json"]
    said = subprocess.run(argv, cwd=_ROOT, env=_environment(), stdout=subprocess.PIPE, check=True)
    return json.loads(said.stdout)


def _environment() -> dict[str, str]:
    """Ours without settings of the product: it runs with its defaults."""
    return {name: text for name, text in os.environ.items() if not name.startswith("EVIDOCK_")}
