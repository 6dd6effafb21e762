"""``evidock fsck`` as its owner runs it, on a home at rest and on one that runs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.vault import Bucket
from evidence.vault.probe import CANARIES
from evidock.home import Home
from evidock.vaults import open_vault
from tests.e2e.command import demo, evidock, up

pytestmark = pytest.mark.slow


def spoil(home: Path) -> str:
    """Let a clip's row name another digest, behind the product's back; the clip."""
    with closing(sqlite3.connect(home / "archive" / "catalogue.sqlite")) as db, db:
        (clip,) = db.execute("SELECT id FROM clip LIMIT 1").fetchone()
        db.execute("UPDATE clip SET sha256 = ? WHERE id = ?", ("0" * 64, clip))
    return str(clip)


def test_fsck_is_silent_until_something_differs_and_then_names_it(tmp_path: Path) -> None:
    card, home = tmp_path / "cards" / "cam-1", tmp_path / "home"
    card.mkdir(parents=True)
    card.joinpath("a.txt").write_text("footage", encoding="utf-8")
    assert demo(home, card.parent).code == 0
    clean = evidock("fsck", "--home", home)
    with up(home):
        running = evidock("fsck", "--home", home, "--json")
    clip = spoil(home)

    at_rest = evidock("fsck", "--home", home, "--json")
    with up(home):
        found = evidock("fsck", "--home", home, "--json")

    assert (clean.code, clean.stdout) == (0, "catalogue, vault and log agree\n")
    assert (running.code, running.json) == (0, {"findings": []})
    assert (at_rest.code, found.code) == (1, 1)
    assert at_rest.json == found.json
    (finding,) = found.json["findings"]
    assert (finding["step"], finding["component"], finding["subject"]) == (4, "clip row", clip)


def canaries(home: Path) -> list[str]:
    """What probes left in the vault of *home*."""

    async def listed() -> list[str]:
        settings = Home(home).settings()
        async with open_vault(Home(home), settings, SystemClock(), proven=False) as opened:
            found = opened.vault.versions(Bucket.ORIGINALS, CANARIES)
            return sorted(version.version_id for version in found)

    return asyncio.run(listed())


def test_fsck_at_rest_leaves_nothing_in_the_vault(tmp_path: Path) -> None:
    card, home = tmp_path / "cards" / "cam-1", tmp_path / "home"
    card.mkdir(parents=True)
    card.joinpath("a.txt").write_text("footage", encoding="utf-8")
    assert demo(home, card.parent).code == 0
    before = canaries(home)

    assert evidock("fsck", "--home", home).code == 0
    assert before
    assert canaries(home) == before


def test_a_folder_that_is_no_home_is_not_examined(tmp_path: Path) -> None:
    assert evidock("fsck", "--home", tmp_path).code == 40
