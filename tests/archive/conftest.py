from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.archive.house import House, Open
from tests.archive.places import DATABASE
from tests.postgres import APP, OWNER, Server

ELSEWHERE = (
    "copies/test_on_engine.py",
    "disposal/test_cut_off.py",  # a home each, which one database would mix up
    "disposal/test_outside.py",
    "log/",
    "export/test_bag.py",
    "feeds/test_dispatch.py",
    "feeds/test_kinds.py",
    "feeds/test_malformed.py",
    "feeds/test_moments.py",
    "feeds/test_workbooks.py",
    "catalogue/test_beside_the_archive.py",
    "catalogue/test_roles.py",
    "catalogue/test_sqlite_file.py",
    "test_at_rest.py",
    "test_bound.py",
    "test_catching_up.py",
    "test_office.py",
    "test_old_keys.py",
    "test_reasons.py",
    "test_restoring.py",
    "test_server_lost.py",
    "test_taking_turns.py",
    "test_testimony.py",
)
"""Tests without a catalogue, or of what only one database has."""

QUICK = ("catalogue/", "test_intake.py", "test_offers.py")
"""What runs on PostgreSQL each time; the rest does in the slow tests."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that has a catalogue on every database."""
    name = metafunc.definition.path.relative_to(Path(__file__).parent).as_posix()
    if name.startswith(ELSEWHERE):
        return
    marks = () if name.startswith(QUICK) else pytest.mark.slow
    places = ["sqlite", pytest.param("postgresql", marks=marks)]
    metafunc.parametrize("place", places, indirect=True)


@pytest.fixture(autouse=True)
def place(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where the catalogue of this test lies.

    In PostgreSQL the archive works as a role that owns nothing; the tests of the catalogue itself
    are its owner, whom only the guards hold back.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as name:
        user = OWNER if request.path.parent.name == "catalogue" else APP
        chosen = DATABASE.set(server.url(name, user).render_as_string())
        yield
        DATABASE.reset(chosen)


@pytest.fixture
def house(place: None, tmp_path: Path) -> House:  # noqa: ARG001  it sets the place
    """An archive's folder and a vault in memory, closed."""
    return House.at(tmp_path)


@pytest.fixture
async def door(house: House) -> AsyncIterator[Open]:
    """The house, open for requests."""
    async with house.opened() as opened:
        yield opened
