from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evidence.verification.page import page
from tests.evidence.verification.browser import opened, verify
from tests.packages import casework
from tests.packages.fallen import some_slow, unknown_digest
from tests.packages.forgeries import FORGERIES
from tests.packages.gone import BY_THE_PACK, UNLAWFUL, disposed, written
from tests.packages.house import POLICY, house
from tests.packages.writing import nobodys_day, officer_day, selected, whole
from tests.player.browser import Desk, chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    desk = opened(browser, tmp_path)
    yield desk
    desk.page.context.close()


@pytest.mark.parametrize("write", [whole, selected, officer_day, nobodys_day])
def test_a_genuine_package_is_genuine(desk: Desk, tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    seen = verify(desk, write(house(), tmp_path / "package"), POLICY)

    assert seen.findings == []
    words = "Genuine; not shown to be complete: " if write is selected else "Genuine and complete"
    assert (seen.verdict, seen.said[: len(words)]) == ("genuine", words)
    assert "made 2026-11-27" in desk.page.inner_text("#claim")
    assert desk.complaints == []


@pytest.mark.parametrize(
    ("write", "lacking"),
    [(casework.case, "1 clips"), pytest.param(casework.whole, "", marks=pytest.mark.slow)],
)
def test_a_case_on_file_is_looked_through(
    desk: Desk, tmp_path: Path, write: Callable[[Path], Path], lacking: str
) -> None:
    seen = verify(desk, write(tmp_path / "package"), POLICY)

    assert (seen.verdict, seen.findings, seen.steps[12]) == ("genuine", [], "passed")
    remark = desk.page.inner_text("#steps tr:last-child .why")
    told = "1 documents, 2 versions of dossiers"
    assert remark == told + (
        f"; they name what this package does not hold: {lacking}" if lacking else ""
    )
    assert desk.complaints == []


@pytest.mark.parametrize("name", some_slow(each for each in FORGERIES if "link_" not in each))
def test_a_forged_package_is_named_by_the_step_that_sees_it(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    step, forge = FORGERIES[name]
    forge(tmp_path / "package")

    seen = verify(desk, tmp_path / "package", POLICY)

    assert (seen.verdict, seen.said) == ("false", "Not genuine or not complete")
    assert step in {number for number, _ in seen.findings}
    _, words = UNLAWFUL.get(name, (None, ""))
    assert any(words in said for number, said in seen.findings if number == step)
    assert desk.complaints == []


def test_a_digest_that_the_page_does_not_know_is_said(desk: Desk, tmp_path: Path) -> None:
    seen = verify(desk, unknown_digest(tmp_path / "package"), POLICY)

    assert (seen.verdict, seen.steps[7]) == ("consistent", "not done")
    assert '"sha9\\u001b" (not known here)' in desk.page.inner_text("#steps")


def test_the_anchors_of_a_whole_log_are_checked(desk: Desk, tmp_path: Path) -> None:
    made = house()
    made.anchor(100)
    made.anchor()

    seen = verify(desk, whole(made, tmp_path / "package"), POLICY)

    assert (seen.verdict, seen.findings) == ("genuine", [])
    assert "2 anchors hold" in desk.page.inner_text("#steps")


def test_without_a_policy_nothing_is_genuine(desk: Desk, tmp_path: Path) -> None:
    seen = verify(desk, whole(house(), tmp_path / "package"), None)

    assert (seen.verdict, seen.findings) == ("consistent", [])


def test_the_page_names_no_address() -> None:
    assert re.findall(rb"(?:https?:|wss?://|//[a-z0-9-]+\.[a-z])[^\s\"']*", page()) == []


def test_a_lawful_disposal_leaves_only_the_law_pack_open(desk: Desk, tmp_path: Path) -> None:
    seen = verify(desk, whole(disposed(), tmp_path / "package"), POLICY)

    assert seen.findings == []
    assert (seen.verdict, seen.steps[9]) == ("consistent", "not done")
    assert desk.complaints == []


@pytest.mark.parametrize("name", BY_THE_PACK)
def test_what_only_the_law_pack_gives_away_is_left_open(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    seen = verify(desk, written(name, tmp_path / "package"), POLICY)

    assert (seen.verdict, seen.steps[9]) == ("consistent", "not done")
