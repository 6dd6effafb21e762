from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version as installed
from pathlib import Path

from evidence.version import UNKNOWN, version


def test_it_is_the_version_that_is_installed() -> None:
    assert version() == installed("evidock")


def test_a_checkout_that_is_not_installed_has_one_all_the_same(tmp_path: Path) -> None:
    source = Path(sys.modules[version.__module__].__file__ or "").read_text()
    (tmp_path / "alone.py").write_text(source)
    question = "import sys; sys.path.insert(0, sys.argv[1]); import alone; print(alone.version())"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", question, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == UNKNOWN
