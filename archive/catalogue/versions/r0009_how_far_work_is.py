"""How far along the log work behind it has come, and which archive signs for the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import whole

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "reached",
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("through", whole(), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("reached_pkey")),
    )
    op.create_table(
        "office",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("office_pkey")),
    )


def downgrade() -> None:
    """Back.  Nothing is lost: both tables say how far work has come, and no fact of evidence.

    An older product knows no office: no other archive may work on this catalogue meanwhile.
    """
    for name in ("office", "reached"):
        op.drop_table(name)
