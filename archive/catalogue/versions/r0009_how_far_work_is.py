"""How far along the log work behind it has come; such work begins anew where nobody knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import whole

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "reached",
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("through", whole(), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("reached_pkey")),
    )


def downgrade() -> None:
    """Back: what was done is done, and would only be done again."""
    op.drop_table("reached")
