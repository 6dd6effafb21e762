"""The script that ``docs/verify-without-us.md`` prints, run as it is printed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.note import FileSigner
from evidence.package import (
    entry_path,
    manifest_path,
    original_path,
    proof_path,
    rendition_path,
)
from tests.packages import casework
from tests.packages.forgeries import FORGERIES
from tests.packages.gone import disposed
from tests.packages.house import BAR, COURT, LOG, ORIGIN, OTHER_LOG, Footage, house
from tests.packages.writing import bagged, officer_day, put, selected

PAGE = Path(__file__).parents[3] / "docs" / "verify-without-us.md"
MOST_LINES = 40
KEYS = (str(LOG.key), str(COURT.key), str(BAR.key))
FORGED = [
    "flipped_original_and_nothing_else",
    "flipped_original",
    "another_officer",
    "flipped_rendition",
    "original_with_another_sm3",
    "changed_entry",
    "flipped_receipt_path",
    "wrong_log_key",
    "missing_cosignature",
    "added_file",
    "statement_of_another_package",
    "receipts_under_an_older_checkpoint",
    "link_to_a_file_outside",
    "forged_document",
    pytest.param("dropped_document", marks=pytest.mark.slow),
    pytest.param("versions_exchanged", marks=pytest.mark.slow),
]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script that the page prints."""
    found = re.search(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    path = tmp_path / "check-package"
    path.write_text(found[1], encoding="utf-8")
    return path


def written_lawfully(folder: Path) -> Path:
    """A package of a clip that was disposed of, with the law that it went by."""
    return selected(disposed(), folder, [0])


def check(script: Path, package: Path, keys: tuple[str, ...] = KEYS) -> tuple[int, str]:
    command = ["bash", str(script), str(package), *keys]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_it_has_at_most_40_lines(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("numbers", [(0,), (0, 3), (1, 2, 5)])
def test_a_genuine_package_is_told(tmp_path: Path, script: Path, numbers: tuple[int, ...]) -> None:
    made = house(others=20)

    code, said = check(script, selected(made, tmp_path / "package", numbers))

    size = len(made.entries)
    assert code == 0
    assert said.endswith(
        f"This package is what was taken out of the log {ORIGIN} at {size} entries.\n"
    )


def test_an_officers_day_is_told(tmp_path: Path, script: Path) -> None:
    assert check(script, officer_day(house(others=20), tmp_path / "package"))[0] == 0


@pytest.mark.parametrize("write", [casework.case, written_lawfully])
def test_a_case_on_file_and_a_disposal_are_told(
    tmp_path: Path, script: Path, write: Callable[[Path], Path]
) -> None:
    assert check(script, write(tmp_path / "package"))[0] == 0


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_package_is_told(tmp_path: Path, script: Path, name: str) -> None:
    FORGERIES[name][1](tmp_path / "package")

    code, said = check(script, tmp_path / "package")

    assert code != 0
    assert "This package" not in said


def test_a_dropped_clip_is_told(tmp_path: Path, script: Path) -> None:
    made = house(others=20)
    folder = selected(made, tmp_path / "package")
    for path in folder.joinpath("data").rglob(f"*{made.clips[0].id}*"):
        subprocess.run(["rm", "-r", path], check=True)
    (folder / "data/originals" / f"{made.clips[0].manifest.sha256}.mp4").unlink()

    assert check(script, bagged(folder))[0] != 0


def swap(first: Path, second: Path) -> None:
    one, other = first.read_bytes(), second.read_bytes()
    put(first, other)
    put(second, one)


def _swapped_originals(data: Path, one: Footage, other: Footage) -> None:
    paths = [original_path(each.manifest.sha256, each.ending) for each in (one, other)]
    swap(data / paths[0], data / paths[1])


def _swapped_manifests(data: Path, one: Footage, other: Footage) -> None:
    swap(data / manifest_path(one.id), data / manifest_path(other.id))


def _swapped_renditions(data: Path, one: Footage, other: Footage) -> None:
    paths = [rendition_path(each.id, each.derived, "media.mp4") for each in (one, other)]
    swap(data / paths[0], data / paths[1])


def _swapped_within_a_rendition(data: Path, one: Footage, _: Footage) -> None:
    paths = [rendition_path(one.id, one.derived, name) for name in one.objects]
    swap(data / paths[0], data / paths[1])


def _swapped_entries(data: Path, one: Footage, other: Footage) -> None:
    for path in (entry_path, proof_path):
        swap(data / path(one.archived), data / path(other.archived))


def _added(name: str) -> Callable[[Path, Footage, Footage], None]:
    return lambda data, _one, _other: put(data / name, b"I did it")


SWAPPED: dict[str, Callable[[Path, Footage, Footage], None]] = {
    "originals": _swapped_originals,
    "manifests": _swapped_manifests,
    "renditions": _swapped_renditions,
    "within a rendition": _swapped_within_a_rendition,
    "entries": _swapped_entries,
    "folder of its own": _added("evidence/confession.mp4"),
    "beside data": _added("../confession.mp4"),
    "folder beside data": _added("../more/confession.mp4"),
    "two lines": _added("../data\n./README.txt"),
    "entry": _added("entries/confession.mp4"),
    "entry in a folder": _added("entries/1/2.json"),
    "hidden entry": _added("entries/.1.json"),
    "receipt": _added("entries/1.tlog-proof"),
    "census": _added("completeness/1.json"),
    "document": _added(f"documents/{Sha256.of(b'I did it')}"),
    "opening": _added("openings/1.json"),
    "hidden original": _added("originals/.confession.mp4"),
    "log": _added("log/confession.mp4"),
}


QUICK = {"originals", "entries", "beside data", "two lines", "hidden entry"}


@pytest.mark.parametrize(
    "name",
    [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in SWAPPED],
)
def test_what_is_swapped_or_added_is_told(tmp_path: Path, script: Path, name: str) -> None:
    """By somebody without any key, who wrote the lists of the bag anew."""
    made = house(others=20)
    folder = selected(made, tmp_path / "package")
    SWAPPED[name](folder / "data", made.clips[0], made.clips[3])

    code, said = check(script, bagged(folder))

    assert code != 0
    assert "This package" not in said


def test_a_rendition_of_another_entry_is_told(tmp_path: Path, script: Path) -> None:
    """An earlier rendition of the clip in place of the one that is listed."""
    made = house(others=20)
    clip = made.clips[0]
    objects = {"media.mp4": {"sha256": Sha256.of(b"older").hex}}
    made.record(EntryKind.RENDITION_MADE, made.stations[0].id, clip.id, objects=objects)
    folder = selected(made, tmp_path / "package")
    assert check(script, folder)[0] == 0
    put(folder / "data" / rendition_path(clip.id, clip.derived, "media.mp4"), b"older")

    assert check(script, bagged(folder))[0] != 0


@pytest.mark.parametrize("key", [str(OTHER_LOG.key), str(FileSigner("other", LOG.private).key)])
def test_another_key_is_told(tmp_path: Path, script: Path, key: str) -> None:
    folder = selected(house(others=20), tmp_path / "package")

    assert check(script, folder, (key, *KEYS[1:]))[0] != 0


def test_it_runs_nothing_that_a_package_holds(tmp_path: Path, script: Path) -> None:
    folder = selected(house(others=20), tmp_path / "package")
    planted = f"index a[$(touch {tmp_path}/planted)]".encode()
    for path in folder.joinpath("data/entries").glob("*.tlog-proof"):
        put(path, re.sub(rb"index [0-9]+", lambda _: planted, path.read_bytes()))
    size = f"a[$(touch {tmp_path}/planted)]".encode()
    note = (folder / "data/log/checkpoint").read_bytes().split(b"\n")
    put(folder / "data/log/checkpoint", b"\n".join([note[0], size, *note[2:]]))

    assert check(script, bagged(folder))[0] != 0
    assert not (tmp_path / "planted").exists()
