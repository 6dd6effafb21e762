"""Simulated footage and evidence are never in one home."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidock import apart
from evidock.__main__ import main
from evidock.cards import Cards
from evidock.home import Home
from station.usb.host import Host


def cards(home: Home, *, root: Path | None = None, simulated: Host | None = None) -> Cards:
    return Cards(root=root or home.docks, may_erase=lambda _folder: False, simulated=simulated)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    with made.locked():
        apart.prepare(made)
    return made


def test_a_home_of_simulated_cameras_says_so_in_its_log_its_keys_and_its_station(
    home: Home,
) -> None:
    settings = home.settings()

    assert settings.agency.origin == "evidock.invalid/simulation"
    assert settings.agency.name == "simulation"
    assert "SIMULATION" in settings.station.name
    assert "no evidence" in home.simulation.read_text()
    apart.prepare(home)
    apart.keep_apart(home, cards(home, simulated=Host()), settings)
    apart.keep_apart(home, cards(home), settings)


def test_no_other_home_takes_simulated_cameras(tmp_path: Path) -> None:
    real, begun = Home(tmp_path / "real"), Home(tmp_path / "begun")
    real.prepare()
    begun.folder.mkdir()
    begun.settings_file.write_text('[station]\nname = "front desk"\n')

    for other in (real, begun):
        with pytest.raises(SetupError):
            apart.prepare(other)
        assert not other.is_simulated
        with pytest.raises(SetupError, match="no home of simulated"):
            apart.keep_apart(other, cards(other, simulated=Host()), other.settings())
    apart.keep_apart(real, cards(real, root=tmp_path), real.settings())


def test_real_cards_are_not_docked_in_a_home_of_simulated_ones(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetupError, match="real cards"):
        apart.keep_apart(home, cards(home, root=tmp_path), home.settings())
    monkeypatch.setenv("EVIDOCK_STATION_USB", "true")
    with pytest.raises(SetupError, match="real cards"):
        apart.keep_apart(home, cards(home), home.settings())
    monkeypatch.delenv("EVIDOCK_STATION_USB")

    (tmp_path / "mine" / "card").mkdir(parents=True)
    arguments = ["--home", str(home.folder), "--cards", str(tmp_path / "mine")]
    assert main(["demo", "--once", *arguments]) == main(["up", *arguments]) == 40
    assert "real cards are never docked" in capsys.readouterr().err


def test_nothing_is_imported_into_a_home_of_simulated_cameras(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "real.mp4").write_bytes(b"real")
    said = ["--by", "Li", "--reason", "a case", str(tmp_path / "real.mp4")]

    assert main(["import", "--home", str(home.folder), *said]) == 40
    assert "nothing is ever imported" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AGENCY_ORIGIN", "police.example/log"),
        ("AGENCY_NAME", "police"),
        ("STATION_NAME", "front desk"),
        ("VAULT_KIND", "s3"),
    ],
)
def test_its_names_and_its_store_cannot_be_changed(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"EVIDOCK_{variable}", value)

    with pytest.raises(SetupError, match="a home of simulated cameras has"):
        apart.prepare(home)
    with pytest.raises(SetupError):
        apart.keep_apart(home, cards(home), home.settings())


def test_without_its_mark_it_is_still_told_by_its_log(home: Home) -> None:
    home.simulation.unlink()

    with pytest.raises(SetupError, match="its log is of simulated"):
        apart.keep_apart(home, cards(home), home.settings())


def test_killed_between_mark_and_settings_it_goes_on_where_it_was(home: Home) -> None:
    home.settings_file.unlink()
    (home.folder / "evidock.home").unlink()

    with pytest.raises(SetupError):
        apart.keep_apart(home, cards(home), home.settings())
    apart.prepare(home)

    assert home.settings().agency.name == "simulation"
