"""How each clip's bytes come to the station.

Clips of before were docked, but for those with the profile of Axis's push.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.errors import FactsWouldBeLost

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column, filled as above."""
    with op.batch_alter_table("clip") as batch:
        batch.add_column(
            sa.Column("acquisition", sa.String(), nullable=False, server_default="docked")
        )
    op.execute("UPDATE clip SET acquisition = 'pushed' WHERE profile = 'axis-push'")


def downgrade() -> None:
    """Back; refused where anything was imported."""
    imported = sa.text("SELECT count(*) FROM clip WHERE acquisition NOT IN ('docked', 'pushed')")
    if rows := op.get_bind().scalar(imported):
        raise FactsWouldBeLost(
            "going back would lose column acquisition of table clip, which holds facts in"
            f" {rows} rows"
        )
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("acquisition")
