"""Where the catalogue lies: a file of SQLite in the home, or a database of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from archive.catalogue import roles
from archive.catalogue.working_tables import Table
from evidence.errors import SetupError, TemporaryError
from evidence.guards import open_postgresql
from evidence.migration import (
    Revisions,
    Standing,
    disposed_on_error,
    opened,
    standing,
    step_alone,
)
from evidence.secret import read_secret
from evidence.settings import ArchiveSettings

REVISIONS = Revisions(of="catalogue", package="archive.catalogue.versions", tables=Table.metadata)

_FILE = "catalogue.sqlite"


def place(settings: ArchiveSettings, folder: Path) -> Path | URL:
    """Where the settings say the catalogue is; *folder* is the archive's own.

    SetupError if they say it wrongly, or the password's file is not private.
    """
    if not settings.database:
        return folder / _FILE
    return address(settings.database, settings.database_password_file)


def address(text: str, password_file: str = "") -> URL:
    """The address *text* of a PostgreSQL database, with the password in the file, if one is named.

    SetupError unless it is one, and holds no password itself.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SetupError("[archive] database is no address", advice=_LIKE_THIS) from error
    if url.drivername not in {"postgresql", "postgres"} or not url.database:
        raise SetupError("[archive] database names no PostgreSQL database", advice=_LIKE_THIS)
    if url.password is not None or "password" in url.query:
        raise SetupError(
            "[archive] database holds a password: settings are read by many",
            advice="Put it into a file for its owner only, and name that in"
            " database_password_file; or use PGPASSFILE.",
        )
    url = url.set(drivername="postgresql")
    if not password_file:
        return url
    secret = read_secret(Path(password_file), "[archive] database_password_file")
    return url.set(password=secret)


def prepared(where: Path | URL) -> Engine:
    """The database at *where* with tables and guards.

    SetupError if it cannot be used or a newer product made it; TemporaryError if its server does
    not answer; HomeBusy if it must be had alone and another process has it open.
    """
    with _translated(where):
        engine = opened(where, REVISIONS, roles.granting())
        with disposed_on_error(engine), engine.begin() as db:
            roles.must_suffice(db)
    return engine


def beside(url: URL) -> Engine:
    """An engine for a question to the server at *url* that another archive has its database of.

    It takes no lock and waits for none.
    """
    return open_postgresql(url, alone=False)


def changed(where: Path | URL, to: str, workers: Sequence[str] = ()) -> None:
    """Bring the tables at *where* to revision *to*, and give the roles *workers* their rights.

    Errors as :func:`prepared`; FactsWouldBeLost if going back would lose any.
    """
    with _translated(where):
        step_alone(where, REVISIONS, to, roles.granting(workers))


def looked_at(where: Path | URL) -> Standing:
    """How the database at *where* stands; errors as :func:`prepared`."""
    with _translated(where):
        return standing(where, REVISIONS)


@contextmanager
def _translated(where: Path | URL) -> Iterator[None]:
    """Give what a database answers at the start the product's names."""
    try:
        yield
    except OperationalError as error:
        if isinstance(where, URL):
            raise TemporaryError(
                f"the catalogue {shown(where)} does not answer: {error.orig}",
                advice="See that the server runs, and that address, role and password are right;"
                " then start again.",
            ) from error
        raise SetupError(f"{where} cannot be used as a catalogue: {error.orig}") from error
    except DatabaseError as error:
        raise SetupError(f"{shown(where)} cannot be used as a catalogue: {error.orig}") from error


def shown(where: Path | URL) -> str:
    """*where* for people: never with a password."""
    if isinstance(where, URL) and where.get_backend_name() == "postgresql":
        return where.render_as_string(hide_password=True)
    return str(where.database if isinstance(where, URL) else where)


_LIKE_THIS = "Write it like postgresql://evidock@db.example/evidock?sslmode=verify-full"
