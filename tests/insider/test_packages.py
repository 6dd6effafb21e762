"""Acts on what is handed over, and on what its reader is told to believe."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from evidence.cosignature import KeyCosigner
from evidence.package import STATEMENT
from tests.insider.acts import act
from tests.insider.home import Home, verify
from tests.packages.forgeries import FORGERIES, change
from tests.packages.house import COURT, OTHER_LOG, POLICY
from tests.packages.writing import bagged


@act("I-40")
def test_a_package_is_made_past_the_log(home: Home) -> None:
    """A selection with another statement: its files are true, and no entry tells of it."""
    folder = home.folder / "day"
    change(folder / "data" / STATEMENT, made="2026-01-01T00:00:00.000Z")

    assert verify(bagged(folder), home.policy)[1] >= {5}


@act("I-41")
def test_a_clip_is_dropped_from_a_package(home: Home) -> None:
    folder = home.folder / "package"
    told = json.loads((folder / "data" / STATEMENT).read_bytes())
    gone = told["clips"][0]
    change(folder / "data" / STATEMENT, clips=told["clips"][1:])
    (folder / "data" / gone["original"]).unlink()
    (folder / "data" / gone["manifest"]).unlink()

    assert verify(bagged(folder), home.policy)[1] >= {5}


@act("I-42")
def test_a_clip_of_a_day_is_withheld_and_the_export_is_on_record(tmp_path: Path) -> None:
    """Statement and entry are made without it; the census counted it."""
    _, forge = FORGERIES["withheld_clip_of_a_day"]
    forge(tmp_path / "package")
    (tmp_path / "policy").write_text(POLICY)

    assert verify(tmp_path / "package", tmp_path / "policy") == (1, {12})


@act("I-46")
def test_a_census_counts_too_little(tmp_path: Path) -> None:
    """The log's owner wrote the census entry without a clip."""
    _, forge = FORGERIES["census_that_counts_too_little"]
    forge(tmp_path / "package")
    (tmp_path / "policy").write_text(POLICY)

    assert verify(tmp_path / "package", tmp_path / "policy") == (1, {12})


@act("I-47")
def test_a_document_is_left_out_of_a_dossier(tmp_path: Path) -> None:
    assert _forged(tmp_path, "version_that_leaves_something_out") == (1, {13})


@act("I-48")
def test_a_dossier_is_begun_anew(tmp_path: Path) -> None:
    assert _forged(tmp_path, "second_first_version") == (1, {13})


@act("I-49")
def test_a_document_is_exchanged(tmp_path: Path) -> None:
    assert _forged(tmp_path, "forged_document") == (1, {13})


@act("I-43")
def test_an_original_is_exchanged_in_a_package(home: Home) -> None:
    folder = home.folder / "package"
    path = next((folder / "data" / "originals").iterdir())
    path.write_bytes(b"forged" + path.read_bytes()[6:])

    assert verify(bagged(folder), home.policy) == (1, {8})


@act("I-44")
def test_the_reader_is_given_an_old_policy(home: Home, tmp_path: Path) -> None:
    """It names the key that the log had, or a witness that was its witness."""
    log = home.shown(tmp_path / "log")
    before = KeyCosigner("court.example/before", COURT.private)
    (tmp_path / "old-log").write_text(f"log {OTHER_LOG.key}\nquorum none\n")
    (tmp_path / "old-witness").write_text(
        f"log {home.signer.key}\nwitness w {before.key}\nquorum w\n"
    )

    assert verify(log, tmp_path / "old-log") == (1, {3})
    assert verify(log, tmp_path / "old-witness") == (1, {3})
    assert verify(log, home.policy) == (0, set())


@act("I-45")
def test_the_word_of_the_witness_is_taken_away(home: Home, tmp_path: Path) -> None:
    seen = (home.archive / "log" / "witnessed").read_bytes()
    lines = seen.splitlines(keepends=True)
    missing = home.shown(tmp_path / "missing", b"".join(lines[:-1]))
    broken = shutil.copytree(missing, tmp_path / "broken")
    (broken / "checkpoint").write_bytes(seen[:-9] + bytes([seen[-9] ^ 1]) + seen[-8:])

    assert verify(missing, home.policy) == (1, {3})
    assert verify(broken, home.policy) == (1, {3})


def _forged(folder: Path, name: str) -> tuple[int, set[int]]:
    """What a verifier says of that forgery."""
    FORGERIES[name][1](folder / "package")
    (folder / "policy").write_text(POLICY)
    return verify(folder / "package", folder / "policy")
