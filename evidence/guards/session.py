"""A session on PostgreSQL that may keep evidence: durable, alone, and never silently less.

Every new connection is looked at anew, since after a failover it may reach another server.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import LiteralString

from psycopg import Connection as Session
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from evidence.errors import HomeBusy, SetupError, TemporaryError
from evidence.guards.postgresql import ENTRY_LOCK

OLDEST = 14
"""The oldest PostgreSQL we run on; older ones get no corrections any more."""

OWNER_LOCK = 0x65_76_69_64_6F_63_6B_02
"""Advisory lock of the one archive, or migration, that has the database open."""

PATIENCE = 5.0
"""Seconds: a server may need a moment to see that a process that was killed is gone."""

_SAFE_TLS = ("require", "verify-ca", "verify-full")

_SETTINGS = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # So that a server notices within half a minute that we are gone, and lets our lock go.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}

_CLIENT = {
    "application_name": "evidock",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}

_ORDERED = ["-a", "0", "B", "Z", "_", "a", "b", "z", "ä"]
"""Words as their code points sort them, which no language's rules do."""

_LOOK_AGAIN = 0.1

_MAKE_ANEW = "Make it anew: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server says of itself."""

    version: str
    number: int
    encoding: str
    sorted: list[str]
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    replication_role: str
    standby: bool
    superuser: bool
    checksums: str

    def summary(self) -> str:
        """For people, on one line."""
        return (
            f"PostgreSQL {self.version}, fsync {self.fsync}, full_page_writes"
            f" {self.full_page_writes}, synchronous_commit {self.synchronous_commit},"
            f" data_checksums {self.checksums}"
        )


def open_postgresql(url: URL, *, alone: bool = True, patience: float = PATIENCE) -> Engine:
    """An engine over one PostgreSQL database with at most one connection.

    *alone*: as long as it is connected, no other engine opened so is, by anybody; HomeBusy, when
    it connects and has waited *patience* seconds, if one is.  SetupError, when it connects, if the
    server would lose or misorder what it was given.

    READ COMMITTED is enough: every transaction of an engine that is *alone* first takes the lock
    that all who add entries take, so it sees all that came before it, and nobody else writes until
    it ends; as with BEGIN IMMEDIATE in SQLite.  (Under a stricter level the snapshot would be
    older than the lock, and waiting for it would end in errors.)
    """
    _check_url(url)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        isolation_level="READ COMMITTED",
        connect_args=dict(_CLIENT),
    )
    shown = url.render_as_string(hide_password=True)

    @event.listens_for(engine, "connect")
    def _prepare(session: Session, _record: object) -> None:
        check(look(session), shown)
        for name, value in _SETTINGS.items():
            session.execute("SELECT set_config(%s, %s, false)", (name, value))
        if alone:
            _take(session, shown, patience)
        session.commit()

    if alone:

        @event.listens_for(engine, "begin")
        def _begin(connection: object) -> None:
            asked = f"SELECT pg_advisory_xact_lock({ENTRY_LOCK})"
            connection.exec_driver_sql(asked)  # type: ignore[attr-defined]

    return engine


def summary(db: Connection) -> str:
    """What the server of *db* is, on one line for people."""
    held = db.connection.driver_connection
    if not isinstance(held, Session):
        raise TypeError(f"{held!r} is no session of psycopg")
    return look(held).summary()


def look(session: Session) -> Server:
    """Ask the server what matters here."""
    row = session.execute(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
        " current_setting('server_encoding'),"
        " (SELECT array_agg(w ORDER BY w) FROM unnest(%s::text[]) AS w),"
        " current_setting('fsync'), current_setting('full_page_writes'),"
        " current_setting('synchronous_commit'), current_setting('session_replication_role'),"
        " pg_is_in_recovery(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
        " current_setting('data_checksums')",
        (_ORDERED,),
    ).fetchone()
    return Server(**dict(zip(Server.__dataclass_fields__, row or (), strict=True)))


def check(server: Server, shown: str) -> None:
    """Return if *server* may keep evidence; SetupError, or TemporaryError on a standby."""
    if server.standby:
        raise TemporaryError(f"the database {shown} is a standby that cannot be written")
    refused = (
        (
            server.number < OLDEST * 10_000,
            f"is version {server.version}",
            f"Use {OLDEST} or newer.",
        ),
        (server.encoding != "UTF8", f"is encoded {server.encoding}", _MAKE_ANEW),
        (server.sorted != _ORDERED, "sorts by the rules of a language", _MAKE_ANEW),
        (server.fsync != "on", "runs with fsync off", "Set fsync = on in postgresql.conf."),
        (
            server.full_page_writes != "on",
            "runs with full_page_writes off",
            "Set full_page_writes = on in postgresql.conf.",
        ),
        (
            server.synchronous_commit == "off",
            "runs with synchronous_commit off for this role",
            "Set synchronous_commit = on, for the server, the database and the role.",
        ),
        (
            server.replication_role != "origin",
            f"runs with session_replication_role {server.replication_role}",
            "Take the setting off the role and the database: it turns triggers off.",
        ),
        (
            server.superuser,
            "is opened as a superuser",
            "Use a role that is none, see docs/database.md: the guards bind nobody above them.",
        ),
    )
    for wrong, what, advice in refused:
        if wrong:
            raise SetupError(
                f"the database {shown} {what}: it may not keep evidence", advice=advice
            )


def _check_url(url: URL) -> None:
    host = str(url.query.get("host", url.host or ""))
    if _is_here(host) or url.query.get("sslmode") in _SAFE_TLS:
        return
    raise SetupError(
        f"the database on {host} would be spoken to without certain encryption",
        advice="End the address in ?sslmode=verify-full&sslrootcert=/path/to/authority.pem",
    )


def _is_here(host: str) -> bool:
    """Whether *host* is this machine: a folder of sockets, or loopback."""
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _take(session: Session, shown: str, patience: float) -> None:
    """Hold the database for this session; HomeBusy, saying who has it, if somebody keeps it."""
    end = time.monotonic() + patience
    while not _one(session, "SELECT pg_try_advisory_lock(%s)", OWNER_LOCK)[0]:
        if time.monotonic() < end:
            time.sleep(_LOOK_AGAIN)
            continue
        holder = _one(
            session,
            "SELECT a.pid, coalesce(a.client_addr::text, 'this machine'), a.backend_start"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objid = %s"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            OWNER_LOCK & 0xFFFF_FFFF,
        )
        raise HomeBusy(
            f"another archive or migration has the database {shown}"
            f" (backend {holder[0]} from {holder[1]}, since {holder[2]})",
            advice="Only one archive signs for a database. Stop the other one first.",
        )


def _one(session: Session, question: LiteralString, value: int) -> tuple[object, ...]:
    """The one row that answers; a row of ``?`` if there is none."""
    return session.execute(question, (value,)).fetchone() or ("?",) * 3
