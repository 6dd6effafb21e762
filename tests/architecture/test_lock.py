from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement

from tests.architecture.tree import ROOT

LOCK = (ROOT / "requirements" / "dev.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", LOCK, flags=re.MULTILINE))


def test_the_lock_names_no_address() -> None:
    lines = [line for line in LOCK.splitlines() if re.search(r"://|file:|--(extra-)?index", line)]

    assert lines == []


def test_every_locked_package_has_a_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", LOCK, flags=re.MULTILINE)[1:]

    bare = [block.split("\n", 1)[0] for block in blocks if "--hash=sha256:" not in block]

    assert len(blocks) == len(PINS)
    assert bare == []


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]

    unmet = [
        text
        for text, needed in ((text, Requirement(text)) for text in wanted)
        if needed.name not in PINS or PINS[needed.name] not in needed.specifier
    ]

    assert unmet == []
