"""Going back must not lose what happened: a revision asks here before it drops anything."""

from __future__ import annotations

from sqlalchemy import Connection, column, func, select, table

from evidence.errors import FactsWouldBeLost


def refuse_loss(db: Connection, name: str, *columns: str, usual: object = None) -> None:
    """FactsWouldBeLost if dropping *columns* of table *name* (without: all of it) would lose any.

    A column holds facts in every row where it is neither NULL nor *usual*.
    """
    held = table(name, *map(column, columns))
    query = select(func.count()).select_from(held)
    for what in columns or (None,):
        asked = query
        if what is not None:
            asked = query.where(held.c[what].is_not(None))
            if usual is not None:
                asked = asked.where(held.c[what] != usual)
        if rows := db.scalar(asked):
            lost = f"table {name}" if what is None else f"column {what} of table {name}"
            raise FactsWouldBeLost(
                f"going back would lose {lost}, which holds facts in {rows} rows"
            )
