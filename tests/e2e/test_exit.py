"""The full exit: all of a home taken out, and another home made of it, as their owners run it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from archive.log.store import TileStore
from evidence.merkle import CompactRange
from evidence.note import Checkpoint
from evidence.tiles import TileTree
from evidock.backup_file import BackupFile
from evidock.home import Home
from tests.court import made, process
from tests.e2e.command import Outcome, demo, evidock, up
from tests.e2e.test_witnessed import new_home

pytestmark = pytest.mark.slow

OF_THE_VAULT = ("vault", "receipt", "source_path", "problem")
"""What another vault, and a home without that station, has otherwise or not."""
KEYS_DOC = Path(__file__).parents[2] / "docs" / "keys.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo home with its sample shift: clips, renditions, incidents, a case with its dossier."""
    folder = tmp_path_factory.mktemp("exit") / "home"
    run = evidock("demo", "--once", "--json", "--home", folder)
    assert run.code == 0, run.stderr
    with up(folder) as ready:
        put_on_file(folder, ready["login"]["name"], ready["login"]["password"])
    return folder


def put_on_file(home: Path, person: str, password: str) -> None:
    """A document, and a version of the dossier, in the first case that there is."""
    case = evidock("cases", "list", "--home", home, "--json").json["cases"][0]["number"]
    paper = home.with_name("paper.pdf")
    paper.write_bytes(b"%PDF what a witness said")
    signed_in, said = ("--home", home, "--person", person), f"{password}\n"
    for command in (("document", case, paper, "--title", "x"), ("dossier", case)):
        done = evidock("cases", *command, *signed_in, said=said)
        assert done.code == 0, done.stderr


@pytest.fixture(scope="module")
def package(home: Path) -> Path:
    """All of it."""
    out = home.with_name("package.zip")
    day = ("--officer", "none", "--day", "2026-11-23", "--reason", "asked for")
    assert evidock("export", "--home", home, *day, home.with_name("day")).code == 0
    made_ = evidock("export", "--home", home, "--all", out, "--json")
    assert made_.code == 0, made_.stderr
    assert made_.json["lacking"] == {}
    return out


def taken(home: Path, package: Path, into: Path, *more: str | Path) -> Outcome:
    keys = ("--log-key", home / "archive/log.key", "--census-key", home / "archive/census.key")
    policy = ("--policy", home / "public" / "policy")
    return evidock("rebuild", "--from", package, "--into", into, *policy, *keys, *more)


def clips(home: Path) -> list[dict[str, Any]]:
    found = evidock("clips", "--home", home, "--json").json["clips"]
    shown = [{k: v for k, v in clip.items() if k not in OF_THE_VAULT} for clip in found]
    return sorted(shown, key=lambda clip: str(clip["id"]))


def root_at(home: Path, size: int) -> bytes:
    return CompactRange.read(TileTree(size, TileStore(home / "archive/log").read), size).root


def test_what_left_goes_on_in_another_home(home: Path, package: Path, tmp_path: Path) -> None:
    new, out = tmp_path / "new", tmp_path / "out"

    took = taken(home, package, new, "--json")

    assert (took.code, took.json["findings"]) == (0, []), took.stderr
    shutil.unpack_archive(package, out)
    note = (out / "package/data/log/checkpoint").read_text()
    head = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
    assert root_at(new, head.size) == root_at(home, head.size) == head.root
    assert (new / "archive/log/checkpoint").read_text() == note, "nothing is signed here"
    assert evidock("clips", "--home", new).code == 40, "whoever knows more was not heard yet"
    with up(new):
        assert [clip for clip in clips(home) if clip["sha256"]] == clips(new)
        again = evidock("export", "--home", new, "--all", tmp_path / "again")
        assert again.code == 0, again.stderr
    policy = home / "public" / "policy"
    report = evidock("verify", tmp_path / "again", "--policy", policy, "--json")
    assert report.code == 0
    assert report.json["steps"][12]["why"] == "1 documents, 1 versions of dossiers"
    assert evidock("fsck", "--home", new).code == 0


def test_what_must_not_become_a_home_becomes_none(
    home: Path, package: Path, tmp_path: Path
) -> None:
    new, key = tmp_path / "new", home / "archive" / "log.key"
    bare = ("rebuild", "--from", package, "--into", new)
    policy = ("--policy", home / "public" / "policy")

    no_key = evidock(*bare, *policy)
    assert (no_key.code, "--log-key FILE" in no_key.stderr) == (40, True)
    assert evidock(*bare, "--log-key", key).code == 40  # nobody's keys are trusted
    day = ("rebuild", "--from", home.with_name("day"), "--into", new)
    assert evidock(*day, *policy, "--log-key", key).code == 40
    torn = tmp_path / "torn.zip"
    torn.write_bytes(package.read_bytes().replace(b"evidock-package/v1", b"evidock-package/v2"))
    assert taken(home, torn, tmp_path / "torn").code == 31
    assert not list(tmp_path.glob("*/evidock.home"))
    other = evidock(*bare, *policy, "--log-key", home / "station" / "station.key")
    assert (other.code, "is not the one that signs" in other.stderr) == (40, True)
    assert Home(new).is_new
    assert taken(home, package, new).code == 40  # what was cut off is removed by its owner
    shutil.rmtree(new)
    assert taken(home, package, new, "--unverified").code == 0


def test_a_witness_that_is_silent_holds_the_new_home_up(
    home: Path, package: Path, tmp_path: Path
) -> None:
    """The old home may have gone on, and only a witness knows."""
    new, settings, policy = tmp_path / "new", tmp_path / "settings.toml", tmp_path / "policy"
    court = made(tmp_path / "court").key()
    policy.write_text(f"witness court {court} http://127.0.0.1:9\nquorum court\n")
    agency = Home(home).settings().agency
    named = f'[agency]\nname = "{agency.name}"\norigin = "{agency.origin}"\n'
    settings.write_text(f'{named}[witnesses]\npolicy = "{policy}"\n')

    assert taken(home, package, new, "--settings", settings).code == 0
    before = (new / "archive/log/checkpoint").read_bytes()
    held = evidock("up", "--home", new)

    assert held.code == 20
    assert "the witness court does not answer" in held.stderr
    assert (new / "archive/log/checkpoint").read_bytes() == before
    policy.write_text("quorum none\n")  # taken out of it, in writing
    with up(new):
        pass
    assert evidock("fsck", "--home", new).code == 0


def test_who_trusted_a_key_from_before_can_follow_from_the_new_home(tmp_path: Path) -> None:
    home, cards, out = tmp_path / "home", tmp_path / "cards", tmp_path / "out"
    (cards / "cam-1").mkdir(parents=True)
    (cards / "cam-1" / "note.txt").write_bytes(b"footage")
    assert demo(home, cards).code == 0
    shutil.copy(home / "archive" / "log.key", tmp_path / "old.key")
    assert evidock("keys", "rotate", "--home", home).code == 0
    with up(home):
        assert evidock("export", "--home", home, "--all", out).code == 0
    said = ("--succession", home / "public" / "log-succession.1")

    old = ("--log-key", tmp_path / "old.key", "--policy", home / "public" / "policy")
    refused = evidock("rebuild", "--from", out, "--into", tmp_path / "a", *old)
    unled = taken(home, out, tmp_path / "b", "--json")
    led = taken(home, out, tmp_path / "c", "--json", *said)

    assert (refused.code, "the log says that" in refused.stderr) == (40, True)
    assert (unled.code, "--succession" in unled.json["findings"][0]["problem"]) == (1, True)
    assert (led.code, led.json["findings"]) == (0, [])
    kept = tmp_path / "c" / "archive" / "successions" / "000001"
    assert kept.read_bytes() == said[1].read_bytes()
    assert taken(home, out, tmp_path / "d", "--succession", home / "public/policy").code == 40


def test_every_key_that_a_home_makes_is_named(home: Path) -> None:
    told = KEYS_DOC.read_text("utf-8")
    names = {path.name for path in home.rglob("*") if path.is_file() and is_secret(path)}

    assert {"log.key", "census.key", "station.key", "secrets.json"} <= names
    assert {name for name in names if name not in told} == set()


def is_secret(path: Path) -> bool:
    """Whether it is a key by its name or by what it holds."""
    if path.suffix in {".key", ".pem", ".vkey"} or path.name in {"secrets.json", "security.toml"}:
        return True
    return path.stat().st_size < 1 << 16 and b"PRIVATE KEY" in path.read_bytes()


def test_a_backup_has_every_key_of_the_archive(home: Path, tmp_path: Path) -> None:
    stamps = home / "archive" / "log" / "timestamps"
    stamps.mkdir()
    (stamps / "1-20261128T000000Z-00000000.tsr").write_bytes(b"a stamp")
    try:
        assert evidock("backup", "--home", home, tmp_path / "file").code == 0
    finally:
        shutil.rmtree(stamps)

    parts = BackupFile(tmp_path / "file").verified().parts.keys()

    keys = {f"archive/{path.name}" for path in (home / "archive").glob("*.key")}
    assert keys | {"archive/log/timestamps/1-20261128T000000Z-00000000.tsr"} <= parts
    assert "archive/census.key" in keys


def test_a_package_is_genuine_to_whoever_trusts_the_court(tmp_path: Path) -> None:
    home, cards, policy = tmp_path / "home", tmp_path / "cards", tmp_path / "policy"
    (cards / "cam-1").mkdir(parents=True)
    (cards / "cam-1" / "note.txt").write_bytes(b"footage")
    court = made(tmp_path / "court", log=new_home(home))
    whole = ("export", "--home", home, "--all")
    with process(court.folder) as url:
        policy.write_text(f"witness court {court.key()} {url}\nquorum court\n")
        Home(home).settings_file.write_text(f'[witnesses]\npolicy = "{policy}"\n')
        assert demo(home, cards).code == 0
        at_rest = evidock(*whole, tmp_path / "rest", "--json")
        with up(home):
            running = evidock(*whole, tmp_path / "up.zip", "--json")
    alone = evidock(*whole, tmp_path / "alone", "--json")

    public = ("--policy", home / "public" / "policy")
    assert [each.code for each in (at_rest, running, alone)] == [0, 0, 0], alone.stderr
    assert [set(each.json["lacking"]) for each in (at_rest, running)] == [set(), set()]
    assert "cosignatures" in alone.json["lacking"]
    assert "NO COSIGNATURES" in alone.stderr
    names = ("rest", "up.zip", "alone")
    assert [evidock("verify", tmp_path / name, *public).code for name in names] == [0, 0, 1]
