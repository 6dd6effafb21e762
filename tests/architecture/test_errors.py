from __future__ import annotations

import ast

from evidence.errors import CameraError, EvidenceError, IntegrityError, SetupError, TemporaryError
from evidock.docs import COMMAND_CODES, all_errors
from tests.architecture.tree import ROOT, modules, parsed, shown

FAMILIES: dict[type[EvidenceError], range] = {
    CameraError: range(10, 20),
    TemporaryError: range(20, 30),
    IntegrityError: range(30, 40),
    SetupError: range(40, 50),
}


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = [error.exit_code for error in all_errors()]

    assert len(codes) == len(set(codes))
    assert set(codes).isdisjoint(COMMAND_CODES)


def test_the_exit_code_tells_the_family() -> None:
    strays = [
        error.__name__
        for family, codes in FAMILIES.items()
        for error in all_errors()
        if issubclass(error, family) != (error.exit_code in codes)
    ]

    assert strays == []


def test_every_error_gives_advice() -> None:
    assert [error for error in all_errors() if not error.default_advice.endswith(".")] == []


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")

    codes = {error.exit_code for error in all_errors()} | COMMAND_CODES.keys()

    assert [code for code in sorted(codes) if f"| {code} |" not in page] == []


def test_error_classes_live_in_one_file() -> None:
    names = {error.__name__ for error in all_errors()}
    elsewhere = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules()
        if shown(path) != "evidence/errors.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and names & {base.id for base in node.bases if isinstance(base, ast.Name)}
    ]

    assert elsewhere == []
