"""A medium that fails at chosen pieces: all others are taken, and none is asked for in vain."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from station.disk.medium import Medium
from station.disk.rescue import BLOCK, PIECE, Rescue, clear_unfinished
from station.disk.rescue_map import Fate, RescueMap
from tests.station.disk.failing import Failing


def never() -> bool:
    return False


def some_pieces(chance: random.Random, number: int) -> set[int]:
    """Bad pieces of *number*: some here and there, and some beside one another."""
    first = chance.randrange(number)
    beside = range(first, min(number, first + chance.choice((0, 3, 700))))
    return {*beside, *(chance.randrange(number) for _ in range(chance.choice((0, 1, 5, 60))))}


@pytest.mark.parametrize("seed", range(6))
def test_all_but_the_bad_pieces_is_in_the_image(tmp_path: Path, seed: int) -> None:
    chance, disk = random.Random(seed), tmp_path / "disk"
    data = chance.randbytes(9 * BLOCK) + bytes(3 * BLOCK) + chance.randbytes(5 * PIECE + 512)
    disk.write_bytes(data)
    bad = some_pieces(chance, len(data) // PIECE + 1)
    failing = Failing(path=disk, bad=bad)

    with closing(Medium(disk, access=failing.access)) as medium:
        rescue = Rescue(medium=medium, image=tmp_path / "card.img")
        assert rescue.run(never)

    lost = bytearray(data)
    for piece in bad:
        lost[piece * PIECE : (piece + 1) * PIECE] = bytes(len(data[piece * PIECE :][:PIECE]))
    assert (tmp_path / "card.img").read_bytes() == bytes(lost)
    missing = rescue.map.missing(0, len(data))
    assert {at // PIECE for start, end in missing for at in range(start, end, PIECE)} == bad
    assert rescue.map.count(Fate.READ) + rescue.map.count(Fate.LOST) == len(data)
    assert max(failing.asked.values(), default=0) <= 3


def test_it_goes_on_where_the_time_was_up(tmp_path: Path) -> None:
    disk, data = tmp_path / "disk", random.Random(1).randbytes(6 * BLOCK)
    disk.write_bytes(data)
    failing = Failing(path=disk, bad={300, 301, 302})
    with closing(Medium(disk, access=failing.access)) as medium:
        rescue, slices = Rescue(medium=medium, image=tmp_path / "card.img"), 0
        while True:
            ticks: Iterator[bool] = iter([False, True])
            done = rescue.run(lambda: next(ticks))  # noqa: B023  called at once
            slices += 1
            assert rescue.map_file.read_text() == rescue.map.text()
            if done:
                break

    assert slices > 6
    assert rescue.map.missing(0, len(data)) == [(300 * PIECE, 303 * PIECE)]


def test_an_image_that_a_crash_cut_short_is_cleared(tmp_path: Path) -> None:
    disk, images = tmp_path / "disk", tmp_path / "images"
    disk.write_bytes(random.Random(2).randbytes(4 * BLOCK))
    images.mkdir()
    failing = Failing(path=disk, bad={7})
    with closing(Medium(disk, access=failing.access)) as medium:
        assert Rescue(medium=medium, image=images / "whole.img").run(never)
        assert not Rescue(medium=medium, image=images / "begun.img").run(lambda: True)
        Rescue(medium=medium, image=images / "bare.img")

    clear_unfinished(images)

    assert sorted(path.name for path in images.iterdir()) == ["whole.img", "whole.img.map"]


def test_the_map_is_one_of_gnu_ddrescues(tmp_path: Path) -> None:
    tool = shutil.which("ddrescuelog")
    if tool is None:
        pytest.skip("ddrescuelog is missing; as root: apt-get install gddrescue")
    told = RescueMap(1 << 20)
    told.mark(0, 1 << 19, Fate.READ)
    told.mark(4096, 8192, Fate.LOST)
    told.mark(1 << 19, (1 << 19) + 4096, Fate.UNTRIMMED)
    (tmp_path / "x.map").write_text(told.text())

    argv = (tool, "-t", "x.map")
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)

    said = " ".join(done.stdout.split())
    assert "rescued: 520192 B" in said, done.stdout + done.stderr
    assert "bad-sector: 4096 B" in said


@pytest.mark.parametrize("seed", range(20))
def test_a_map_tells_what_was_marked(seed: int) -> None:
    chance, size = random.Random(seed), 200
    told, plain = RescueMap(size), [Fate.UNTRIED] * size
    for _ in range(60):
        start = chance.randrange(size)
        end, fate = chance.randrange(start + 1, size + 1), chance.choice(list(Fate))
        told.mark(start, end, fate)
        plain[start:end] = [fate] * (end - start)

    pieces = list(told.pieces())
    assert [fate for start, end, fate in pieces for _ in range(start, end)] == plain
    assert all(before[2] is not after[2] for before, after in pairwise(pieces))
    missing = {at for start, end in told.missing(50, 150) for at in range(start, end)}
    assert missing == {at for at in range(50, 150) if plain[at] is not Fate.READ}
    for fate in Fate:
        found = told.first(fate, 70)
        wanted = next((at for at in range(70, size) if plain[at] is fate), None)
        assert (found and found[0]) == wanted
