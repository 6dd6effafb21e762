"""``evidock import`` as a person types it: alone and beside a running home, left and killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import EVIDOCK, ROOT, demo, evidock, up

pytestmark = pytest.mark.slow
SAID = ("--by", "Clerk Li", "--reason", "case 7")
SLOW = {"EVIDOCK_STATION_PULL_LIMIT_MB_PER_SECOND": "40"}
LONGEST = 120


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "none").mkdir()
    assert demo(tmp_path / "home", tmp_path / "none").code == 0
    return tmp_path / "home"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "CCTV"
    folder.mkdir()
    folder.joinpath("a.txt").write_bytes(b"what the shop wrote")
    return folder


def long_file(shop: Path) -> str:
    """A file that takes seconds to copy; its digest."""
    data = os.urandom(1 << 20) * 256
    shop.joinpath("long.bin").write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def begun(home: Path, shop: Path, *more: str) -> subprocess.Popen[str]:
    """The command, left running once a part of the long file is on disk for certain."""
    command = [*EVIDOCK, "import", str(shop), "--home", str(home), *SAID, "--json", *more]
    running = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | SLOW, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + LONGEST
    while not any((home / "station" / "staging").glob("*.mark")):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return running


def resumed(home: Path) -> list[int]:
    with closing(sqlite3.connect(home / "station" / "journal.sqlite")) as db:
        rows = db.execute("SELECT raw FROM entry WHERE kind = 'clip.pulled'").fetchall()
    acts: list[dict[str, Any]] = [json.loads(raw) for (raw,) in rows]
    return [act["resumed_at"] for act in acts if "resumed_at" in act]


def archived(told: Any) -> dict[str, str]:
    return {each["path"]: each["sha256"] for each in told["files"] if each["state"] == "ARCHIVED"}


def test_alone_it_runs_the_home_and_says_what_became_of_each_file(home: Path, shop: Path) -> None:
    shop.joinpath("link").symlink_to("a.txt")

    told = evidock("import", shop, "--home", home, *SAID, "--json", "--from", "Shop X")
    table = evidock("import", shop / "a.txt", "--home", home, *SAID)
    fsck = evidock("fsck", "--home", home)

    assert (told.code, told.json["stage"]) == (4, "done")
    digest = hashlib.sha256(b"what the shop wrote").hexdigest()
    assert archived(told.json) == {"CCTV/a.txt": digest}
    by_path = {each["path"]: each for each in told.json["files"]}
    assert by_path["CCTV/link"]["class"] == "refused"
    assert (home / by_path["CCTV/a.txt"]["receipt"]).exists()
    assert (table.code, "archived, seen before" in table.stdout) == (0, True)
    assert fsck.code == 0, fsck.stdout


def test_a_givers_list_is_held_against_what_came(home: Path, shop: Path) -> None:
    shop.joinpath("b.txt").write_bytes(b"altered")
    digests = [hashlib.sha256(data).hexdigest() for data in (b"what the shop wrote", b"written")]
    sums = shop.parent / "SHA256SUMS"
    sums.write_text(f"{digests[0]}  ./a.txt\n", encoding="utf-8")
    given = ("--sha256sums", sums, "--home", home, *SAID)
    good = evidock("import", shop / "a.txt", *given, "--json")
    sums.write_text(f"{digests[0]}  a.txt\n{digests[1]}  b.txt\n{digests[1]}  c.txt\n")

    bad = evidock("import", shop, *given, "--json")

    assert (good.code, [each["given_agrees"] for each in good.json["files"]]) == (0, [True])
    assert bad.code == 6
    agrees = {each["path"]: each["given_agrees"] for each in bad.json["files"]}
    assert agrees == {"CCTV/a.txt": True, "CCTV/b.txt": False}
    assert bad.json["missing"] == ["c.txt"]
    assert bad.stderr.count("ALARM") >= 2


@pytest.mark.parametrize(
    "wrong",
    [
        ("nowhere", *SAID),
        ("home", *SAID),
        ("CCTV", "--by", " ", "--reason", "x"),
        ("CCTV", *SAID, "--camera", "a/b"),
    ],
)
def test_what_cannot_be_imported_is_said_in_words(
    home: Path, shop: Path, wrong: tuple[str, ...]
) -> None:
    told = evidock("import", shop.parent / wrong[0], *wrong[1:], "--home", home)

    assert told.code not in {0, 4, 5}
    assert told.stderr.startswith("evidock: ")
    assert told.stdout == ""


def test_killed_it_goes_on_at_the_byte(home: Path, shop: Path) -> None:
    digest = long_file(shop)
    running = begun(home, shop)
    running.kill()
    running.communicate()

    last = evidock("import", shop, "--home", home, *SAID, "--json")

    assert last.code == 0, last.stderr
    assert archived(last.json)["CCTV/long.bin"] == digest
    assert resumed(home)


def test_told_to_stop_it_says_so_and_goes_on_later(home: Path, shop: Path) -> None:
    digest = long_file(shop)
    running = begun(home, shop)
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=LONGEST)
    last = evidock("import", shop, "--home", home, *SAID, "--json")

    assert running.returncode == 5
    assert "CCTV/long.bin" in {each["path"] for each in json.loads(told)["files"]}
    assert (last.code, archived(last.json)["CCTV/long.bin"]) == (0, digest)
    assert resumed(home)


def test_beside_a_running_home_it_asks_that_and_may_be_killed(
    home: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = long_file(shop)
    monkeypatch.setenv(*next(iter(SLOW.items())))
    with up(home):
        running = begun(home, shop)
        other = evidock("import", shop, "--home", home, "--by", "B", "--reason", "another")
        running.kill()
        running.communicate()
        told = evidock("import", shop, "--home", home, *SAID, "--json")
        after = evidock("import", shop, "--home", home, "--by", "B", "--reason", "another")

    assert (other.code, "under way" in other.stderr) == (26, True)
    assert (told.code, archived(told.json)["CCTV/long.bin"]) == (0, digest)
    assert after.code == 0
