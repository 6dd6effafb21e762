from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence.guards import open_postgresql, open_sqlite
from tests.postgres import Server

Opener = Callable[[], Engine]
"""Opens the test's own database, to be had alone; another process may be given it."""


@pytest.fixture
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """A new database without tables, of the kind that the parameter names."""
    if request.param == "sqlite":
        yield partial(open_sqlite, f"sqlite:///{tmp_path / 'a.sqlite'}", alone=True)
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database(tables=False) as name:
        yield partial(open_postgresql, server.url(name))


@pytest.fixture
def engine(opener: Opener) -> Iterator[Engine]:
    """That database, open."""
    made = opener()
    yield made
    made.dispose()
