"""The dossier of a case is one line of versions."""

from __future__ import annotations

import pytest

from evidence.lineage import Lineage, Version

Made = tuple[int, str, str | None, int, bytes | None]


def versions(*made: Made) -> list[Version]:
    return [
        Version(entry=entry, sha256=sha256, previous=previous, number=number, case=case)
        for entry, sha256, previous, number, case in made
    ]


LINE: list[Made] = [(1, "a", None, 1, b"9"), (4, "b", "a", 2, b"9"), (7, "c", "b", 3, b"9")]
OTHER: list[Made] = [(2, "k", None, 1, b"10"), (5, "l", "k", 2, b"10")]


def test_lines_are_walked_one_after_the_other_and_nothing_is_wrong_with_them() -> None:
    made = versions(*LINE, *OTHER)
    lineage = Lineage(reversed(made))

    walked = [(each.sha256, before and before.sha256) for each, before in lineage.walk()]

    assert walked == [("a", None), ("b", "a"), ("c", "b"), ("k", None), ("l", "k")]
    assert [lineage.problems(each) for each in made] == [[]] * 5


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        ((8, "x", None, 1, b"9"), "begins anew what began with entry 1"),
        ((8, "x", None, 2, None), "is version 2, and follows none"),
        ((8, "x", "b", 3, b"9"), "follows a version that another one follows already"),
        ((8, "x", "c", 5, b"9"), "is version 5, and follows version 3"),
        ((8, "x", "c", 4, b"10"), "is of another case than the version of entry 7"),
        ((8, "x", "y", 4, b"9"), "follows a version that is not here"),
        ((8, "c", "b", 3, b"9"), "is the version of entry 7 once more"),
        ((3, "x", "b", 3, b"9"), "follows a version that is not here"),
    ],
)
def test_what_stands_in_no_line_is_named(odd: Made, problem: str) -> None:
    lineage = Lineage(made := versions(*LINE, odd))

    assert problem in lineage.problems(made[-1])
    assert len(list(lineage.walk())) == len(made)


def test_of_which_case_nobody_says_may_follow_any() -> None:
    lineage = Lineage(made := versions(*LINE[:1], (8, "x", "a", 2, None), (9, "y", None, 1, None)))

    assert [lineage.problems(each) for each in made] == [[], [], []]
