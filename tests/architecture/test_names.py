from __future__ import annotations

import ast

from tests.architecture.tree import ROOT, modules, parsed, shown

DRAWERS = {"base", "common", "core", "handler", "helpers", "manager", "misc", "utils"}
"""Names that say nothing.  What has no home lacks a domain word: find it."""


def test_no_module_is_a_drawer() -> None:
    drawers = [shown(path) for path in modules() if DRAWERS & {path.stem, path.parent.name}]

    assert drawers == []


def test_every_folder_with_modules_is_a_package() -> None:
    bare = {shown(path.parent) for path in modules() if not (path.parent / "__init__.py").exists()}

    assert bare == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = [shown(path) for path in modules() if not ast.get_docstring(parsed(path))]

    assert silent == []


def test_every_package_has_its_folder_of_tests_only_under_its_own_name() -> None:
    special = {
        "architecture",
        "conformance",
        "crash",
        "e2e",
        "emulations",
        "engines",
        "faults",
        "golden",
        "insider",
        "packages",
    }
    folders = {
        path.name
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name[0] not in "._"
    }

    strangers = {name for name in folders - special if not (ROOT / name).is_dir()}

    assert strangers == set()
