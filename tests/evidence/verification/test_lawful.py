"""What a tombstone rests on is worked out anew, from the log and the law's files alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.verification.verdict import Outcome, Step, Verdict
from tests.evidence.verification.test_forgeries import judged
from tests.packages import gone
from tests.packages.gone import End, Shorter, disposed
from tests.packages.house import House
from tests.packages.writing import selected, whole

ALL = gone.UNLAWFUL | gone.BY_THE_PACK


@pytest.mark.parametrize("write", [whole, lambda made, at: selected(made, at, [0])])
def test_what_was_lawful_is_genuine(tmp_path: Path, write: Callable[[House, Path], Path]) -> None:
    report = judged(write(disposed(), tmp_path / "package"))

    assert report.findings == []
    assert report.verdict is Verdict.GENUINE


@pytest.mark.parametrize("is_list", [True, False])
def test_a_date_that_two_made_shorter_is_lawful(tmp_path: Path, is_list: bool) -> None:  # noqa: FBT001
    made = disposed(End(shorter=Shorter(is_list=is_list)))

    for package in (whole(made, tmp_path / "all"), selected(made, tmp_path / "some", [0])):
        report = judged(package)
        assert (report.findings, report.verdict) == ([], Verdict.GENUINE)


def test_a_lawful_order_needs_no_date(tmp_path: Path) -> None:
    ordered = {"reason": "ab" * 32, "authority": "cd" * 32}
    end = End(act="destroy", commitments=ordered, noticed=None, classified=None)

    report = judged(whole(disposed(end), tmp_path / "package"))

    assert report.findings == []
    assert report.verdict is Verdict.GENUINE


@pytest.mark.parametrize("name", ALL)
def test_what_was_not_is_named(tmp_path: Path, name: str) -> None:
    report = judged(gone.written(name, tmp_path / "package"))

    problems = [each.problem for each in report.findings if each.step is Step.KEEPING]
    assert report.verdict is Verdict.FALSE
    assert any(ALL[name][1] in each for each in problems), problems


@pytest.mark.parametrize(
    ("write", "problem"),
    [
        (gone.without_its_law, "the file of uk-met/1"),
        (gone.another_law, "has SHA-256"),
    ],
)
def test_the_law_must_be_there_and_the_one_that_was_published(
    tmp_path: Path, write: Callable[[Path], Path], problem: str
) -> None:
    report = judged(write(tmp_path / "package"))

    found = [each.problem for each in report.findings if each.step is Step.KEEPING]
    assert any(problem in each for each in found), found
    assert report.steps[Step.KEEPING - 1].outcome is Outcome.FAILED
