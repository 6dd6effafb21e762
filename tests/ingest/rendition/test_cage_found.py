"""Whether this machine has a cage is tried, and tried again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.rendition import cage as cage_module
from ingest.rendition.cage import Cage, CageRule, NoCage, find_cage


@pytest.fixture(scope="module")
def cage() -> Cage:
    found = find_cage(CageRule.REQUIRED)
    if isinstance(found, NoCage):
        pytest.skip(f"the cage was NOT tested: {found.reason}")
    return found


def test_a_cage_in_which_its_tools_do_not_start_is_none(cage: Cage, tmp_path: Path) -> None:
    tool = tmp_path / "ffmpeg"
    tool.write_text("#!/nowhere/sh")
    tool.chmod(0o755)

    found = find_cage(CageRule.REQUIRED, (tool,), ((str(tool), "-version"),))

    assert cage.words
    assert isinstance(found, NoCage)
    assert "does not start" in found.reason


def test_a_tool_that_is_called_by_a_link_starts_in_the_cage(tmp_path: Path) -> None:
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).symlink_to(shutil.which(name) or pytest.skip(f"no {name} here"))
    script = "from ingest.rendition.tools import Tools; print(Tools.find().cage.words)"
    path = f"{tmp_path}:{os.environ['PATH']}"

    said = subprocess.run(
        [sys.executable, "-c", script], env={"PATH": path}, capture_output=True, text=True,
        check=True, cwd=Path(cage_module.__file__).parents[2],
    )  # fmt: skip

    assert said.stdout.startswith("bubblewrap")


def test_a_cage_that_did_not_start_is_tried_again(cage: Cage, tmp_path: Path) -> None:
    tool = tmp_path / "ffmpeg"
    starts = ((str(tool), "-version"),)
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    assert isinstance(find_cage(CageRule.REQUIRED, (tool,), starts), NoCage)

    tool.write_text("#!/bin/sh\nexit 0\n")

    assert find_cage(CageRule.REQUIRED, (tool,), starts) == cage


def test_a_cage_with_one_layer_is_told_and_is_none_where_one_is_required(cage: Cage) -> None:
    bare = replace(cage, program=None)

    found = bare.by_rule(CageRule.REQUIRED)

    assert cage.warning is None
    assert cage.by_rule(CageRule.REQUIRED) == cage
    assert "libseccomp2 is not installed" in (bare.warning or "")
    assert bare.by_rule(CageRule.WHEN_POSSIBLE) == bare
    assert isinstance(found, NoCage)
    assert "libseccomp2 is not installed" in found.warning


def test_calls_that_the_filter_does_not_know_are_named(cage: Cage) -> None:
    old = replace(cage, unknown=("memfd_secret", "mount_setattr"))

    assert old.words.endswith("a filter that does not know memfd_secret, mount_setattr")
