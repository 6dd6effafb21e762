import os
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import HomeBusy, SetupError
from evidock.demo.shift import SampleShift
from evidock.home import Home
from evidock.resting import ask_if_running


def test_a_home_is_marked_and_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    home.prepare()
    home.prepare()

    assert not home.is_new
    assert home.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_with_other_peoples_things_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")

    with pytest.raises(SetupError, match="not empty"):
        Home(tmp_path).prepare()

    assert [entry.name for entry in tmp_path.iterdir()] == ["letters.txt"]


def test_settings_may_lie_in_a_new_home_before_its_first_start(tmp_path: Path) -> None:
    (tmp_path / "evidock.toml").write_text("[station]\nname = 'north'\n")

    Home(tmp_path).prepare()

    assert Home(tmp_path).settings().station.name == "north"


def test_a_home_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    with home.locked(), pytest.raises(HomeBusy, match="another Evidock process"), home.locked():
        pass

    with home.locked():
        assert True


def test_a_held_home_whose_process_does_not_answer_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()

    with home.locked(), pytest.raises(HomeBusy, match="does not answer"):
        ask_if_running(home, "clips")


def test_a_demo_login_is_made_once_and_kept_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()

    first = home.demo_login(make=True)

    assert home.demo_login(make=False) == first
    assert (home.folder / "demo-login.json").stat().st_mode & 0o777 == 0o600


def test_a_home_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no Evidock home"):
        Home(tmp_path / "nowhere").existing()

    assert not os.path.lexists(tmp_path / "nowhere")


def test_nothing_is_put_into_a_folder_that_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")

    with pytest.raises(SetupError, match="not empty"), Home(tmp_path).locked():
        pass

    assert [entry.name for entry in tmp_path.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize("name", ["file", "file/below", "loop"])
def test_what_cannot_be_a_home_is_said_to_be_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(SetupError, match="cannot be made a home"), Home(tmp_path / name).locked():
        pass


def test_a_demo_home_killed_while_it_was_made_still_gets_its_samples(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.locked():
        first = SampleShift.of(home, SystemClock(), wanted=True)

    with home.locked():
        again = SampleShift.of(home, SystemClock(), wanted=True)
        home.prepare()

    assert first is not None
    assert again == first
