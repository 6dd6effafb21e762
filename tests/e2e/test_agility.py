"""SM3 beside SHA-256 from the card to the package, and the log anchored while the home runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from evidence.digests import digests_of, sm3_maker
from tests.e2e.command import demo, evidock, up

pytestmark = pytest.mark.slow
FOOTAGE = b"footage" * 100_000
ALL = ("--all", "--reason", "handed to the court")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agility")
    card = folder / "cards" / "cam-1"
    card.mkdir(parents=True)
    card.joinpath("a.txt").write_bytes(FOOTAGE)
    done = demo(folder / "home", card.parent, EVIDOCK_STATION_ALSO_SM3="true")
    assert done.code == 0, done.stderr
    return folder / "home"


def policy(home: Path) -> Path:
    file = home.parent / "policy"
    file.write_text(f"log {(home / 'public' / 'log.vkey').read_text().strip()}\nquorum none\n")
    return file


def test_a_package_is_genuine_by_both_digests_and_the_anchor(home: Path, tmp_path: Path) -> None:
    with up(home):
        anchored = evidock("anchor", "--home", home)
    assert anchored.code == 0, anchored.stderr
    (tmp_path / "anchor.json").write_text(anchored.stdout)
    package = tmp_path / "package"
    assert evidock("export", "--home", home, *ALL, package).code == 0

    kept = ("--anchor", tmp_path / "anchor.json")
    told = evidock("verify", package, "--policy", policy(home), *kept, "--json")

    assert (told.code, told.json["verdict"]) == (0, "genuine")
    assert "anchors hold" in told.json["steps"][3]["why"]
    assert evidock("fsck", "--home", home).code == 0


def test_the_log_holds_both(home: Path) -> None:
    bundles = (home / "archive" / "log" / "tile" / "entries").rglob("*")
    raw = b"".join(path.read_bytes() for path in bundles if path.is_file())
    wanted = digests_of(FOOTAGE, sm3_maker()).to_wire()

    assert wanted["sha256"] == hashlib.sha256(FOOTAGE).hexdigest()
    digests = json.dumps(wanted, separators=(",", ":"), sort_keys=True)
    assert f'"digests":{digests}'.encode() in raw
    assert raw.count(wanted["sm3"].encode()) >= 3  # pulled, verified, archived


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    told = demo(tmp_path / "home", tmp_path / "none", EVIDOCK_STATION_ALSO_SM3="perhaps")

    assert told.code == 40
    assert "also_sm3" in told.stderr
