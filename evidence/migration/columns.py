"""Types of columns that mean the same in every database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeEngine


def whole() -> TypeEngine[int]:
    """A whole number of 64 bits: SQLite's INTEGER, which is one, and PostgreSQL's BIGINT.

    PostgreSQL's own INTEGER ends at 2 GiB, and clips are larger.
    """
    return BigInteger().with_variant(Integer(), "sqlite")
