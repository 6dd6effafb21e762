"""Without a camera: simulated ones, whose cables are pulled out, and a run that is killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import EVIDOCK, ROOT, evidock, up

pytestmark = pytest.mark.slow


def simulate(home: Path, *arguments: str | Path) -> Any:
    done = evidock("simulate", "--home", home, "--json", *arguments)
    assert done.code == 0, done.stderr
    assert "no evidence" in done.stderr
    return done.json["cameras"]


def test_sample_cameras_are_cut_off_gone_on_with_and_archived(tmp_path: Path) -> None:
    home = tmp_path / "home"

    cameras = simulate(home, "--cards", "3", "--yank-at", "60%")

    assert [each["slot"] for each in cameras] == ["usb 1-1", "usb 1-2", "usb 1-3"]
    assert all(each["equal"] == each["files"] == 5 for each in cameras)
    assert all(each["yanked_at"] for each in cameras)
    assert cameras[2]["resumed_at"] >= 1 << 20
    assert not (home / "simulated").exists()
    clips = evidock("clips", "--home", home, "--json").json["clips"]
    assert {clip["state"] for clip in clips} == {"ARCHIVED"}
    assert {clip["vault"]["key"].partition("/")[0] for clip in clips} == {"simulation"}
    assert "evidock.invalid/simulation" in (home / "public" / "policy").read_text()
    with up(home) as ready:
        assert ready["simulated"] is True
    assert evidock("fsck", "--home", home).code == 0


def test_a_run_that_was_killed_is_gone_on_with_by_the_next(tmp_path: Path) -> None:
    home, card = tmp_path / "home", tmp_path / "card"
    card.mkdir()
    (card / "VID_0001.MP4").write_bytes(bytes(range(256)) * 100_000)
    with subprocess.Popen(
        [*EVIDOCK, "simulate", "--home", str(home), "--yank-at", "50%", str(card)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any("was pulled out" in line for line in process.stderr)
        assert evidock("simulate", "--home", home, card).code == 24
        process.kill()

    (camera,) = simulate(home, card)

    assert (camera["equal"], camera["yanked_at"]) == (1, None)
    (clip,) = evidock("clips", "--home", home, "--json").json["clips"]
    assert clip["state"] == "ARCHIVED", json.dumps(clip)
