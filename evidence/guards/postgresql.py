"""The guards in PostgreSQL.

Functions name their schema and look into ``pg_temp`` last: else whoever may make a temporary
table ``entry`` could show the guards entries that nobody recorded.  Triggers are ENABLE ALWAYS, so
that no session setting turns them off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text

from evidence.errors import SetupError
from evidence.guards.moves import LEGAL_MOVES, UNRECORDED

ENTRY_LOCK = 0x65_76_69_64_6F_63_6B_01
"""Advisory lock of whoever adds entries; held to the end of its transaction."""

_NO = {
    name: f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';"
    for name, said in UNRECORDED.items()
}

_RECORDED = f"""
    IF NOT EXISTS (SELECT 1 FROM entry
                   WHERE seq = NEW.by_entry AND clip = NEW.id AND state = NEW.state) THEN
        {_NO["no entry"]}
    END IF;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A trigger and the function it calls, which has its name."""

    name: str
    on: str
    """When, and on which table."""
    each: str
    """ROW or STATEMENT."""
    body: str

    @property
    def table(self) -> str:
        return self.on.split()[-1]


GUARDS = (
    Guard(
        name="evidock_entry_follows",
        on="BEFORE INSERT ON entry",
        each="ROW",
        body=f"""
    PERFORM pg_advisory_xact_lock({ENTRY_LOCK});
    IF EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq) THEN {_NO["replaced"]} END IF;
    IF NEW.seq <> (SELECT max(seq) + 1 FROM entry) THEN {_NO["gap"]} END IF;
    RETURN NEW;""",
    ),
    Guard(
        name="evidock_entry_is_unchanging",
        on="BEFORE UPDATE ON entry",
        each="ROW",
        body=_NO["changed"],
    ),
    Guard(
        name="evidock_entry_is_kept",
        on="BEFORE DELETE ON entry",
        each="ROW",
        body=_NO["deleted"],
    ),
    Guard(
        name="evidock_entry_is_not_emptied",
        on="BEFORE TRUNCATE ON entry",
        each="STATEMENT",
        body=_NO["deleted"],
    ),
    Guard(
        name="evidock_clip_starts_recorded",
        on="BEFORE INSERT ON clip",
        each="ROW",
        body=f"""
    IF EXISTS (SELECT 1 FROM clip WHERE id = NEW.id) THEN {_NO["clip replaced"]} END IF;
    {_RECORDED}
    RETURN NEW;""",
    ),
    Guard(
        name="evidock_clip_moves_recorded",
        on="BEFORE UPDATE ON clip",
        each="ROW",
        body=f"""
    IF NEW.id IS DISTINCT FROM OLD.id THEN {_NO["clip renamed"]} END IF;
    IF NEW.state IS NOT DISTINCT FROM OLD.state
        AND NEW.by_entry IS NOT DISTINCT FROM OLD.by_entry THEN RETURN NEW; END IF;
    IF NEW.by_entry <= OLD.by_entry THEN {_NO["old entry"]} END IF;
    IF NEW.state IS DISTINCT FROM OLD.state
        AND (OLD.state, NEW.state) NOT IN (VALUES {LEGAL_MOVES}) THEN {_NO["no move"]} END IF;
    {_RECORDED}
    RETURN NEW;""",
    ),
    Guard(
        name="evidock_clip_is_kept",
        on="BEFORE DELETE ON clip",
        each="ROW",
        body=_NO["clip deleted"],
    ),
    Guard(
        name="evidock_clip_is_not_emptied",
        on="BEFORE TRUNCATE ON clip",
        each="STATEMENT",
        body=_NO["clip deleted"],
    ),
)
"""Every guard; :func:`install` makes them."""


def install(db: Connection) -> None:
    """Make the guards in *db* the ones written here, in the caller's transaction.

    SetupError if they are other ones and *db* is open as a role that does not own the tables.
    """
    amiss = [guard for guard in GUARDS if not _stands(db, guard)]
    if amiss and not owns_tables(db):
        raise SetupError(
            f"the guard {amiss[0].name} of the database is missing, off or not this product's",
            advice="Let the owner of the tables run `evidock database upgrade`, and find out who"
            " changed it.",
        )
    for guard in amiss:
        _make(db, guard)


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """One transaction in which tables may change; guards stay, and are today's at its end."""
    with engine.begin() as db:
        yield db
        if inspect(db).has_table("entry"):
            install(db)
        else:
            for guard in GUARDS:
                db.exec_driver_sql(f"DROP FUNCTION IF EXISTS {guard.name}()")


def owns_tables(db: Connection) -> bool:
    """Whether the session's role may do to the tables what their owner may."""
    asked = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('entry')"
    return bool(db.scalar(text(asked)))


def may_change_tables(db: Connection) -> bool:
    """Whether the session's role owns the tables, or may make them where there are none."""
    if inspect(db).has_table("entry"):
        return owns_tables(db)
    asked = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
    return bool(db.scalar(text(asked)))


def _stands(db: Connection, guard: Guard) -> bool:
    """Whether trigger and function are there, on, and as written."""
    held = db.execute(
        text(
            "SELECT pg_get_triggerdef(t.oid), t.tgenabled, p.prosrc, p.proconfig, p.prosecdef"
            " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgname = :name AND t.tgrelid = to_regclass(:on)"
        ),
        {"name": guard.name, "on": guard.table},
    ).first()
    schema = _schema(db)
    before, _, table = guard.on.rpartition(" ")
    wanted = (
        (
            f"CREATE TRIGGER {guard.name} {before} {schema}.{table}"
            f" FOR EACH {guard.each} EXECUTE FUNCTION {guard.name}()"
        ),
        "A",
        _source(guard),
        [f"search_path={schema}, pg_temp"],
        False,
    )
    return held is not None and tuple(held) == wanted


def _make(db: Connection, guard: Guard) -> None:
    schema = _schema(db)
    for statement in (
        (
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql"
            f" SECURITY INVOKER SET search_path = {schema}, pg_temp"
            f" AS $guard${_source(guard)}$guard$"
        ),
        (
            f"CREATE OR REPLACE TRIGGER {guard.name} {guard.on}"
            f" FOR EACH {guard.each} EXECUTE FUNCTION {guard.name}()"
        ),
        f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}",
    ):
        db.exec_driver_sql(statement)


def _source(guard: Guard) -> str:
    return f"\nBEGIN\n{guard.body}\nEND\n"


def _schema(db: Connection) -> str:
    """The schema the tables are in, as SQL writes it."""
    return str(db.scalar(text("SELECT quote_ident(current_schema())")))
