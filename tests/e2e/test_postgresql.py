"""The whole product with its catalogue in PostgreSQL, set up as docs/database.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import demo, evidock, up
from tests.e2e.hostile import hostile_cards, make_footage, originals
from tests.postgres import APP, OWNER, Server

pytestmark = pytest.mark.slow


def test_cards_become_evidence_in_postgresql(postgres: Server, tmp_path: Path) -> None:
    home, cards = tmp_path / "home", tmp_path / "cards"
    hostile_cards(cards, make_footage(tmp_path / "footage.mp4"))
    home.mkdir()
    with postgres.database(tables=False) as name:
        address = postgres.url(name, APP).render_as_string()
        (home / "evidock.toml").write_text(f"[archive]\ndatabase = {json.dumps(address)}\n")
        owner = postgres.url(name, OWNER).render_as_string()
        made = evidock("database", "upgrade", "--home", home, "--owner", owner, "--for", APP)
        assert made.code == 0, made.stderr

        done = demo(home, cards)
        with up(home):
            listed = evidock("clips", "--home", home, "--json").json
        doctor = evidock("doctor", "--home", home)

    assert done.code == 4, done.stderr
    told = {c["source_path"]: c["sha256"] for c in done.json["clips"] if c["vault"]}
    assert told == {path: file.sha256 for path, file in originals(cards).items()}
    assert listed["counts"] == done.json["counts"]
    assert all(c["receipt"] for c in listed["clips"] if c["vault"])
    assert "ok       catalogue: PostgreSQL" in doctor.stdout
    assert not list((home / "archive").glob("*.sqlite*"))
