"""The page claims no more than was proven: what it came with gives way to the signed log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from archive.catalogue.catalogue import Transaction
from tests.player.browser import READY, Desk, chromium
from tests.player.meddler import Meddler, flip
from tests.player.window import Window

pytestmark = pytest.mark.browser
COPY, ANEW, STILL = "h264.mp4", "mjpeg.avi", "still.jpg"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser: Browser, window: Window) -> Iterator[Desk]:
    """One reviewer's tab for all of these tests."""
    made = Desk.at(browser)
    made.sign_in(window.url, "rita")
    yield made
    made.page.context.close()


@pytest.fixture
def desk(tab: Desk) -> Iterator[Desk]:
    tab.complaints.clear()
    yield tab
    tab.page.unroute_all(behavior="ignoreErrors")
    assert [c for c in tab.complaints if "Failed to load resource" not in c] == []


@pytest.fixture
def meddler(desk: Desk) -> Meddler:
    return Meddler(page=desk.page)


@contextmanager
def altered(window: Window, sample: str, **columns: str) -> Iterator[None]:
    """The rendition's row, changed by somebody who has the database."""
    where = {"clip": window.clips[sample]}

    def put(tx: Transaction, values: dict[str, str]) -> None:
        names = ", ".join(f"{name} = :{name}" for name in values)
        change = text(f"UPDATE rendition SET {names} WHERE clip = :clip")  # noqa: S608
        tx.session.execute(change, values | where)

    def get(tx: Transaction) -> dict[str, str]:
        names = text(f"SELECT {', '.join(columns)} FROM rendition WHERE clip = :clip")  # noqa: S608
        return dict(tx.session.execute(names, where).mappings().one())

    catalogue = window.archive._books.catalogue
    before = window.run(catalogue.run(get))
    window.run(catalogue.run(put, columns))
    try:
        yield
    finally:
        window.run(catalogue.run(put, before))


def failed(desk: Desk, word: str) -> None:
    desk.until(f"() => document.querySelector('evidence-player').dataset.failed === '{word}'")


def label(desk: Desk) -> str:
    return desk.page.inner_text(".label")


def link(desk: Desk, name: str) -> str:
    """The state of one link in the panel."""
    return desk.page.get_attribute(f"[data-link={name}]", "data-state") or ""


def test_a_copy_is_the_recorded_pictures_only_where_the_archive_found_so(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    desk.page.goto(window.clip_url(COPY))
    desk.until(READY)
    assert "You see the coded pictures" in label(desk)

    meddler.proofs(
        lambda told: told.update(
            entries=[e for e in told["entries"] if e["link"] != "compared"]  # type: ignore[attr-defined]
        )
    )
    desk.page.goto(window.clip_url(COPY))
    desk.until(READY)

    assert "You see the coded pictures" not in label(desk)
    assert "The station says that these are" in label(desk)
    assert "Not yet recomputed by the archive" in label(desk)


def test_a_verdict_that_only_the_catalogue_holds_is_not_shown(desk: Desk, window: Window) -> None:
    with altered(window, ANEW, verdict="verified"):
        desk.page.goto(window.clip_url(ANEW))
        assert "a likeness" in label(desk)  # before the player has proven anything
        desk.until(READY)

        assert "a likeness" in label(desk)
        assert "same as the original" not in label(desk)


def test_a_kind_that_only_the_catalogue_holds_stops_the_player(desk: Desk, window: Window) -> None:
    with altered(window, ANEW, kind="copy"):
        desk.page.goto(window.clip_url(ANEW))

        failed(desk, "false_proof")
        assert "another kind of rendition" in desk.page.inner_text(".message")
        assert "Recomputed by the archive" not in label(desk)
        assert "You see the coded pictures" not in label(desk)


def test_a_badge_that_the_page_came_with_gives_way_to_the_log(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    lie, truth = b'data-verdict="verified" hidden', b'data-verdict="likeness"'
    told = []

    def lying(body: bytes) -> bytes:
        told.append(body.replace(lie, lie[:-7]).replace(truth, truth + b" hidden"))
        return told[-1]

    meddler.change(window.clip_url(ANEW), lying)

    desk.page.goto(window.clip_url(ANEW))
    desk.until(READY)

    assert lie[:-7] in told[0]
    assert lie not in told[0]

    assert "same as the original" not in label(desk)
    assert "a likeness" in label(desk)


def test_a_list_of_segments_that_was_not_read_is_not_called_proven(
    desk: Desk, window: Window
) -> None:
    desk.page.route("**/segments.json", lambda route: route.fulfill(status=503, body=""))

    desk.page.goto(window.clip_url(COPY))

    failed(desk, "unreachable")
    assert (link(desk, "archive"), link(desk, "manifest")) == ("proven", "open")


def test_a_picture_that_was_not_read_is_not_called_proven(desk: Desk, window: Window) -> None:
    desk.page.goto(window.clip_url(STILL))
    desk.until("() => document.querySelector('img.media').naturalWidth === 320")
    assert link(desk, "manifest") == "proven"

    desk.page.route("**/picture.jpg", lambda route: route.abort())
    desk.page.goto(window.clip_url(STILL))

    failed(desk, "unreachable")
    assert link(desk, "manifest") == "open"


def test_nothing_more_is_fetched_once_the_player_has_stopped(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    asked: list[str] = []
    meddler.change("**/media.mp4", flip, at=0)
    desk.page.on("request", lambda each: asked.append(each.headers.get("range", each.url)))
    desk.page.goto(window.clip_url(COPY))
    failed(desk, "refused_file")
    desk.until("() => document.querySelector('.refusals li')?.dataset.entry > 0")

    before = len(asked)
    desk.page.wait_for_timeout(500)  # the first tries come after 0.1 s

    assert sum(each.startswith("bytes=0-") for each in asked) == 1
    assert len(asked) == before
