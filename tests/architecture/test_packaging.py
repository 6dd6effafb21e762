from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT, modules, shown


def test_the_installed_top_level_names_are_exactly_ours() -> None:
    installed = (distribution("evidock").read_text("top_level.txt") or "").split()

    assert sorted(installed) == sorted(PACKAGES)


def test_settings_examples_and_tests_cannot_be_imported() -> None:
    question = "import importlib.util as u; print(*map(u.find_spec, ('config', 'tests', 'bench')))"

    answer = subprocess.run(
        [sys.executable, "-I", "-c", question], cwd="/", capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == ["None", "None", "None"]


def test_the_project_carries_its_licence() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence


def test_every_file_of_a_package_travels_in_the_wheel(tmp_path: Path) -> None:
    sources = copied_sources(tmp_path / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(tmp_path), str(tmp_path / "source")]

    subprocess.run(command, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        assert sources - set(package.namelist()) == set()


def copied_sources(target: Path) -> set[str]:
    """Copy what a build needs to *target*; the names of the package files among it."""
    package_files = {
        shown(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in package_files | {"pyproject.toml", "README.md", "LICENSE"}:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes((ROOT / name).read_bytes())
    return package_files


def test_there_is_something_to_look_at() -> None:
    assert len(modules()) > len(PACKAGES)
