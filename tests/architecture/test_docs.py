from __future__ import annotations

import re

from evidock.docs import stale
from tests.architecture.tree import ROOT

DECISIONS = ROOT / "docs" / "decisions"
HEADINGS = [
    "Status",
    "Question",
    "What forces it",
    "Choice",
    "What we give up",
    "How we would notice we were wrong",
]


def decisions() -> list[str]:
    """File names of the decisions, in their order."""
    return sorted(path.name for path in DECISIONS.glob("[0-9][0-9][0-9][0-9]-*.md"))


def test_printed_pages_are_fresh() -> None:
    assert stale(ROOT / "docs") == [], "run: make docs"


def test_the_index_lists_exactly_the_decisions_there_are() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", index) == decisions()


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(name[:4]) for name in decisions()]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_has_the_same_headings() -> None:
    found = {
        name: re.findall(r"^## (.+)$", (DECISIONS / name).read_text("utf-8"), flags=re.MULTILINE)
        for name in [*decisions(), "template.md"]
    }

    assert {name: headings for name, headings in found.items() if headings != HEADINGS} == {}


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
