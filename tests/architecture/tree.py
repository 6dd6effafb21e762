"""The project's own tree, as the architecture tests look at it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

PACKAGES: Final = (
    "archive",
    "evidence",
    "evidock",
    "firmware_profiles",
    "law_packs",
    "review_sheets",
    "ingest",
    "player",
    "station",
)
"""Every top-level name the product installs."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> list[Path]:
    """The Python files under *folders* of the project; without, those of every package."""
    return sorted(path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    """*path* as a reader of the project names it."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of *path*."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[tuple[Function, int]]:
    """Every function in *path*, nested ones too, with its length in lines from def to end."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function) and node.end_lineno is not None:
            yield node, node.end_lineno - node.lineno + 1
