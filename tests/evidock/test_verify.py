from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from evidence.cosignature import KeyCosigner, cosign
from evidence.merkle import inclusion_proof
from evidence.receipt import Receipt
from evidence.tiles import TileTree, grow
from evidock.__main__ import main
from tests.packages import writing
from tests.packages.fallen import some_slow
from tests.packages.forgeries import FORGERIES
from tests.packages.house import BAR, COURT, POLICY, House, house


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy"
    path.write_text(POLICY)
    return path


def verified(capsys: pytest.CaptureFixture[str], path: Path, *more: object) -> tuple[int, dict]:  # type: ignore[type-arg]
    code = main(["verify", str(path), "--json", *map(str, more)])
    return code, json.loads(capsys.readouterr().out)


def receipt_of(made: House, folder: Path, index: int) -> Path:
    size = len(made.entries)
    files = {tile.path: data for tile, data in grow(0, made.entries, lambda _: None)}
    path = inclusion_proof(TileTree(size, files.get), index, size)
    text = Receipt(index=index, path=path, note=made.checkpoint()).text
    (folder / f"{index}.tlog-proof").write_bytes(text)
    (folder / f"{index}.json").write_bytes(made.entries[index])
    return folder / f"{index}.tlog-proof"


def test_a_process_says_yes_with_exit_code_0(tmp_path: Path, policy: Path) -> None:
    folder = writing.whole(house(), tmp_path / "package")
    command = [sys.executable, "-m", "evidock", "verify", str(folder), "--policy", str(policy)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "package: genuine and complete" in done.stdout
    assert "6 clips of: all; made 2026-11-27" in done.stdout


def test_without_a_policy_it_is_at_best_consistent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = verified(capsys, writing.whole(house(), tmp_path / "package"))

    assert (code, told["verdict"], told["findings"]) == (3, "consistent", [])
    assert [each["outcome"] for each in told["steps"]][:3] == ["not done", "passed", "not done"]


@pytest.mark.parametrize("name", some_slow(FORGERIES))
def test_a_forgery_is_false_with_and_without_a_policy(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    step, forge = FORGERIES[name]
    forge(tmp_path / "package")

    code, told = verified(capsys, tmp_path / "package", "--policy", policy)
    without, _ = verified(capsys, tmp_path / "package")

    assert (code, told["verdict"]) == (1, "false")
    assert step in {found["step"] for found in told["findings"]}
    assert without in {1, 3}
    assert (without == 3) <= (step == 3)


def test_people_see_each_fault_with_its_step(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FORGERIES["another_officer"][1](tmp_path / "package")

    code = main(["verify", str(tmp_path / "package"), "--policy", str(policy)])

    said = capsys.readouterr().out
    assert code == 1
    assert "✗ step 7, c-" in said
    assert "NOT GENUINE" in said


def test_a_zip_file_is_read_in_place(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writing.whole(house(), tmp_path / "outer" / "package")
    for name, root in (("flat", "outer/package"), ("in-folder", "outer")):
        packed = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(packed, "w") as parts:
            for path in sorted((tmp_path / root).rglob("*")):
                if path.is_file():
                    parts.write(path, path.relative_to(tmp_path / root))

        code, told = verified(capsys, packed, "--policy", policy)

        assert (code, told["findings"]) == (0, [])


def test_a_bare_log_and_nothing_beside_it(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = writing.log(house(), tmp_path / "log")

    assert verified(capsys, folder, "--policy", policy)[0] == 0
    writing.put(folder / "originals" / "clip.mp4", b"not looked at")

    code, told = verified(capsys, folder, "--policy", policy)

    assert (code, told["what"]) == (1, "log")
    assert [found["subject"] for found in told["findings"]] == ["originals/clip.mp4"]


def test_older_parts_of_a_log_must_be_how_the_later_ones_begin(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = house()
    folder = writing.log(made, tmp_path / "log")
    for tile, data in grow(0, made.entries[:200], lambda _: None):
        writing.put(folder / tile.path, data)

    assert verified(capsys, folder, "--policy", policy)[0] == 0
    older = folder / "tile/0/000.p/200"
    older.write_bytes(older.read_bytes()[:-1] + b"x")

    code, told = verified(capsys, folder, "--policy", policy)

    assert (code, [found["subject"] for found in told["findings"]]) == (1, ["tile/0/000.p/200"])


def test_the_witnessed_head_beside_a_log_must_be_of_that_log(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, other = house(), house()
    folder = writing.log(made, tmp_path / "log")
    other.entries[40] = made.entries[41]
    forged = other.checkpoint()
    older = house(others=0).checkpoint()
    made.record("view", "p-1")
    for head, code in ((made.checkpoint(), 1), (forged, 1), (older, 1), (b"\xff", 1)):
        (folder / "witnessed").write_bytes(head)
        assert verified(capsys, folder, "--policy", policy)[0] == code
        assert verified(capsys, folder)[0] == code
    (folder / "witnessed").write_bytes((folder / "checkpoint").read_bytes())

    assert verified(capsys, folder, "--policy", policy)[0] == 0
    (folder / "witnessed").write_bytes(house().checkpoint(witnesses=()))
    assert verified(capsys, folder, "--policy", policy)[0] == 1


def test_a_receipt_with_its_entry(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = receipt_of(house(), tmp_path, 40)

    assert verified(capsys, path, "--policy", policy)[0] == 0
    path.with_suffix(".json").write_bytes(house().entries[41])
    assert verified(capsys, path, "--policy", policy)[0] == 1
    path.write_bytes(b"c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n\n")
    assert verified(capsys, path, "--policy", policy)[0] == 1


@pytest.mark.parametrize(("hours", "code"), [(1, 1), (24 * 365 * 100, 0)])
def test_the_newest_cosignature_must_be_fresh(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str], hours: int, code: int
) -> None:
    folder = writing.log(_long_ago(), tmp_path / "log")

    assert verified(capsys, folder, "--policy", policy, "--fresh-hours", hours)[0] == code


def test_freshness_cannot_be_shown_without_cosignatures(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = writing.log(house(), tmp_path / "log", witnesses=())
    policy.write_text(POLICY.split("\n")[0] + "\nquorum none\n")

    code, told = verified(capsys, folder, "--policy", policy, "--fresh-hours", 24)

    assert verified(capsys, folder, "--policy", policy)[0] == 0
    assert (code, [found["step"] for found in told["findings"]]) == (1, [3])


def test_a_policy_that_cannot_be_read_is_named(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text("log nonsense\nquorum none\n")

    code, told = verified(capsys, writing.whole(house(), tmp_path / "p"), "--policy", policy)

    assert code == 1
    assert {found["step"] for found in told["findings"]} == {1}


def test_what_is_not_there_is_an_error_of_its_own(tmp_path: Path, policy: Path) -> None:
    assert main(["verify", str(tmp_path / "nothing"), "--policy", str(policy)]) == 40
    assert main(["verify", str(tmp_path), "--policy", str(tmp_path / "nothing")]) == 40


def test_a_policy_in_the_package_is_not_believed(tmp_path: Path, policy: Path) -> None:
    folder = writing.whole(house(), tmp_path / "package")
    shutil.copy(policy, folder / "policy")

    assert main(["verify", str(folder), "--policy", str(folder / "policy")]) == 40


def test_what_a_package_says_plays_no_tricks_on_a_terminal(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = writing.selected(house(), tmp_path / "package")
    (folder / "bag-info.txt").write_text("Payload-Oxum: \x1b[2J\u202e" + "9" * 5000 + "\n")

    main(["verify", str(folder), "--policy", str(policy)])

    said = capsys.readouterr().out
    assert "\x1b[2J" not in said
    assert "\u202e" not in said
    assert max(map(len, said.splitlines())) < 2500


def test_an_empty_folder_is_no_package(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()

    code, told = verified(capsys, tmp_path / "empty", "--policy", policy)

    assert code == 1
    assert {found["subject"] for found in told["findings"]} >= {"bagit.txt", "data/log/checkpoint"}


def _long_ago() -> House:
    """A log whose cosignatures are of years ago."""
    made = house()
    made.now = made.now.replace(year=2024)
    return made


def test_a_cosignature_is_of_its_checkpoint(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = house()
    folder = writing.log(made, tmp_path / "log", witnesses=(COURT,))
    stranger = KeyCosigner(BAR.name, COURT.private)
    note = (folder / "checkpoint").read_bytes()
    text = note.split(b"\n\n")[0].decode() + "\n"
    (folder / "checkpoint").write_bytes(note + cosign(text, stranger, made.now))

    code, told = verified(capsys, folder, "--policy", policy)

    assert (code, [found["step"] for found in told["findings"]]) == (1, [3])
