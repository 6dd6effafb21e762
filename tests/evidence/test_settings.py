from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidence.feed_settings import FeedKind, FeedSettings, checked
from evidence.settings import Settings, load


def test_without_a_file_the_defaults_hold() -> None:
    assert load(None, {}) == Settings()


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file = tmp_path / "evidock.toml"
    file.write_text('[station]\nname = "north"\nparallel_pulls = 2\n')

    settings = load(file, {"EVIDOCK_STATION_PARALLEL_PULLS": "7"})

    assert (settings.station.name, settings.station.parallel_pulls) == ("north", 7)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[station]\nnmae = 'x'\n", "'nmae'"),
        ("[sttion]\nname = 'x'\n", r"\[sttion\]"),
        ("[station]\nparallel_pulls = 'many'\n", "parallel_pulls"),
        ("[station]\nparallel_pulls = 0\n", "parallel_pulls"),
        ("name = 'x'\n", "name stands outside"),
        ("[archive]\nfloor_days = 29\n", "floor_days"),
        ("[agency]\nname = 'Bad Name'\n", "name"),
        ("[agency]\norigin = 'two words'\n", "origin"),
        ("[vault]\nkind = 'tape'\n", "kind"),
        ("= broken", "not TOML"),
        ("feeds = 3\n", r"\[\[feeds\]\]"),
        ("[[feeds]]\nname = 'x'\nkind = 'tides'\nhow = 'push'\n", r"\[\[feeds\]\].*kind"),
        ("[[feeds]]\nname = 'x'\nkind = 'cases'\nhwo = 'push'\n", "'hwo'"),
        ("[[feeds]]\nname = 'A b'\nkind = 'cases'\nhow = 'push'\n", "name"),
    ],
)
def test_a_bad_setting_refuses_to_start_and_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "evidock.toml"
    file.write_text(text)

    with pytest.raises(SetupError, match=named):
        load(file, {})


@pytest.mark.parametrize("variable", ["EVIDOCK_STATION_NMAE", "EVIDOCK_X", "EVIDOCK_NORTH_NAME"])
def test_an_unknown_variable_refuses_to_start_and_is_named(variable: str) -> None:
    with pytest.raises(SetupError, match=variable):
        load(None, {variable: "x"})


def test_feeds_are_a_list_of_tables(tmp_path: Path) -> None:
    file = tmp_path / "evidock.toml"
    file.write_text('[[feeds]]\nname = "a"\nkind = "duties"\nhow = "push"\ntime_zone = "UTC"\n')

    (feed,) = load(file, {}).feeds

    assert (feed.name, feed.kind, feed.how) == ("a", FeedKind.DUTIES, "push")


def test_feeds_that_cannot_be_told_apart_or_come_from_nowhere_are_named() -> None:
    one = FeedSettings(name="a", kind=FeedKind.CASES, how="push")
    with pytest.raises(SetupError, match="names 'a' twice"):
        checked((one, one))
    with pytest.raises(SetupError, match="needs 'path'"):
        checked((replace(one, how="folder"),))
    with pytest.raises(SetupError, match="needs 'url'"):
        checked((replace(one, how="pull"),))
