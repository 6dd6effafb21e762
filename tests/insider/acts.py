"""Marks each test of an insider's act with its number in ``docs/insider-acts.md``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "insider-acts.md"
TestT = TypeVar("TestT", bound=Callable[..., object])


def act(number: str) -> Callable[[TestT], TestT]:
    """Says that the test does the act *number*, and shows what names it."""
    assert re.fullmatch(r"I-\d\d", number), number
    return lambda test: test


def scripted() -> list[str]:
    """The numbers of all tests here."""
    folder = Path(__file__).parent
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("test_*.py"))]
    pattern = re.compile(r'^@act\("(I-\d\d)"\)$', re.MULTILINE)
    return [number for text in texts for number in pattern.findall(text)]


def printed() -> list[str]:
    """The numbers of all rows of the page."""
    return re.findall(r"^\| (I-\d\d) \|", PAGE.read_text("utf-8"), re.MULTILINE)
