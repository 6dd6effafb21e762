"""A reviewer's browser: Debian's Chromium, with everything it complains of written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.player.window import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
READY = "() => document.querySelector('[data-act=play]')?.disabled === false"
"""Whether the player can play."""
_FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--host-resolver-rules=MAP evidock.test 127.0.0.1",
)
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation",
  (event) => window.violated(`${event.violatedDirective}: ${event.blockedURI}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium; the test is skipped, loudly, where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; the browser was NOT tested: apt-get install chromium")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass(slots=True, kw_only=True)
class Desk:
    """One tab, and what went wrong in it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Violations of the content security policy, errors of scripts, and of the console."""

    @classmethod
    def at(cls, browser: Browser) -> Desk:
        return cls.of(browser.new_context(viewport={"width": 1280, "height": 900}).new_page())

    @classmethod
    def of(cls, page: Page) -> Desk:
        """That of a *page* that was made in another way."""
        desk = cls(page=page)
        desk.page.expose_function("violated", lambda what: desk.complaints.append(f"CSP {what}"))
        desk.page.add_init_script(_REPORT_VIOLATIONS)
        desk.page.on("pageerror", lambda error: desk.complaints.append(f"script: {error}"))
        desk.page.on(
            "console",
            lambda said: desk.complaints.append(said.text) if said.type == "error" else None,
        )
        return desk

    def sign_in(self, url: str, name: str) -> None:
        self.page.goto(url)
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_selector(".list, .empty")

    def until(self, question: str, seconds: float = 15) -> None:
        """Ask *question* (JavaScript) until it is true.

        Playwright's own wait_for_function needs eval, which our policy forbids.
        """
        self.poll(lambda: bool(self.page.evaluate(question)), question, seconds)

    def poll(self, true: Callable[[], bool], what: str, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            self.page.wait_for_timeout(50)

    def number(self) -> int:
        """The number that the picture on screen carries, read from its pixels."""
        return int(self.page.evaluate(_NUMBER))

    def pixels(self) -> str:
        """A digest of the picture that is on screen, read back from a canvas."""
        return str(self.page.evaluate(_PIXELS))


_PIXELS = """async () => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const digest = await crypto.subtle.digest("SHA-256", data);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}"""

_NUMBER = """() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [160, 120];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(document.querySelector("video"), 0, 0, 160, 120);
  let number = 0;
  for (let bit = 0; bit < 16; bit += 1) {
    const [x, y] = [10 + 20 * (bit % 8), 20 + 40 * Math.floor(bit / 8)];
    number = 2 * number + (context.getImageData(x, y, 1, 1).data[0] > 128 ? 1 : 0);
  }
  return number;
}"""
