from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Outcome, Report, Step, Verdict
from tests.packages.forgeries import FORGERIES, unknown_digest
from tests.packages.house import NOON, POLICY, House, house
from tests.packages.writing import nobodys_day, officer_day, selected, whole

Write = Callable[[House, Path], Path]
BROUGHT = Brought(policy=POLICY.encode(), now=NOON + timedelta(days=1))


def judged(folder: Path, brought: Brought = BROUGHT) -> Report:
    return judge_package(Folder(folder), brought, lambda *_: None)


@pytest.mark.parametrize("write", [whole, selected, officer_day, nobodys_day])
def test_a_genuine_package_is_genuine(tmp_path: Path, write: Write) -> None:
    report = judged(write(house(), tmp_path / "package"))

    assert report.findings == []
    assert report.verdict is Verdict.GENUINE


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_package_is_named_by_the_step_that_sees_it(tmp_path: Path, name: str) -> None:
    step, forge = FORGERIES[name]
    forge(tmp_path / "package")

    report = judged(tmp_path / "package")

    assert report.verdict is Verdict.FALSE
    assert step in {found.step for found in report.findings}


def test_without_sm3_on_the_readers_machine_the_steps_stay_open(tmp_path: Path) -> None:
    report = judged(selected(house(), tmp_path / "package"), replace(BROUGHT, sm3=None))

    assert (report.verdict, report.findings) == (Verdict.CONSISTENT, [])
    open_ = {each.step: each.why for each in report.steps if each.outcome is Outcome.NOT_DONE}
    assert list(open_) == [Step.OPENINGS, Step.ORIGINALS]
    assert all("SM3 (no library on this machine has it)" in why for why in open_.values())


def test_a_digest_that_nobody_here_knows_is_said_and_leaves_its_step_open(tmp_path: Path) -> None:
    report = judged(unknown_digest(tmp_path / "package"))

    (step,) = [each for each in report.steps if each.outcome is Outcome.NOT_DONE]
    assert (report.verdict, step.step) == (Verdict.CONSISTENT, Step.ORIGINALS)
    assert step.why.endswith("not checked: 'sha9\\x1b' (not known here)")
