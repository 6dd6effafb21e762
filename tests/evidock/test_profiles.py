from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidock.__main__ import main


def test_all_profiles_are_listed_with_what_they_were_held_against(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["profiles", "list", "--json"]) == 0
    found = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    assert len(found) >= 8
    assert {each["verified"] for each in found.values()} == {"none"}
    assert all(each["sources"] for each in found.values())
    assert found["android-phone"]["scope"]
    assert "4255:0001 control" in found["amba-control"]["usb"]

    assert main(["profiles", "list"]) == 0
    assert "amba-control" in capsys.readouterr().out


def test_a_mistake_is_told_with_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = 'id = "mine"\ntitle = "t"\nverified = "none"\n'
    (tmp_path / "good.toml").write_text(head + '[scope]\nonly = ["^DCIM/"]\n')
    (tmp_path / "bad.toml").write_text(head + '[scope]\nonly = ["("]\n')

    assert main(["profiles", "check", str(tmp_path)]) == 1
    bad, good = capsys.readouterr().out.splitlines()
    assert "bad.toml: scope.only[0] is no regular expression" in bad
    assert good.endswith("good.toml: right")
    assert main(["profiles", "check", str(tmp_path / "good.toml")]) == 0
    assert main(["profiles", "check", str(tmp_path / "none.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert main(["profiles", "check", str(tmp_path / "empty")]) != 0


def test_a_profile_is_tried_on_the_files_of_a_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("DCIM/Camera/VID_20260101_120000.mp4", "Download/private.pdf", "Movies/.x"):
        (tmp_path / "phone" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "phone" / path).write_bytes(b"1")

    assert main(["profiles", "try", "android-phone", str(tmp_path / "phone"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    taken = {each["path"]: each["taken"] for each in told["files"]}
    assert taken == {
        "DCIM/Camera/VID_20260101_120000.mp4": True,
        "Download/private.pdf": False,
        "Movies/.x": False,
    }
    assert told["chosen_by_station"] == "android-phone"
    assert told["files"][0]["started"] == "2026-01-01T12:00:00.000Z"

    monkeypatch.setenv("COLUMNS", "200")
    assert main(["profiles", "try", "android-phone", str(tmp_path / "phone")]) == 0
    assert "out of scope" in capsys.readouterr().out
    assert main(["profiles", "try", "nobody", str(tmp_path / "phone")]) != 0
    assert "there is no profile 'nobody'" in capsys.readouterr().err


def test_parts_of_one_recording_are_shown_with_what_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GX010533.MP4", "GX030533.MP4", "GX010534.MP4"):
        (tmp_path / "DCIM/100GOPRO" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "DCIM/100GOPRO" / name).write_bytes(b"1")
    parts = ["DCIM/100GOPRO/GX010533.MP4", "DCIM/100GOPRO/GX030533.MP4"]

    assert main(["profiles", "try", "gopro", str(tmp_path), "--json"]) == 0
    (recording,) = json.loads(capsys.readouterr().out)["recordings"]
    assert recording == {"parts": parts, "lacks": [f"part 2 between {parts[0]} and {parts[1]}"]}
    assert main(["profiles", "try", "gopro", str(tmp_path)]) == 0
    assert "lacks part 2 between" in capsys.readouterr().out
