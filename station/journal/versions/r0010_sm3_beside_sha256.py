"""The SM3 of a clip's bytes, beside their SHA-256, where the station takes it.

Clips of before have none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.errors import FactsWouldBeLost

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column, empty."""
    with op.batch_alter_table("clip") as batch:
        batch.add_column(sa.Column("sm3", sa.String()))


def downgrade() -> None:
    """Back; refused where one was taken."""
    taken = sa.text("SELECT count(*) FROM clip WHERE sm3 IS NOT NULL")
    if rows := op.get_bind().scalar(taken):
        raise FactsWouldBeLost(
            f"going back would lose column sm3 of table clip, which holds facts in {rows} rows"
        )
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("sm3")
