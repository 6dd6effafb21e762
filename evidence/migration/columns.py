"""Types of columns, and names of constraints, that mean the same in every database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeEngine

NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "ix_%(column_0_label)s",
}
"""How constraints are called that were given no name: as PostgreSQL itself calls them."""


def whole() -> TypeEngine[int]:
    """A whole number of 64 bits: SQLite's INTEGER, which is one, and PostgreSQL's BIGINT.

    PostgreSQL's own INTEGER ends at 2 GiB, and clips are larger.
    """
    return BigInteger().with_variant(Integer(), "sqlite")
