"""``evidock export`` as its owner runs it, and as it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.export.bag import PART
from evidence.package import Statement
from tests.e2e.command import EVIDOCK, ROOT, demo, evidock, up

pytestmark = pytest.mark.slow

LARGE = 200_000_000
FEW = ("--all", "--reason", "handed to the court")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a large original and a small one."""
    folder = tmp_path_factory.mktemp("export")
    card = folder / "cards" / "cam-1"
    card.mkdir(parents=True)
    card.joinpath("a.txt").write_text("footage", encoding="utf-8")
    with card.joinpath("large.bin").open("wb") as stream:
        stream.truncate(LARGE)
    assert demo(folder / "home", card.parent).code == 0
    return folder / "home"


def whole(package: Path) -> bool:
    """Whether ``sha256sum`` finds every file as it is listed."""
    lists = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
    codes = [
        subprocess.run(["sha256sum", "-c", "--quiet", name], cwd=package, check=False).returncode
        for name in lists
    ]
    return codes == [0, 0] and package.joinpath("bagit.txt").exists()


def test_a_home_is_exported_at_rest_and_running(home: Path, tmp_path: Path) -> None:
    at_rest = evidock("export", "--home", home, *FEW, tmp_path / "rest", "--json")
    with up(home):
        running = evidock("export", "--home", home, *FEW, tmp_path / "up.zip", "--json")

    assert (at_rest.code, running.code) == (0, 0), at_rest.stderr + running.stderr
    assert whole(tmp_path / "rest")
    with zipfile.ZipFile(tmp_path / "up.zip") as held:
        held.extractall(tmp_path)
    assert whole(tmp_path / "up")
    statement = Statement.from_bytes((tmp_path / "rest/data/statement.json").read_bytes())
    assert [clip.without for clip in statement.clips] == [None, None]
    assert running.json["entry"] > at_rest.json["entry"]
    assert evidock("fsck", "--home", home).code == 0


def test_what_cannot_be_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    export = ("export", "--home", home)
    day = ("--officer", "1", "--day")

    assert evidock(*export, *FEW, tmp_path / "taken").code == 40
    assert evidock(*export, *FEW, home / "inside").code == 40
    assert evidock(*export, "--clip", "c-no", "--reason", "x", tmp_path / "o").code == 38
    assert evidock(*export, *day, "yesterday", "--reason", "x", tmp_path / "o").code == 40
    assert evidock(*export, "--officer", "1", "--reason", "x", tmp_path / "o").code == 2
    assert evidock(*export, "--clip", "c-no", tmp_path / "o").code == 2
    assert evidock(*export, "--all", "--reason", " ", tmp_path / "o").code == 40
    assert os.listdir(tmp_path) == ["taken"]


def started(home: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*EVIDOCK, "export", "--home", str(home), *FEW, str(out)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def until_bytes_left(process: subprocess.Popen[bytes], part: Path) -> None:
    """Return once some of the large original is written."""

    def written() -> int:
        files = [part] if part.is_file() else part.glob("data/originals/*")
        return max((path.stat().st_size for path in files), default=0)

    while written() < LARGE // 50:
        assert process.poll() is None, "it ended before it could be killed"


@pytest.mark.parametrize("name", ["out", "out.zip"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_export_leaves_nothing_that_looks_whole(
    home: Path, tmp_path: Path, name: str, how: signal.Signals
) -> None:
    part = tmp_path / (name + PART)
    with started(home, tmp_path / name) as process:
        until_bytes_left(process, part)
        process.send_signal(how)
    left = os.listdir(tmp_path)

    assert left == ([part.name] if how is signal.SIGKILL else [])
    assert not (part / "bagit.txt").exists()
    again = evidock("export", "--home", home, *FEW, tmp_path / name)
    assert again.code == 0, again.stderr
    assert os.listdir(tmp_path) == [name]


def test_a_home_that_is_killed_leaves_nothing_that_looks_whole(home: Path, tmp_path: Path) -> None:
    run = [*EVIDOCK, "up", "--home", str(home)]
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline()
        with started(home, tmp_path / "out") as process:
            until_bytes_left(process, tmp_path / ("out" + PART))
            serving.kill()
    assert process.returncode == 24
    assert os.listdir(tmp_path) == ["out" + PART]
    assert evidock("export", "--home", home, *FEW, tmp_path / "out").code == 0
    assert os.listdir(tmp_path) == ["out"]


@pytest.fixture(scope="module")
def bagit(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], int]:
    """The Library of Congress's own tool, in a venv of its own."""
    folder = tmp_path_factory.mktemp("bagit")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = str(folder / "bin" / "pip")
    wanted = [pip, "-q", "install", "bagit", "setuptools<81"]
    got = subprocess.run(wanted, capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.fail(f"bagit cannot be installed here: {got.stderr[-500:]}")

    def validated(package: Path) -> int:
        python = str(folder / "bin" / "python")
        command = [python, "-m", "bagit", "--validate", str(package)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    return validated


def test_the_library_of_congress_finds_the_bag_valid(
    home: Path, tmp_path: Path, bagit: Callable[[Path], int]
) -> None:
    assert evidock("export", "--home", home, *FEW, tmp_path / "out").code == 0
    assert bagit(tmp_path / "out") == 0

    original = next((tmp_path / "out/data/originals").iterdir())
    with original.open("r+b") as stream:
        stream.write(b"!")
    assert bagit(tmp_path / "out") != 0
