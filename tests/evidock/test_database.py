"""``evidock database`` and ``evidock doctor`` on homes with either database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.catalogue.database import prepared
from evidence.errors import HomeBusy
from evidock.__main__ import main
from evidock.commands.doctor import Finding, examine
from evidock.home import Home
from tests.postgres import APP, OWNER, Server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    made.archive.mkdir()
    return made


@pytest.fixture
def name(postgres: Server, home: Home) -> Iterator[str]:
    """An empty database on the server, which the home is set to use."""
    with postgres.database(tables=False) as made:
        address = postgres.url(made, APP).render_as_string()
        home.settings_file.write_text(f"[archive]\ndatabase = {json.dumps(address)}\n")
        yield made


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main(["database", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out + said.err


def look(home: Home) -> Finding:
    return next(found for found in examine(home.folder) if found.name in {"catalogue", "databases"})


def test_a_catalogue_in_sqlite_goes_back_and_forward(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(home.archive / "catalogue.sqlite").dispose()

    back = run(capsys, "downgrade", "0001", "--home", home.folder)
    now = run(capsys, "current", "--home", home.folder)
    code, text = run(capsys, "upgrade", "--home", home.folder, "--json")

    assert back[0] == now[0] == code == 0
    assert now[1].startswith("catalogue: revision 0001 (this product knows ")
    assert json.loads(text)[0]["today"] is True
    assert look(home).ok
    assert "synchronous FULL" in look(home).detail


def test_a_home_without_databases_gets_none_by_being_asked(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "revision base" in run(capsys, "current", "--home", home.folder)[1]
    assert run(capsys, "upgrade", "--home", home.folder)[0] == 0

    assert list(home.archive.iterdir()) == []
    assert look(home).ok


def test_the_owner_makes_the_tables_in_postgresql_and_the_archive_works(
    home: Home, name: str, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not look(home).ok
    owner = postgres.url(name, OWNER).render_as_string()

    refused = run(capsys, "upgrade", "--home", home.folder)
    made = run(capsys, "upgrade", "--home", home.folder, "--owner", owner, "--for", APP)

    assert refused[0] == 40
    assert "may not change tables" in refused[1]
    assert made[0] == 0
    prepared(postgres.url(name, APP)).dispose()
    assert look(home).ok
    assert "PostgreSQL" in look(home).detail
    assert "fsync on" in look(home).detail


def test_one_role_for_everything_works_and_doctor_says_what_it_lacks(
    home: Home, name: str, postgres: Server
) -> None:
    address = postgres.url(name, OWNER).render_as_string()
    home.settings_file.write_text(f"[archive]\ndatabase = {json.dumps(address)}\n")
    prepared(postgres.url(name, OWNER)).dispose()

    assert "its role owns the tables" in look(home).detail


def test_nothing_is_touched_while_the_home_runs(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with home.locked():
        code, _ = run(capsys, "downgrade", "0001", "--home", home.folder)
        assert code == HomeBusy.exit_code
        assert "not looked at" in look(home).detail


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://evidock:hunter2@localhost/e", "holds a password"),
        ("postgresql://evidock@localhost/e?password=hunter2", "holds a password"),
        ("mysql://evidock@localhost/e", "no PostgreSQL database"),
        ("postgresql://evidock@localhost", "no PostgreSQL database"),
        ("nonsense", "no address"),
        ("postgresql://evidock@db.example/e", "certain encryption"),
    ],
)
def test_a_wrong_address_is_named_and_never_repeats_a_password(
    home: Home, address: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings_file.write_text(f"[archive]\ndatabase = {json.dumps(address)}\n")

    code, text = run(capsys, "current", "--home", home.folder)

    assert code == 40
    assert said in text
    assert "hunter2" not in text


def test_a_password_comes_from_a_private_file_only(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    file.chmod(0o644)
    home.settings_file.write_text(
        "[archive]\ndatabase = 'postgresql://evidock@127.0.0.1:1/e'\n"
        f"database_password_file = '{file}'\n"
    )
    open_to_all = run(capsys, "current", "--home", home.folder)
    file.chmod(0o600)
    nobody_there = run(capsys, "current", "--home", home.folder)

    assert (open_to_all[0], nobody_there[0]) == (40, 20)
    assert "can be read by others" in open_to_all[1]
    assert "does not answer" in nobody_there[1]
    assert "hunter2" not in nobody_there[1]
