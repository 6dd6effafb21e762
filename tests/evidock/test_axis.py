from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidock.__main__ import main
from evidock.home import Home
from station.axis.credentials import credentials_in


def home_with(folder: Path, axis: str) -> Home:
    home = Home(folder / "home")
    home.prepare()
    home.settings_file.write_text(f"[axis]\n{axis}\n")
    return home


def test_the_connection_file_holds_the_key_of_the_running_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tmp_path, "enabled = true\nport = 8444")

    assert main(["axis", "connection", "--home", str(home.folder)]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["BlobAPIKey"] == credentials_in(home.station).key
    assert told["AuthenticationTokenURI"] == ["http://127.0.0.1:8444/auth/v1.0"]


@pytest.mark.parametrize("axis", ["", "enabled = true", "enabled = true\nhost = '0.0.0.0'"])
def test_a_closed_or_unreachable_door_has_no_connection_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], axis: str
) -> None:
    home = home_with(tmp_path, axis)

    assert main(["axis", "connection", "--home", str(home.folder)]) == 40

    assert capsys.readouterr().out == ""
