"""Stamped times inside a query: moved by some milliseconds, and as a number to reckon with.

Times are text in the tables (:mod:`archive.catalogue.tables`), so SQLite and PostgreSQL each have
their own words for this.  One rule: what comes out of :class:`moved` is again a stamp, which sorts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class moved(FunctionElement[str]):  # noqa: N801  it is called as a function
    """``moved(stamp, ms)``: the moment so many milliseconds earlier, stamped.

    A moment outside the calendar is NULL, or sorts below every stamp that an archive makes.
    """

    type = String()
    inherit_cache = True


class milliseconds(FunctionElement[int]):  # noqa: N801  likewise
    """``milliseconds(stamp)``: since 1970, whole."""

    type = BigInteger()
    inherit_cache = True


def _words(element: FunctionElement[Any], compiler: SQLCompiler, **given: Any) -> list[str]:
    clauses: list[ColumnElement[Any]] = list(element.clauses)
    return [compiler.process(each, **given) for each in clauses]


@compiles(moved, "sqlite")
def _moved_in_sqlite(element: moved, compiler: SQLCompiler, **given: Any) -> str:
    stamp, ms = _words(element, compiler, **given)
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {stamp}, printf('%+.3f seconds', -({ms}) / 1000.0))"


@compiles(moved, "postgresql")
def _moved_in_postgresql(element: moved, compiler: SQLCompiler, **given: Any) -> str:
    stamp, ms = _words(element, compiler, **given)
    moment = f"CAST({stamp} AS timestamptz) - ({ms}) * interval '1 millisecond'"
    return f"to_char(({moment}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


@compiles(milliseconds, "sqlite")
def _number_in_sqlite(element: milliseconds, compiler: SQLCompiler, **given: Any) -> str:
    (stamp,) = _words(element, compiler, **given)
    return f"CAST(round((julianday({stamp}) - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(milliseconds, "postgresql")
def _number_in_postgresql(element: milliseconds, compiler: SQLCompiler, **given: Any) -> str:
    (stamp,) = _words(element, compiler, **given)
    return f"CAST(round(extract(epoch FROM CAST({stamp} AS timestamptz)) * 1000) AS BIGINT)"
