from __future__ import annotations

import re

from tests.architecture.tree import modules, shown

MOCKS = re.compile(r"unittest[.]mock|MagicMock|monkeypatch[.](setattr|setitem|delattr)")


def test_nothing_of_ours_is_mocked() -> None:
    mocked = [
        f"{shown(path)}:{number}"
        for path in modules("tests")
        if path.name != "test_fakes.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MOCKS.search(line)
    ]

    assert mocked == []
