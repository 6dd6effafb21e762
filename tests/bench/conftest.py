"""Benchmarks as people run them: another process, its exit code, its last line of stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench import tools
from tests.conftest import COUNTS

ROOT = Path(__file__).parents[2]

Needs = Callable[..., None]
"""needs("nginx"): skips the test, and says so at the end of the run, where it is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> Any:
        return json.loads(self.stdout.splitlines()[-1])


Bench = Callable[..., Outcome]
"""bench("pull", peers=folder): one small round, with the peers' tools looked for in *folder*."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    def run(name: str, *options: str | Path, peers: Path | None = None) -> Outcome:
        small = ("--rounds", "1", "--megabytes", "1", "--json", "--parent", tmp_path / "scratch")
        ended = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *map(str, [*small, *options])],
            cwd=ROOT,
            env=os.environ | ({tools.PATH_NAME: str(peers)} if peers else {}),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Outcome(code=ended.returncode, stdout=ended.stdout, stderr=ended.stderr)

    return run


@pytest.fixture
def needs(pytestconfig: pytest.Config) -> Needs:
    def look(*names: str) -> None:
        try:
            for name in names:
                tools.tool(name)
        except tools.MissingTool as error:
            if "CI" in os.environ:
                raise
            line = f"A BENCHMARK WAS NOT TRIED: {error}"
            if line not in pytestconfig.stash[COUNTS]:
                pytestconfig.stash[COUNTS].append(line)
            pytest.skip(str(error))

    return look


@pytest.fixture
def peers(tmp_path: Path) -> Callable[..., Path]:
    """peers("cp", sha256sum="echo no"): a folder with real tools, and scripts in others' place."""

    def make(*real: str, **scripts: str) -> Path:
        folder = tmp_path / "peers"
        folder.mkdir()
        for name in real:
            (folder / name).symlink_to(tools.tool(name))
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            (folder / name).chmod(0o755)
        return folder

    return make
