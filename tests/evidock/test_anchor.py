"""``evidock anchor`` and what its line is good for, years later."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from archive.log.key import load_or_make_signer
from evidence.clock import SystemClock
from evidence.merkle import leaf_hash, root_of
from evidence.note import Checkpoint, open_checkpoint, sign_checkpoint
from evidence.tiles import TileTree, grow
from evidence.vault.memory import MemoryVault
from evidock.__main__ import main
from evidock.anchoring import anchor_at_rest
from evidock.home import Home
from tests.evidock.homes import started


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home at rest, whose log has some entries."""
    made = Home(tmp_path / "home")
    made.prepare()
    asyncio.run(started(made, acts=5))
    return made


@pytest.fixture
def anchor(home: Home, tmp_path: Path) -> Path:
    """The line, kept outside of the home."""
    clock = SystemClock()
    line = asyncio.run(anchor_at_rest(home, MemoryVault(clock), clock))
    (tmp_path / "anchor.json").write_text(line)
    return tmp_path / "anchor.json"


@pytest.fixture
def log(home: Home, anchor: Path, tmp_path: Path) -> Path:
    """What the other side has: a copy of the log."""
    assert anchor.exists()
    shutil.copytree(home.archive / "log", tmp_path / "log")
    return tmp_path / "log"


def verified(
    capsys: pytest.CaptureFixture[str], home: Home, log: Path, anchor: Path
) -> tuple[int, list[dict[str, object]]]:
    key = load_or_make_signer(home.archive / "log.key", home.settings().agency.origin).key
    policy = log.parent / "policy"
    policy.write_text(f"log {key}\nquorum none\n")
    asked = ["verify", str(log), "--policy", str(policy), "--anchor", str(anchor), "--json"]
    code = main(asked)
    return code, json.loads(capsys.readouterr().out)["findings"]


def rewrite(home: Home, log: Path) -> None:
    """Whoever holds the log's key tells another history: every file is made anew and signed."""
    signer = load_or_make_signer(home.archive / "log.key", home.settings().agency.origin)
    head = open_checkpoint((log / "checkpoint").read_bytes(), [signer.key])
    read = lambda path: (log / path).read_bytes() if (log / path).exists() else None  # noqa: E731
    entries = list(TileTree(head.size, read).entries(0))
    entries[2] = entries[2].replace(b'"by":"owner"', b'"by":"nobody"')
    shutil.rmtree(log)
    for tile, data in grow(0, entries, lambda _: None):
        (log / tile.path).parent.mkdir(parents=True, exist_ok=True)
        (log / tile.path).write_bytes(data)
    root = root_of([leaf_hash(entry) for entry in entries])
    forged = Checkpoint(origin=head.origin, size=head.size, root=root)
    (log / "checkpoint").write_bytes(sign_checkpoint(forged, signer))


def test_the_command_prints_the_line_and_what_it_is_for(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["anchor", "--home", str(home.folder)]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out)["size"] == 5
    assert "Give this line to whoever" in said.err


def test_the_line_holds_against_the_log_it_was_made_of(
    home: Home, log: Path, anchor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(anchor.read_text())

    assert (told["size"], sorted(told["roots"])) == (5, ["sha512", "sm3"])
    assert verified(capsys, home, log, anchor) == (0, [])


def test_a_history_that_was_told_anew_is_found(
    home: Home, log: Path, anchor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(home, log)

    code, findings = verified(capsys, home, log, anchor)

    assert code == 1
    assert {each["subject"] for each in findings} == {"entry 5", "the anchor that was brought"}
    assert any("changed since" in str(each["problem"]) for each in findings)


@pytest.mark.slow
def test_an_anchor_from_within_the_log_is_not_taken(
    log: Path, anchor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(anchor, log / "anchor.json")

    assert main(["verify", str(log), "--anchor", str(log / "anchor.json")]) == 40

    assert "which it is to judge" in capsys.readouterr().err


@pytest.mark.slow
def test_what_is_no_anchor_is_a_finding(
    home: Home, log: Path, anchor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor.write_text("{}")

    code, (found,) = verified(capsys, home, log, anchor)

    assert code == 1
    assert "it is no anchor of a log" in str(found["problem"])
