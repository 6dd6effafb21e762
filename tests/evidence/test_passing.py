"""A file that is read once is read whole, whatever the page cache keeps of it."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from evidence.digest import BLOCK
from evidence.passing import WINDOW, Passing, blocks_once

DATA = random.Random(5).randbytes(2 * WINDOW + 4321)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (held := tmp_path / "clip").write_bytes(DATA)
    return held


@pytest.mark.parametrize(
    ("start", "size", "end"),
    [
        (0, None, len(DATA)),
        (0, 0, 0),
        (7, 3 * BLOCK, 7 + 3 * BLOCK),
        (WINDOW - 1, WINDOW + 2, 2 * WINDOW + 1),
        (len(DATA) - 5, 99, len(DATA)),
    ],
)
def test_a_stretch_comes_whole_and_no_further(
    file: Path, start: int, size: int | None, end: int
) -> None:
    with file.open("rb", buffering=0) as stream:
        stream.seek(start)
        assert b"".join(blocks_once(stream, size)) == DATA[start:end]


def test_what_has_passed_may_be_read_again(file: Path) -> None:
    with file.open("rb", buffering=0) as stream:
        passing = Passing(stream.fileno())
        for offset in (0, WINDOW, 2 * WINDOW, 5, WINDOW + 6, 0):
            passing.before(offset)
            assert os.pread(stream.fileno(), 100, offset) == DATA[offset : offset + 100]
