"""``evidock fsck`` as its owner runs it, on a home at rest and on one that runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

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


def test_a_folder_that_is_no_home_is_not_examined(tmp_path: Path) -> None:
    assert evidock("fsck", "--home", tmp_path).code == 40
