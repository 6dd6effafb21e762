"""The steps have the same numbers and names in the docs, the terminal and the page."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from evidence.verification.verdict import Step

DOCS = Path(__file__).parents[3] / "docs" / "packages.md"
NAMES = [step.name.lower() for step in Step]
PAGE = files("evidence.verification.page")


def between(text: str, first: str, last: str) -> str:
    return text.split(first, 1)[1].split(last, 1)[0]


def test_the_docs_number_them_as_the_terminal_does() -> None:
    section = between(DOCS.read_text("utf-8"), "## The steps of verification", "\n## ")
    told = re.findall(r"^(\d+)\. \*(\w+)\*: ", section, re.MULTILINE)

    assert told == [(str(step.value), step.name.lower()) for step in Step]


def test_the_page_names_them_alike_in_both_languages() -> None:
    names = between((PAGE / "verdict.js").read_text("utf-8"), "STEPS = [", "]")
    words = between((PAGE / "words.js").read_text("utf-8"), "STEP_WORDS = [", "\n];")
    told = re.findall(r'^  \["(\w+): [^"]+", "([^"：]+)：[^"]+"\],$', words, re.MULTILINE)

    assert re.findall(r'"(\w+)"', names) == NAMES
    assert [name for name, _ in told] == NAMES
    assert len({name for _, name in told}) == len(NAMES)
