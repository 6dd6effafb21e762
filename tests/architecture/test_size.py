from __future__ import annotations

from tests.architecture.tree import functions, modules, shown

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_TEST = 25


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {
        shown(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules() + modules("tests", "bench", "scripts")
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    too_long = [
        f"{shown(path)}:{function.lineno} {function.name} has {lines} lines"
        for path in modules() + modules("bench", "scripts")
        for function, lines in functions(path)
        if lines > LONGEST_FUNCTION and path.parent.name != "versions"  # tables, printed
    ]

    assert too_long == []


def test_no_test_is_longer_than_25_lines() -> None:
    too_long = [
        f"{shown(path)}:{function.lineno} {function.name} has {lines} lines"
        for path in modules("tests")
        for function, lines in functions(path)
        if function.name.startswith("test_") and lines > LONGEST_TEST
    ]

    assert too_long == []
