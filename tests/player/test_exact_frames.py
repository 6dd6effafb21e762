"""The frame that is named is the frame that is seen: numbers read back from the pixels."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.player.browser import READY, Desk, chromium
from tests.player.samples import FRAMES, NUMBERED
from tests.player.window import Window

pytestmark = pytest.mark.browser
FEW = {"seeks": 10, "steps": 20}
MANY = {"seeks": 100, "steps": 300}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, window: Window) -> Iterator[Desk]:
    made = Desk.at(browser)
    made.sign_in(window.url, "rita")
    yield made
    made.page.context.close()
    assert made.complaints == []


def opened(desk: Desk, window: Window, sample: str) -> None:
    desk.page.goto(window.clip_url(sample))
    desk.until(READY)
    shown(desk, 0)


def shown(desk: Desk, frame: int) -> int:
    """Wait until the page names *frame*; the number in the picture then on screen."""
    desk.until(f"() => document.querySelector('evidence-player').dataset.frame === '{frame}'")
    return desk.number()


def go_to(desk: Desk, frame: int) -> None:
    """Type the number of a frame, as a reader does, once the page takes it."""
    desk.until("""() => !document.querySelector('[data-act="go-to"]').disabled""")
    desk.page.keyboard.press("g")
    desk.page.fill("dialog.go-to input", str(frame))
    desk.page.keyboard.press("Enter")


def seeks(desk: Desk, count: int) -> list[int]:
    """The frames that were not seen when they were asked for, of *count* at random."""
    chosen = random.Random(7).sample(range(1, FRAMES), count)
    wrong = []
    for frame in chosen:
        go_to(desk, frame)
        if shown(desk, frame) != frame:
            wrong.append(frame)
    return wrong


def steps(desk: Desk, count: int) -> list[int]:
    """The frames that were not seen in *count* steps: half of them on, half of them back."""
    first = FRAMES // 2 - count // 4
    go_to(desk, first)
    shown(desk, first)
    on = range(first + 1, first + count // 2 + 1)
    back = range(first + count // 2 - 1, first - 1, -1)
    wrong = []
    for key, frames in ((".", on), (",", back)):
        for frame in frames:
            desk.page.keyboard.press(key)
            if shown(desk, frame) != frame:
                wrong.append(frame)
    return wrong


@pytest.mark.parametrize("sample", NUMBERED)
@pytest.mark.parametrize(
    "sizes", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_every_seek_and_every_step_shows_the_frame_it_names(
    desk: Desk, window: Window, sample: str, sizes: dict[str, int], count: Callable[[str], None]
) -> None:
    opened(desk, window, sample)

    wrong_seeks = seeks(desk, sizes["seeks"])
    wrong_steps = steps(desk, sizes["steps"])

    good = {name: size - len(wrong) for (name, size), wrong in
            zip(sizes.items(), (wrong_seeks, wrong_steps), strict=True)}  # fmt: skip
    count(
        f"frames by pixels read back, {sample}: {good['seeks']}/{sizes['seeks']} seeks,"
        f" {good['steps']}/{sizes['steps']} steps"
    )
    assert (wrong_seeks, wrong_steps) == ([], [])
