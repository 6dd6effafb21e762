"""What a hostile child leaves on its tray harms nobody who looks, takes or clears."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed
from ingest.rendition.tray import clear, remove, take, weigh
from tests.ingest.rendition.somebody import SOMEBODY, as_somebody


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that an ordinary user owns and reaches (pytest's own are private)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, SOMEBODY, SOMEBODY)
        yield folder


def test_folders_closed_to_us_are_cleared_all_the_same(shared: Path) -> None:
    def play() -> str:
        deep = shared / "tray" / "a" / "b"
        deep.mkdir(parents=True)
        (deep / "file").write_bytes(b"x")
        (deep.parent / "link").symlink_to("/etc")
        for folder in (deep, deep.parent, deep.parent.parent):
            folder.chmod(0)
        clear(shared / "tray")
        assert os.listdir(shared / "tray") == []
        remove(shared / "tray")
        return "done"

    assert as_somebody(play) == "done"
    assert os.listdir(shared) == []


def test_a_closed_tray_is_a_failure_of_the_rendition_and_open_again(shared: Path) -> None:
    def play() -> str:
        tray = shared / "tray"
        tray.mkdir()
        tray.chmod(0)
        with pytest.raises(RenditionFailed, match="closed its folder"):
            weigh(tray)
        return str(weigh(tray).names)

    assert as_somebody(play) == "0"


def test_what_is_taken_is_ours_and_no_longer_on_the_tray(tmp_path: Path) -> None:
    (tray := tmp_path / "tray").mkdir()
    (tray / "made").write_bytes(b"pictures")
    (tray / "made").chmod(0)

    taken = take(tray, "made", tmp_path)

    assert taken.read_bytes() == b"pictures"
    assert taken.stat().st_uid == os.geteuid()
    assert os.listdir(tray) == []


@pytest.mark.parametrize(
    "place", [lambda path: path.symlink_to("/etc/passwd"), os.mkfifo, os.mkdir]
)
def test_what_is_no_file_is_not_taken(place: Callable[[Path], None], tmp_path: Path) -> None:
    (tray := tmp_path / "tray").mkdir()
    place(tray / "made")

    with pytest.raises(RenditionFailed, match="made"):
        take(tray, "made", tmp_path)


def test_what_was_not_made_cannot_be_taken(tmp_path: Path) -> None:
    (tray := tmp_path / "tray").mkdir()

    with pytest.raises(RenditionFailed, match="made no made"):
        take(tray, "made", tmp_path)


def test_the_deepest_tree_is_removed(shared: Path) -> None:
    """1,500 folders are more than our stack holds, and their path longer than PATH_MAX."""

    def play() -> str:
        (tray := shared / "tray").mkdir()
        home = os.getcwd()
        os.chdir(tray)
        for _ in range(1500):
            os.mkdir("deep", 0o700)
            os.chdir("deep")
            Path("file").write_bytes(b"x")
        os.chdir(home)
        (tray / "deep").chmod(0)
        remove(tray)
        return str(os.listdir(shared))

    assert as_somebody(play) == "[]"
