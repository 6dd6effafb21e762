from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from evidence.anchoring import KeptAnchor
from evidence.digests import Maker, sm3_maker
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_log, judge_package
from evidence.verification.verdict import Outcome, Report, Step, Verdict
from tests.packages import casework
from tests.packages.fallen import unknown_digest
from tests.packages.forgeries import FORGERIES
from tests.packages.house import NOON, POLICY, House, house
from tests.packages.misfiled import version_behind_one_that_is_lost
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


@pytest.mark.parametrize("write", [casework.case, casework.whole])
def test_a_genuine_package_with_a_case_on_file_is_genuine(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    report = judged(write(tmp_path / "package"))

    assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
    assert report.steps[Step.DOSSIERS - 1].outcome is Outcome.PASSED


def test_a_whole_package_from_before_documents_left_is_what_it_was(tmp_path: Path) -> None:
    """Its statement lists none; the log knows some all the same."""
    made = casework.grown()
    folder = whole(made.house, tmp_path / "package")

    report = judged(folder)

    assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
    assert b"dossiers" not in (folder / "data/statement.json").read_bytes()
    last = report.steps[Step.DOSSIERS - 1]
    assert last.outcome is Outcome.NOT_ASKED
    assert last.why.endswith("; the log knows 1 documents and 2 versions")


def test_what_is_said_to_be_lost_is_a_loss_and_excuses_nothing_else(tmp_path: Path) -> None:
    version_behind_one_that_is_lost(tmp_path / "lost")
    report = judged(tmp_path / "lost")

    assert report.losses == report.findings
    assert report.but_for_losses().verdict is Verdict.GENUINE


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_package_is_named_by_the_step_that_sees_it(tmp_path: Path, name: str) -> None:
    step, forge = FORGERIES[name]
    forge(tmp_path / "package")

    report = judged(tmp_path / "package")

    assert report.verdict is Verdict.FALSE
    assert step in {found.step for found in report.findings}


def test_an_sm3_that_was_taken_later_counts_too(tmp_path: Path) -> None:
    made = house()
    made.digest_later(made.clips[0])
    package = selected(made, tmp_path / "package", [0])

    assert judged(package).verdict is Verdict.GENUINE
    assert judged(package, replace(BROUGHT, sm3=None)).verdict is Verdict.CONSISTENT


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


def test_anchors_in_a_whole_log_are_checked(tmp_path: Path) -> None:
    made = house()
    made.anchor(100)
    last = made.anchor().anchor.size

    report = judged(whole(made, tmp_path / "package"))

    entries = report.steps[Step.ENTRIES - 1]
    assert report.verdict is Verdict.GENUINE
    assert entries.why == f"2 anchors hold, the last over {last} entries"


@pytest.mark.parametrize("is_log", [True, False])
def test_an_anchor_that_was_kept_finds_a_history_that_was_rewritten_with_its_anchors(
    tmp_path: Path,
    is_log: bool,  # noqa: FBT001
) -> None:
    """Whoever can forge everything in the package cannot change what the reader brings."""
    made = house()
    kept = made.anchor()
    brought = replace(BROUGHT, anchor=kept.to_bytes())
    assert judged(whole(made, tmp_path / "true"), brought).verdict is Verdict.GENUINE

    forged = house()
    forged.entries[5] = forged.entries[5].replace(b'"count":1', b'"count":2')
    forged.anchor()
    whole(forged, tmp_path / "forged")
    assert judged(tmp_path / "forged").verdict is Verdict.GENUINE
    folder = tmp_path / "forged" / "data" / "log"
    judge = (lambda f, b: judge_log(Folder(f), b, lambda *_: None)) if is_log else judged
    report = judge(folder if is_log else tmp_path / "forged", brought)

    assert report.verdict is Verdict.FALSE
    assert {each.subject for each in report.findings} == {"the anchor that was brought"}
    assert all("changed since" in each.problem for each in report.findings[::2])


def test_of_a_selection_an_anchor_says_nothing(tmp_path: Path) -> None:
    made = house()
    brought = replace(BROUGHT, anchor=made.anchor().to_bytes())

    report = judged(selected(made, tmp_path / "package"), brought)

    assert (report.verdict, report.findings) == (Verdict.CONSISTENT, [])
    assert "only a whole log" in report.steps[Step.ENTRIES - 1].why


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"origin": "other.example"}, "is of the log other.example"),
        ({"size": 10**6}, "is an older one, or was cut short"),
    ],
)
def test_an_anchor_of_another_log_or_a_longer_one_is_none_of_this(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    made = house()
    kept = made.anchor()
    made_of = KeptAnchor(
        origin=str(change.get("origin", kept.origin)),
        entry=kept.entry,
        anchor=msgspec.structs.replace(kept.anchor, size=change.get("size", kept.anchor.size)),
    )
    brought = replace(BROUGHT, anchor=made_of.to_bytes())

    report = judged(whole(made, tmp_path / "package"), brought)

    assert [problem in each.problem for each in report.findings] == [True]


@pytest.mark.parametrize("sm3", [None, sm3_maker()])
def test_a_root_that_cannot_be_made_here_leaves_the_step_open(
    tmp_path: Path, sm3: Maker | None
) -> None:
    made = house()
    if sm3 is None:
        made.anchor()
    else:
        made.anchor(blake3="00" * 32)

    report = judged(whole(made, tmp_path / "package"), replace(BROUGHT, sm3=sm3))

    assert report.verdict is Verdict.CONSISTENT
    assert "were not checked: " in report.steps[Step.ENTRIES - 1].why
