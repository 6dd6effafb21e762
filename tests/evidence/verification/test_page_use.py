"""The page as people use it: playing, keyboard, both languages, long names, large files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evidence.package import original_path
from tests.evidence.verification.browser import opened, verify
from tests.packages import casework
from tests.packages.forgeries import FORGERIES
from tests.packages.house import OTHER_LOG, POLICY, House, house
from tests.packages.writing import bagged, selected
from tests.player.browser import Desk, chromium
from tests.player.looks import AXE

pytestmark = pytest.mark.browser
PLAYS = "() => document.querySelector('video')?.readyState >= 2"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("footage") / "clip.mp4"
    recipe = "-f lavfi -i testsrc2=size=160x120:rate=10:duration=1 -c:v libx264 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *recipe.split(), str(path)], check=True)
    return path.read_bytes()


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    desk = opened(browser, tmp_path)
    yield desk
    desk.page.context.close()


def first(made: House, folder: Path) -> Path:
    clip = made.clips[0]
    return folder / "data" / original_path(clip.manifest.sha256, clip.ending)


def test_it_plays_what_it_verified(desk: Desk, tmp_path: Path, footage: bytes) -> None:
    verify(desk, selected(house(footage), tmp_path / "package"), POLICY)

    desk.page.click("details:first-of-type summary")
    desk.page.click("details:first-of-type [data-play^=originals]")

    desk.until(PLAYS)
    assert "archive" in desk.page.inner_text("details:first-of-type .timeline")
    assert desk.complaints == []


def test_it_does_not_play_a_file_that_changed_after_the_check(
    desk: Desk, tmp_path: Path, footage: bytes
) -> None:
    made = house(footage)
    verify(desk, selected(made, tmp_path / "package"), POLICY)
    path, before = first(made, tmp_path / "package"), first(made, tmp_path / "package").stat()
    path.write_bytes(footage[:-1] + bytes([footage[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    desk.page.click("details:first-of-type summary")
    desk.page.click("details:first-of-type [data-play^=originals]")
    desk.page.wait_for_selector("details:first-of-type .alert")

    assert desk.page.query_selector("video") is None


def test_a_document_is_saved_under_its_own_name(desk: Desk, tmp_path: Path) -> None:
    verify(desk, casework.case(tmp_path / "package"), POLICY)

    desk.page.click("[data-document] summary")
    with desk.page.expect_download() as saved:
        desk.page.click("[data-save]")

    assert saved.value.suggested_filename == "a.pdf"
    assert Path(saved.value.path()).read_bytes() == casework.PAGE
    said = desk.page.inner_text("[data-document]")
    assert [each for each in ("笔录", "a.pdf", casework.NUMBER) if each not in said] == []
    assert desk.complaints == []


@pytest.mark.slow
def test_a_document_that_changed_after_the_check_is_not_saved(desk: Desk, tmp_path: Path) -> None:
    verify(desk, casework.case(tmp_path / "package"), POLICY)
    (path,) = (tmp_path / "package/data/documents").iterdir()
    before = path.stat()
    path.write_bytes(casework.PAGE[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    desk.page.click("[data-document] summary")
    desk.page.click("[data-save]")

    desk.page.wait_for_selector("[data-document] .alert")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wrong_log_key", "forged_document"])
def test_it_saves_nothing_that_was_not_verified(desk: Desk, tmp_path: Path, name: str) -> None:
    if name == "wrong_log_key":
        casework.packed(casework.grown(), tmp_path / "package", signer=OTHER_LOG)
    else:
        FORGERIES[name][1](tmp_path / "package")
    verify(desk, tmp_path / "package", POLICY)

    assert desk.page.query_selector("[data-save]") is None


@pytest.mark.parametrize("name", ["wrong_log_key", "missing_cosignature", "flipped_original"])
def test_it_plays_nothing_that_was_not_verified(desk: Desk, tmp_path: Path, name: str) -> None:
    FORGERIES[name][1](tmp_path / "package")
    verify(desk, tmp_path / "package", POLICY)

    assert desk.page.query_selector("details:first-of-type [data-play^=originals]") is None


def test_it_plays_nothing_of_a_log_that_is_not_the_one_that_was_signed(
    desk: Desk, tmp_path: Path
) -> None:
    FORGERIES["another_log_under_a_true_checkpoint"][1](tmp_path / "package")
    seen = verify(desk, tmp_path / "package", POLICY)

    assert seen.verdict == "false"
    assert desk.page.query_selector("[data-play]") is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["", "another_officer", "flipped_tile"])
def test_axe_finds_nothing_wrong(
    browser: Browser, tmp_path: Path, language: str, name: str
) -> None:
    desk = opened(browser, tmp_path, language)
    if name:
        FORGERIES[name][1](tmp_path / "package")
        verify(desk, tmp_path / "package", POLICY)
    desk.page.evaluate(AXE)

    told = desk.page.evaluate("() => axe.run()")

    assert desk.page.evaluate("() => document.documentElement.lang") == language
    assert [(each["id"], each["nodes"][0]["html"]) for each in told["violations"]] == []
    desk.page.context.close()


def test_the_language_changes_without_verifying_again(desk: Desk, tmp_path: Path) -> None:
    FORGERIES["flipped_original"][1](tmp_path / "package")
    verify(desk, tmp_path / "package", POLICY)

    desk.page.click("#language")

    assert "不真实或不完整" in desk.page.inner_text("#verdict")
    assert "日志记为" in desk.page.inner_text("#findings")


def test_it_says_in_both_languages_what_was_selected_and_what_is_not_played(
    desk: Desk, tmp_path: Path
) -> None:
    FORGERIES["flipped_original"][1](tmp_path / "package")
    verify(desk, tmp_path / "package", POLICY)
    wanted = {"#claim": "these clips", "[data-clip] .alert": "not shown to be what the log says"}
    for place, words in wanted.items():
        assert words in (desk.page.text_content(place) or "")

    desk.page.click("#language")

    wanted = {
        "#claim": "指定片段；2 个片段；制作于",
        "[data-clip] .alert": "未能证明原件与日志所载一致",
    }
    for place, words in wanted.items():
        assert words in (desk.page.text_content(place) or "")


def test_on_a_phone_nothing_is_cut_and_axe_finds_nothing_wrong(desk: Desk, tmp_path: Path) -> None:
    made = house()
    made.compare(made.clips[0], "derive.compared")
    desk.page.set_viewport_size({"width": 360, "height": 700})
    verify(desk, selected(made, tmp_path / "package"), POLICY)
    for summary in desk.page.query_selector_all("summary"):
        summary.click()
    desk.page.evaluate(AXE)

    told = desk.page.evaluate("() => axe.run()")

    assert [(each["id"], each["nodes"][0]["html"]) for each in told["violations"]] == []
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("change", ["policy", "folder"])
def test_no_verdict_stays_when_what_it_was_of_changes(
    desk: Desk, tmp_path: Path, change: str
) -> None:
    verify(desk, selected(house(), tmp_path / "package"), POLICY)
    assert "package" in desk.page.inner_text("#claim")
    if change == "policy":
        desk.page.fill("#policy-text", "")
    else:
        FORGERIES["flipped_original"][1](tmp_path / "other")
        desk.page.set_input_files("#folder", tmp_path / "other")

    assert desk.page.is_hidden("#result")
    assert desk.page.get_attribute("html", "data-verdict") == "none"


def test_it_is_used_by_keyboard_alone(desk: Desk, tmp_path: Path) -> None:
    package = selected(house(), tmp_path / "package")
    (tmp_path / "policy").write_text(POLICY)
    desk.page.on("filechooser", lambda _: None)  # or they would be caught only now and then
    reached = []
    for _ in range(6):
        desk.page.keyboard.press("Tab")
        script = "() => document.activeElement.id || document.activeElement.dataset.say"
        reached.append(desk.page.evaluate(script))
    desk.page.focus("[data-say=choosePolicy]")
    with desk.page.expect_file_chooser() as choosing:
        desk.page.keyboard.press("Enter")
    choosing.value.set_files(tmp_path / "policy")
    desk.page.focus("[data-say=chooseFolder]")
    with desk.page.expect_file_chooser() as choosing:
        desk.page.keyboard.press("Space")
    choosing.value.set_files(package)
    desk.page.focus("#verify")
    desk.page.keyboard.press("Enter")

    desk.page.wait_for_selector("#verdict.genuine")
    assert {"language", "policy-text", "choosePolicy", "chooseFolder"} <= set(reached)


def test_a_name_is_never_markup(desk: Desk, tmp_path: Path) -> None:
    folder = selected(house(), tmp_path / "package")
    (folder / "data" / "<img src=x onerror=alert(1)>").write_bytes(b"x")
    bagged(folder)

    seen = verify(desk, folder, POLICY)

    assert any("<img src=x" in text for _, text in seen.findings)
    assert desk.page.query_selector("img") is None
    assert desk.complaints == []


@pytest.mark.slow
def test_a_file_larger_than_memory_is_read_in_slices(desk: Desk, tmp_path: Path) -> None:
    """Six GiB that lie nowhere: the tab of a page holds at most four in arrays."""
    folder = selected(house(), tmp_path / "package")
    path = folder / "data/originals/large.mp4"
    with path.open("wb") as stream:
        stream.truncate(6 << 30)
    heap = "() => performance.memory.usedJSHeapSize"
    before = desk.page.evaluate(heap)

    seen = verify(desk, folder, POLICY, seconds=600)

    assert any("large.mp4" in text and "not listed" in text for _, text in seen.findings)
    assert desk.page.evaluate(heap) - before < 200 << 20
