"""The object store dies again and again while clips are on their way: nothing is lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.command import evidock, spawn_demo
from tests.e2e.hostile import hostile_cards, make_footage, originals

pytestmark = pytest.mark.slow

DEATHS = 3
PATIENCE = 60.0


def _engine(home: Path) -> int | None:
    """Process id of the store that runs in *home*."""
    for entry in Path("/proc").iterdir():
        try:
            cwd = (entry / "cwd").readlink()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if name == "weed" and home in cwd.parents:
            return int(entry.name)
    return None


def _kill_engine(home: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while (pid := _engine(home)) is None:
        assert time.monotonic() < deadline, "the store never started"
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


def test_a_store_that_dies_thrice_costs_nothing_but_time(tmp_path: Path) -> None:
    home, cards = tmp_path / "home", tmp_path / "cards"
    hostile_cards(cards, make_footage(tmp_path / "footage.mp4"))
    expected = originals(cards)

    running = spawn_demo(home, cards)
    time.sleep(4)
    for _ in range(DEATHS):
        _kill_engine(home)
        time.sleep(3)
    code = running.wait(timeout=240)

    assert code == 4
    listed = evidock("clips", "--home", home, "--json").json["clips"]
    told = {clip["source_path"]: clip["sha256"] for clip in listed if clip["vault"]}
    assert told == {path: file.sha256 for path, file in expected.items()}
