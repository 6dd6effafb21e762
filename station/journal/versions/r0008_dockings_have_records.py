"""Each docking has a record of its continuity: entries of its beginning and end, with openings.

Dockings of before have none: what stood on their cards is not known any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.errors import FactsWouldBeLost

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns, empty."""
    with op.batch_alter_table("docking") as batch:
        batch.add_column(sa.Column("begun", sa.Integer()))
        batch.add_column(sa.Column("begin_openings", sa.LargeBinary()))
        batch.add_column(sa.Column("ended", sa.Integer()))
        batch.add_column(sa.Column("end_openings", sa.LargeBinary()))
        for column in ("begun", "ended"):
            name = batch.f(f"docking_{column}_fkey")
            batch.create_foreign_key(name, "entry", [column], ["seq"])


def downgrade() -> None:
    """Back; refused where a docking has a record."""
    kept = sa.text("SELECT count(*) FROM docking WHERE begun IS NOT NULL OR ended IS NOT NULL")
    if rows := op.get_bind().scalar(kept):
        raise FactsWouldBeLost(
            "going back would lose the columns begun and ended of table docking, which hold facts"
            f" in {rows} rows"
        )
    with op.batch_alter_table("docking") as batch:
        for column in ("begun", "ended"):
            batch.drop_constraint(batch.f(f"docking_{column}_fkey"), type_="foreignkey")
        for column in ("begun", "begin_openings", "ended", "end_openings"):
            batch.drop_column(column)
