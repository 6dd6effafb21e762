"""Two hundred mutations of true packages and logs: none is accepted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidock.__main__ import main
from tests.packages import writing
from tests.packages.house import POLICY, house
from tests.packages.mutations import mutate

TREES: dict[str, Callable[[Path], Path]] = {
    "whole": lambda folder: writing.whole(house(), folder),
    "selected": lambda folder: writing.selected(house(), folder),
    "officer-day": lambda folder: writing.officer_day(house(), folder),
    "log": lambda folder: writing.log(house(), folder),
}
PROVES_NOTHING = {"timeline.pdf"}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trees")
    (folder / "policy").write_text(POLICY)
    for name, write in TREES.items():
        write(folder / name)
    return folder


def accepts(trees: Path, folder: Path) -> bool:
    return main(["verify", str(folder), "--policy", str(trees / "policy"), "--json"]) != 1


@pytest.mark.parametrize("name", TREES)
def test_it_accepts_what_is_not_mutated(trees: Path, name: str) -> None:
    assert main(["verify", str(trees / name), "--policy", str(trees / "policy")]) == 0


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("first", range(0, 35, 5))
def test_it_accepts_no_mutation(trees: Path, tmp_path: Path, name: str, first: int) -> None:
    accepted = []
    for seed in range(first, first + 5):
        folder = Path(shutil.copytree(trees / name, tmp_path / str(seed)))
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        said = mutate(seed, paths)
        accepted += [said] if accepts(trees, folder) else []

    assert accepted == []


@pytest.mark.parametrize("name", ["whole", "selected", "officer-day"])
@pytest.mark.parametrize("first", range(1000, 1022, 2))
def test_it_accepts_no_mutation_under_a_bag_written_anew(
    trees: Path, tmp_path: Path, name: str, first: int
) -> None:
    accepted = []
    for seed in range(first, first + 2):
        folder = Path(shutil.copytree(trees / name, tmp_path / str(seed)))
        paths = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
        said = mutate(seed, [path for path in paths if path.name not in PROVES_NOTHING])
        accepted += [said] if accepts(trees, writing.bagged(folder)) else []

    assert accepted == []
