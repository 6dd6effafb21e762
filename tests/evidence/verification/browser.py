"""The page ``verify.html`` in Debian's Chromium, with the network off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from evidence.verification.page import page
from tests.player.browser import Desk

WORKS = "() => document.documentElement.dataset.verdict === 'none'"
REPORT = """() => ({
  verdict: document.documentElement.dataset.verdict,
  said: document.getElementById("verdict").textContent,
  steps: [...document.querySelectorAll("#steps tr")].map((row) => row.dataset.outcome),
  findings: [...document.querySelectorAll("#findings li")].map((row) => ({
    step: Number(row.dataset.step), text: row.textContent })),
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page says."""

    verdict: str
    said: str
    steps: list[str]
    """Outcomes, in order."""
    findings: list[tuple[int, str]]
    """Step, and the whole line."""


def opened(browser: Browser, folder: Path, language: str = "en") -> Desk:
    """The page, opened from a file in a browser without network."""
    (folder / "verify.html").write_bytes(page())
    context = browser.new_context(
        viewport={"width": 1100, "height": 900}, offline=True, locale=language
    )
    desk = Desk.of(context.new_page())
    desk.page.goto((folder / "verify.html").as_uri())
    desk.page.wait_for_selector("#verify")
    return desk


def verify(desk: Desk, package: Path, policy: str | None, seconds: float = 60) -> Seen:
    """Give the page a policy and a folder, and wait for its verdict."""
    desk.page.fill("#policy-text", policy or "")
    desk.page.set_input_files("#folder", package)
    desk.page.click("#verify")
    desk.until(f"() => !({WORKS})()", seconds)
    told = json.loads(json.dumps(desk.page.evaluate(REPORT)))
    findings = [(each["step"], each["text"]) for each in told.pop("findings")]
    return Seen(**told, findings=findings)
