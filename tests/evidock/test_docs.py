from __future__ import annotations

from pathlib import Path

from evidence.clip import ClipState
from evidock.docs import attribute_docs, pages, stale


def write_all(docs: Path) -> None:
    for page in pages():
        (docs / page.name).write_text(page.text, encoding="utf-8")


def test_pages_as_printed_are_not_stale(tmp_path: Path) -> None:
    write_all(tmp_path)

    assert stale(tmp_path) == []


def test_a_page_edited_by_hand_is_stale(tmp_path: Path) -> None:
    write_all(tmp_path)
    edited = tmp_path / "exit-codes.md"

    edited.write_text(edited.read_text(encoding="utf-8") + "one more line\n", encoding="utf-8")

    assert stale(tmp_path) == ["exit-codes.md"]


def test_a_missing_page_is_stale(tmp_path: Path) -> None:
    assert stale(tmp_path) == [page.name for page in pages()]


def test_every_state_says_what_is_known() -> None:
    assert attribute_docs(ClipState).keys() == {state.name for state in ClipState}
