"""A mounted disk that forgets, as tests use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.disk import ATTRIBUTE, Model

ROOT = Path(__file__).parents[2]
_WITHIN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Where a recording may be cut."""

    operations: int
    """A power cut may fall before each of them, or after the last."""
    changes: tuple[int, ...]
    """After so many operations what a power cut leaves is another than before."""
    marks: Mapping[int, str]
    """After so many operations, what happened beside the disk."""
    erased: tuple[int, ...]
    """After so many operations a name of a card was gone."""
    made: tuple[int, ...]
    """After so many operations a folder had just been made."""
    shown: Mapping[int, bytes]
    """After so many operations, a checkpoint that anybody may be shown from now on."""

    def heads(self, after: int) -> list[bytes]:
        """The checkpoints that were shown before a cut."""
        return [note for at, note in self.shown.items() if at <= after]

    def mark_at(self, after: int, prefix: str) -> str | None:
        """The last mark with *prefix* before a cut, without the prefix."""
        found = [text for at, text in self.marks.items() if at <= after and text.startswith(prefix)]
        return found[-1].removeprefix(prefix) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetfulDisk:
    """The disk at *folder*; the verbs are those of :class:`tests.crash.mount.Power`."""

    folder: Path

    def tell(self, verb: str, *arguments: object) -> None:
        os.setxattr(self.folder, ATTRIBUTE, json.dumps([verb, *arguments]).encode())

    def cut(self, after: int, model: Model, seed: int | None = None) -> None:
        """Be what a power cut after so many of the recorded operations leaves."""
        self.tell("cut", after, model, seed)

    def points(self, model: Model, scratch: Path) -> Points:
        file = scratch / "points.json"
        self.tell("points", model, str(file))
        told = json.loads(file.read_text(encoding="utf-8"))
        return Points(
            operations=told["operations"],
            changes=tuple(told["changes"]),
            marks={int(at): text for at, text in told["marks"].items()},
            erased=tuple(told["erased"]),
            made=tuple(told["made"]),
            shown={int(at): text.encode() for at, text in told["shown"].items()},
        )


@contextmanager
def forgetful_disk(folder: Path) -> Iterator[ForgetfulDisk]:
    """A new disk, mounted at *folder*.  Skips where FUSE is missing, but fails on CI."""
    _see_fuse()
    folder.mkdir()
    words = folder.with_suffix(".log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.mount", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=words,
    )
    try:
        _wait_mounted(folder, process)
        yield ForgetfulDisk(folder=folder)
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(folder)], check=False)
        try:
            process.wait(timeout=_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        words.close()


def _wait_mounted(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WITHIN
    while not folder.is_mount():
        assert process.poll() is None, folder.with_suffix(".log").read_text()
        assert time.monotonic() < deadline, "the file system was not mounted in time"
        time.sleep(0.02)


def _see_fuse() -> None:
    if os.path.exists("/dev/fuse") and shutil.which("fusermount3"):
        return
    missing = "needs /dev/fuse and, as root: apt-get install fuse3"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
