"""What the door would refuse is named in a log that has it all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from evidence.clock import stamp
from evidence.custody import EntryKind, write_entry
from evidence.draw_course import Courses
from evidence.draw_seed import SeedKind, SeedRule
from evidence.drawing import Rules
from evidence.sheet_shelf import template

BEGUN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LATER = BEGUN + timedelta(hours=1)
SHEET = template("scene")
RULES = Rules(
    since="2026-11-01T00:00:00.000Z",
    until="2026-11-28T00:00:00.000Z",
    size=3,
    sheet=SHEET.sha256,
    owner="u-0",
    seed=SeedRule.of("public", "lottery/ssq/2026140", LATER),
)
TRUE_ROUND = msgspec.to_builtins(SeedRule.of("drand-quicknet", "34330000", BEGUN))


def courses(rules: object, value: str = "4.9.18", drawn_at: str | None = stamp(LATER)) -> Courses:
    """A whole draw, as a log has it."""
    made, soon = Courses(), LATER + timedelta(minutes=5)
    fields: dict[str, object] = {
        "number": 1,
        "rules": rules,
        "deadline": stamp(LATER + timedelta(days=3)),
        "commitments": {},
    }
    told: list[tuple[EntryKind, datetime, str, dict[str, Any]]] = [
        (EntryKind.DRAW_COMMITTED, BEGUN, "u-1", fields),
        (EntryKind.DRAW_SEEDED, soon, "u-1", {"value": value}),
        (EntryKind.DRAW_DONE, soon, "u-2", {"sample": 0, "drawn_at": drawn_at}),
    ]
    for seq, (kind, at, by, more) in enumerate(told):
        made.hear(seq, write_entry(kind, at=at, by=by, clip=None, draw="d-1", **more).raw)
    return made


def problems(rules: object, value: str = "4.9.18", drawn_at: str | None = stamp(LATER)) -> str:
    return "\n".join(problem for _, problem in courses(rules, value, drawn_at).of_each())


def test_a_true_draw_has_no_problems() -> None:
    told = msgspec.to_builtins(RULES)

    assert problems(told) == ""
    assert list(courses(told).draws["d-1"].questions(SHEET.text)) == []


@pytest.mark.parametrize(
    ("forged", "named"),
    [
        ({"seed": TRUE_ROUND | {"due": "2030-01-01T00:00:00.000Z"}}, "was not due at"),
        ({"seed": {"kind": "drand-quicknet", "which": "1000", "due": "x"}}, "x"),
        ({"until": "2030-01-01T00:00:00.000Z"}, "its days are not over"),
        ({"since": "2026-11-01"}, "its days"),
        ({"size": 0}, "of 1 to 1000"),
        ({"size": 1001}, "of 1 to 1000"),
        ({"recheck": 300}, "looked at twice"),
        ({"per": "camera"}, "per all or station"),
        ({"sheet": "scene"}, "SHA-256"),
    ],
)
def test_rules_that_no_door_lets_in_are_named(forged: dict[str, object], named: str) -> None:
    assert named in problems(msgspec.to_builtins(RULES) | forged)


def test_rules_of_another_sheet_are_named() -> None:
    rules = msgspec.to_builtins(RULES) | {"sheet": "00" * 32}

    (problem,) = courses(rules).draws["d-1"].questions(SHEET.text)

    assert "its sheet is another" in problem


@pytest.mark.parametrize(
    ("drawn_at", "named"),
    [
        (None, "nobody said when"),
        ("2019-07-04T13:15:00.000Z", "before what is drawn from was committed to"),
        (stamp(BEGUN), "before what is drawn from was committed to"),
        ("2026-11-28T13:06:00.000Z", "after its value was entered"),
        ("2026-11-28 13:00", "no moment"),
    ],
)
def test_an_issue_of_another_time_is_named(drawn_at: str | None, named: str) -> None:
    assert named in problems(msgspec.to_builtins(RULES), drawn_at=drawn_at)


@pytest.mark.parametrize("value", ["04.9.18", "4-9-18", "4 9 18", "AB.CD", "4..9"])
def test_a_value_in_another_spelling_is_named(value: str) -> None:
    assert "value" in problems(msgspec.to_builtins(RULES), value)


@pytest.mark.parametrize("told", ["04 09 18", "4, 9, 18", "4-9-18\n", "4.9.18", "004/9;18"])
def test_the_same_numbers_have_one_spelling(told: str) -> None:
    assert RULES.seed.value(told) == "4.9.18"


def test_a_hex_signature_has_one_spelling_and_letters_are_no_numbers() -> None:
    seed = SeedRule.of(SeedKind.DRAND, "34330000", BEGUN)
    rules = msgspec.to_builtins(RULES) | {"seed": TRUE_ROUND}

    assert seed.value("AB" * 48) == "ab" * 48
    assert "is not written as it must be" in problems(rules, "AB" * 48, None)
    with pytest.raises(ValueError, match="write the numbers"):
        RULES.seed.value("ab.cd.ef")


def test_a_gap_before_a_draw_is_named() -> None:
    made = Courses()
    fields = {"number": 3, "rules": msgspec.to_builtins(RULES), "deadline": "x", "commitments": {}}
    made.hear(
        7,
        write_entry(EntryKind.DRAW_COMMITTED, at=BEGUN, by="u", clip=None, draw="d", **fields).raw,
    )

    assert ("d", "is number 3, and the 1. in the log") in list(made.of_each())
