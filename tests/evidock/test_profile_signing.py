"""Keys and signatures of profiles, on the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from evidence.note import VerifierKey
from evidock.__main__ import main
from station.signed import opened

HEAD = 'id = "mine"\ntitle = "t"\nverified = "none"\n'


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["profiles", "keygen", str(tmp_path / "key"), "--name", "force.example"]) == 0
    assert capsys.readouterr().out == (tmp_path / "key.pub").read_text()
    return tmp_path / "key"


def public(key: Path) -> str:
    return key.with_name("key.pub").read_text().strip()


def test_a_key_is_private_and_never_written_over(key: Path) -> None:
    before = key.read_bytes()

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert main(["profiles", "keygen", str(key), "--name", "force.example"]) == 40
    assert key.read_bytes() == before
    assert main(["profiles", "keygen", str(key.with_name("new")), "--name", "a b"]) == 40
    assert not key.with_name("new").exists()


def test_a_signed_profile_is_listed_as_signed(
    key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.toml").write_text(HEAD)
    wanted = ["profiles", "list", "--json", "--profiles", str(own), "--trust", public(key)]

    assert main(wanted) == 0
    told = capsys.readouterr()
    assert "mine.toml is not used" in told.err
    assert "mine" not in {each["id"] for each in json.loads(told.out)}

    assert main(["profiles", "sign", "--key", str(key), str(own / "mine.toml")]) == 0
    capsys.readouterr()
    assert main(wanted) == 0
    found = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    assert (found["mine"]["signed_by"], found["gopro"]["signed_by"]) == ("force.example", None)


def test_a_home_uses_what_its_settings_say(
    key: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    home = tmp_path / "home"
    home.mkdir()
    (home / "evidock.home").touch()
    settings = f'[station]\nprofile_keys = ["{public(key)}"]\nshipped_profiles = ["gopro"]\n'
    (home / "evidock.toml").write_text(settings)

    assert main(["profiles", "list", "--home", str(home)]) == 0

    told = capsys.readouterr()
    assert "shipped, unsigned" in told.out
    assert "not used: amba-control" in told.err
    assert "amba-control" not in told.out


def test_a_profile_with_a_mistake_is_not_signed(key: Path, tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(HEAD)
    (tmp_path / "bad.toml").write_text(HEAD + "colour = 1\n")
    files = [str(tmp_path / name) for name in ("good.toml", "bad.toml")]

    assert main(["profiles", "sign", "--key", str(key), *files]) == 40
    assert main(["profiles", "sign", "--key", str(key), str(tmp_path / "none.toml")]) == 40

    assert list(tmp_path.glob("*.sig")) == []


def test_a_key_without_its_public_half_signs_nothing(key: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(HEAD)
    other = VerifierKey(name="force.example", public=bytes(32))
    for text in ("", str(other), "\xff"):
        key.with_name("key.pub").write_text(text)
        assert main(["profiles", "sign", "--key", str(key), str(file)]) == 40
    assert list(tmp_path.glob("*.sig")) == []


def test_firmware_is_signed_for_one_profile_and_one_step(key: Path, tmp_path: Path) -> None:
    file = tmp_path / "fw.bin"
    file.write_bytes(b"\x00\x01")
    start = ["profiles", "sign", "--key", str(key), "--as", "firmware", str(file)]

    assert main(start) == 40
    assert main([*start, "--profile", "mine"]) == 40
    assert main([*start, "--profile", "mine", "--from", "V1", "--to", "V2"]) == 0

    note = (tmp_path / "fw.bin.sig").read_bytes()
    said = opened(note, [VerifierKey.parse(public(key))]).said
    assert (said.kind, said.profile, said.before, said.after) == ("firmware", "mine", "V1", "V2")
