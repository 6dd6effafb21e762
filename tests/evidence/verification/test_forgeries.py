from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Verdict
from tests.packages.forgeries import FORGERIES
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
