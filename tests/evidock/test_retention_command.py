"""``evidock retention``: what other rules would do, told before they do it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from archive.retaining import Change
from evidence.clock import SystemClock, stamp
from evidence.errors import SetupError
from evidence.law import shelf
from evidence.law.rulebook import Rulebook
from evidence.retention import FOR_EVER, Retention
from evidence.settings import ArchiveSettings
from evidock.__main__ import main
from evidock.commands import retention
from evidock.home import Home
from evidock.retention_preview import preview_of, wanted

NOW = SystemClock().now()
BOOK = Rulebook(law=shelf.pack("us-ca"))


def until(days: int, rule: str) -> Retention:
    return Retention(until=NOW + timedelta(days=days), rule=rule)


FOUND = [
    Change(clip="c-longer", now=until(10, "a/1:x"), then=until(20, "us-ca/1:evidentiary")),
    Change(
        clip="c-shorter",
        now=Retention(until=FOR_EVER, rule="cn-2016/1:permanent"),
        then=until(20, "us-ca/1:evidentiary"),
    ),
    Change(clip="c-same", now=until(20, "a/1:x"), then=until(20, "us-ca/1:evidentiary")),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_it_names_what_would_be_kept_for_less_and_for_longer() -> None:
    told = preview_of(BOOK, FOUND)

    assert told["clips"] == 3
    assert told["longer"] == [
        {
            "clip": "c-longer",
            "now": {"until": stamp(NOW + timedelta(days=10)), "rule": "a/1:x"},
            "then": {"until": stamp(NOW + timedelta(days=20)), "rule": "us-ca/1:evidentiary"},
        }
    ]
    shorter = told["shorter"]
    assert isinstance(shorter, list)
    assert shorter[0]["now"] == {"until": None, "rule": "cn-2016/1:permanent"}
    shown = retention._told(told)
    assert "3 clips: 1 would be kept for longer, 1 for less" in shown
    assert "for ever (cn-2016/1:permanent)" in shown
    assert "Nothing was changed" in shown


def test_many_are_counted_and_not_all_shown() -> None:
    many = [FOUND[0]] * 51

    assert "and 1 more (--json lists all)" in retention._told(preview_of(BOOK, many))


def test_an_empty_home_is_asked_by_the_command(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["retention", "preview", "--home", str(home.folder), "--law", "uk-met", "--json"]

    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["clips"] == 0
    assert [each["pack"] for each in told["packs"]] == ["uk-met/1"]


@pytest.mark.parametrize("option", ["--law", "--rules"])
def test_a_pack_that_is_no_good_is_named(
    home: Home, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retention", "preview", "--home", str(home.folder), option, "nowhere"]) == (
        SetupError.exit_code
    )
    assert "there is no law pack 'nowhere'" in capsys.readouterr().err


def test_the_packs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention", "packs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert {each["pack"] for each in told} >= {"cn-2016/1", "uk-met/1", "us-ca/1", "us-il/1"}
    assert main(["retention", "packs"]) == 0
    assert "公通字" in capsys.readouterr().out


def test_what_is_not_told_is_as_the_settings_say() -> None:
    chosen = ArchiveSettings(law_pack="us-il", utc_offset_minutes=480, floor_days=100)
    told = {"law": None, "rule_sets": [shelf.pack("uk-met").raw.decode()]}

    book = wanted(chosen, told)

    assert (book.law.name, [each.name for each in book.rule_sets]) == ("us-il", ["uk-met"])
    assert (book.utc_offset, book.at_least) == (timedelta(hours=8), timedelta(days=100))
