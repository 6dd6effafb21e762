"""Two roles in PostgreSQL: one owns the tables and migrates them, one does the archive's work.

The second may add entries and clips but can neither change nor remove them, nor take a guard away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, text

from evidence.errors import SetupError

_READ = "SELECT"
_ADD = "SELECT, INSERT"
_WORK = "SELECT, INSERT, UPDATE, DELETE"

RIGHTS = {
    "alembic_version": _READ,
    "schema": _READ,
    "entry": _ADD,
    "journal": _ADD,
    "view_reason": _ADD,
    "clip": "SELECT, INSERT, UPDATE",
}
"""What the working role may do to these tables; to all others, whatever rows need."""


def granting(roles: Sequence[str] = ()) -> Callable[[Connection], None]:
    """Gives *roles*, and those that worked here before, their rights; nothing in SQLite."""

    def grant(db: Connection) -> None:
        if db.dialect.name != "postgresql":
            return
        for role in {*roles, *_workers(db)}:
            _grant(db, role)

    return grant


def must_suffice(db: Connection) -> None:
    """SetupError if the session's role lacks a right that the archive needs."""
    if db.dialect.name != "postgresql":
        return
    for table in inspect(db).get_table_names():
        asked = {"on": f'"{table}"', "rights": RIGHTS.get(table, _WORK)}
        for right in asked["rights"].split(", "):
            having = text("SELECT has_table_privilege(:on, :right)")
            if not db.scalar(having, {"on": asked["on"], "right": right}):
                raise SetupError(
                    f"the catalogue's role may not {right} table {table}",
                    advice="Let the owner run `evidock database upgrade --for ROLE`.",
                )


def _workers(db: Connection) -> set[str]:
    """Roles other than the owner that may add entries."""
    found = db.scalars(
        text(
            "SELECT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r"
            " ON r.oid = a.grantee WHERE c.oid = to_regclass('entry')"
            " AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner"
        )
    )
    return set(found)


def _grant(db: Connection, role: str) -> None:
    found = db.scalar(
        text("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = :r"), {"r": role}
    )
    if found is None:
        raise SetupError(
            f"the database server has no role {role}", advice=f"CREATE ROLE {role} LOGIN first."
        )
    schema = db.scalar(text("SELECT quote_ident(current_schema())"))
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO {found}"]
    for table in inspect(db).get_table_names():
        statements.append(f'REVOKE ALL ON "{table}" FROM {found}')
        statements.append(f'GRANT {RIGHTS.get(table, _WORK)} ON "{table}" TO {found}')
    statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {found}")
    for statement in statements:
        db.exec_driver_sql(statement)
