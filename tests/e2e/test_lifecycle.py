"""A home made anew from its vault and log, and one put back from a backup."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.command import demo, evidock, up

pytestmark = pytest.mark.slow

FROM_THE_LOG = (
    "clip",
    "derived",
    "entry",
    "incident",
    "journal",
    "link",
    "look",
    "rendition",
    "station",
    "view_reason",
)


def rows(home: Path) -> dict[str, list[str]]:
    """All rows of the tables that the log determines."""
    with closing(sqlite3.connect(home / "archive" / "catalogue.sqlite")) as db:
        return {
            name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}"')))  # noqa: S608
            for name in FROM_THE_LOG
        }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that took in one card."""
    card = tmp_path / "cards" / "cam-1"
    card.mkdir(parents=True)
    card.joinpath("a.txt").write_text("footage", encoding="utf-8")
    assert demo(tmp_path / "home", card.parent).code == 0
    return tmp_path / "home"


@pytest.mark.parametrize("log", ["in the folder", "in the vault only"])
def test_a_home_is_rebuilt_row_for_row(home: Path, tmp_path: Path, log: str) -> None:
    new, wanted = tmp_path / "new", rows(home)
    if log != "in the folder":
        shutil.rmtree(home / "archive" / "log")
    (home / "archive" / "catalogue.sqlite").unlink()
    before = sorted(path.relative_to(home) for path in home.rglob("*"))

    made = evidock("rebuild", "--from", home, "--into", new, "--json")

    assert made.code == 0, made.stderr
    assert made.json["findings"] == []
    assert rows(new) == wanted
    assert sorted(path.relative_to(home) for path in home.rglob("*")) == before
    assert evidock("rebuild", "--from", home, "--into", new).code == 40
    with up(new):
        pass
    assert evidock("fsck", "--home", new).code == 0


def test_a_rebuilt_home_does_not_forget_why_the_log_was_stopped(home: Path, tmp_path: Path) -> None:
    new, said = (
        tmp_path / "new",
        {"halted": b"another history\n", "witnessed/contradiction-1": b"x"},
    )
    (home / "archive" / "witnessed").mkdir(exist_ok=True)
    for name, data in said.items():
        (home / "archive" / name).write_bytes(data)
    (home / "archive" / "witnessed" / "put here by hand").mkdir()
    (home / "archive" / "witnessed" / "7.part").write_bytes(b"cut off")

    assert evidock("rebuild", "--from", home, "--into", new).code == 0

    assert {name: (new / "archive" / name).read_bytes() for name in said} == said
    assert [each.name for each in (new / "archive" / "witnessed").iterdir()] == ["contradiction-1"]
    assert evidock("clips", "--home", new).code == 40, "it has not heard whoever knows more"
    assert evidock("up", "--home", new).code == 34
    assert evidock("witnesses", "resume", "--home", new).code == 0
    with up(new):
        pass
    assert evidock("fsck", "--home", new).code == 0


def test_an_older_backup_catches_up_before_it_signs(home: Path, tmp_path: Path) -> None:
    backup, back = tmp_path / "home.backup", tmp_path / "back"
    with up(home):
        assert evidock("backup", "--home", home, backup).code == 0
    person = evidock("person", "add", "--home", home, "late", "--role", "auditor", "--generate")
    assert person.code == 0
    with up(home):
        pass
    newest = (home / "archive" / "log" / "checkpoint").read_text().split("\n")[1]
    back.mkdir()
    shutil.move(home / "vault", back / "vault")

    assert evidock("restore", backup, "--into", back).code == 0
    assert evidock("clips", "--home", back).code == 40
    with up(back):
        pass

    grown = (back / "archive" / "log" / "checkpoint").read_text().split("\n")[1]
    assert int(grown) > int(newest)
    assert rows(back)["clip"] == rows(home)["clip"]
    assert evidock("fsck", "--home", back).code == 0


def test_another_key_follows_and_nobody_is_left_behind(home: Path) -> None:
    first = evidock("keys", "list", "--home", home, "--json").json["keys"]
    made = evidock("keys", "rotate", "--home", home, "--json")
    assert made.code == 0, made.stderr
    assert evidock("keys", "retire", "--home", home).code == 40
    with up(home):
        assert evidock("clips", "--home", home, "--json").code == 0  # answers once a station works
    policy = (home / "public" / "policy").read_text()
    assert [key in policy for key in (made.json["old"], made.json["new"])] == [True, True]

    assert evidock("keys", "retire", "--home", home).code == 0
    with up(home):
        pass

    now = evidock("keys", "list", "--home", home, "--json").json["keys"]
    assert {each["public"] for each in first} == {made.json["old"]}
    assert {each["public"] for each in now} == {made.json["new"]}
    assert evidock("fsck", "--home", home).code == 0
    kinds = [row for row in rows(home)["entry"] if "log.pinned" in row]
    assert len(kinds) == 1
