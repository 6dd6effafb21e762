"""The script that ``docs/verify-without-us.md`` prints, run as it is printed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from evidence.note import FileSigner
from tests.packages.forgeries import FORGERIES
from tests.packages.house import BAR, COURT, LOG, ORIGIN, OTHER_LOG, house
from tests.packages.writing import bagged, officer_day, put, selected

PAGE = Path(__file__).parents[3] / "docs" / "verify-without-us.md"
MOST_LINES = 40
KEYS = (str(LOG.key), str(COURT.key), str(BAR.key))
FORGED = [
    "flipped_original_and_nothing_else",
    "flipped_original",
    "another_officer",
    "flipped_rendition",
    "changed_entry",
    "flipped_receipt_path",
    "wrong_log_key",
    "missing_cosignature",
    "added_file",
    "statement_of_another_package",
    "receipts_under_an_older_checkpoint",
    "link_to_a_file_outside",
]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script that the page prints."""
    found = re.search(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    path = tmp_path / "check-package"
    path.write_text(found[1], encoding="utf-8")
    return path


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
