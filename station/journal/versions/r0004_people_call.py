"""People call: calls for a supervisor, until they are answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("answered", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("call_pkey")),
    )
    op.create_index(
        "call_open", "call", ["place"], unique=True, sqlite_where=sa.text("answered IS NULL")
    )


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "call")
    op.drop_index("call_open", "call")
    op.drop_table("call")
