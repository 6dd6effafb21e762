"""What Alembic runs for each of its commands: ours always hand it an open transaction."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from evidence.migration.columns import whole


def _rendered(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """How a new revision writes what it adds; False: as Alembic does."""
    return "whole()" if kind == "type" and repr(item) == repr(whole()) else False


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["tables"],
    render_as_batch=True,  # SQLite knows few ALTERs; a batch makes the table anew where it must
    transactional_ddl=True,
    compare_server_default=True,
    render_item=_rendered,
)
context.run_migrations()
