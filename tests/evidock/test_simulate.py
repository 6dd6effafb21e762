"""``evidock simulate`` and ``evidock profiles simulate``, as a newcomer mistypes them or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidock.__main__ import main
from evidock.simulation.cut import Cut
from tests.station.simulator.acme import PASSWORD, written


@pytest.fixture
def passwords(tmp_path: Path) -> str:
    file = tmp_path / "passwords.toml"
    file.write_text(f'acme-bc1 = "{PASSWORD}"\namba-control = "123456"\n')
    file.chmod(0o600)
    return str(file)


def test_a_profile_and_its_card_are_rehearsed(
    tmp_path: Path, passwords: str, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, card = written(tmp_path), tmp_path / "card"
    (card / "VIDEO").mkdir(parents=True)
    (card / "VIDEO" / "BC1_000017_20261126_214005.mp4").write_bytes(bytes(2_000_000) + b"end")
    arguments = ["profiles", "simulate", str(profile), "--passwords", passwords, "--card"]

    assert main([*arguments, str(card), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "nothing about a real camera" in told["proves"]
    (file,) = told["card"]["files"]
    assert (file["camera"], file["equal"]) == ("000017", True)
    names = [step["name"] for step in told["steps"]]
    assert names[-4:] == ["gate as storage", "counterpart", "card read", "card matched"]
    assert PASSWORD.encode().hex() not in json.dumps(told)

    assert main([*arguments, str(card), "-v"]) == 0
    heard = capsys.readouterr()
    assert "said     57 48 4f" in heard.out
    assert "nothing about a real camera" in heard.err
    (card / "VIDEO" / "BC1_000017_20261126_214005.mp4").rename(card / "other.mp4")
    assert main([*arguments, str(card)]) == 1


def test_exit_codes_tell_failed_from_not_simulated(
    tmp_path: Path, passwords: str, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate = ["profiles", "simulate"]

    assert main([*simulate, "amba-control", "--passwords", passwords]) == 0
    assert main([*simulate, "amba-control"]) == 4
    assert main([*simulate, "gopro"]) == 4
    ours = ["amba-control", "--passwords", passwords, "--camera"]
    assert main([*simulate, *ours, "control"]) == 0
    assert main([*simulate, *ours, "text"]) == 1
    assert main([*simulate, "nobody"]) == 40
    assert main([*simulate, "gopro", "--card", str(tmp_path / "none")]) == 40
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "etc").symlink_to("/etc")
    assert main([*simulate, "gopro", "--card", str(tmp_path / "link")]) == 40
    assert "link" in capsys.readouterr().err


def test_what_cannot_be_simulated_is_refused_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, card = tmp_path / "home", tmp_path / "card"
    card.mkdir()
    simulate = ["simulate", "--home", str(home)]

    assert main([*simulate, str(card), "--cards", "2"]) == 40
    assert main([*simulate, str(tmp_path / "none")]) == 40
    assert main(["simulate", "--home", str(card / "home"), str(card)]) == 40
    assert not (card / "home").exists()
    assert main([*simulate, "--profile", "nobody", str(card)]) == 40
    assert main([*simulate, "--profile", "android-phone", str(card)]) == 40
    assert main([*simulate, "--yank-at", "5", str(card)]) == 40
    assert not (home / "simulated").exists()
    assert not (home / "station").exists()
    told = capsys.readouterr().err
    assert "no file on these cards is long enough to be cut at byte 5" in told
    assert "no [[usb]] of mode storage" in told


@pytest.mark.parametrize("text", ["100%", "0", "-1", "0%", "x", "", "%", "nan%"])
def test_a_cut_is_a_byte_or_a_part(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Cut.of(text)
    with pytest.raises(SystemExit):
        main(["simulate", "--home", "x", f"--yank-at={text}"])
