"""What cameras told before they became disks, and how far off their clocks were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "heard",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("docking", sa.String(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["docking"], ["docking.id"], name=op.f("heard_docking_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("heard_pkey")),
        sa.UniqueConstraint("docking", name=op.f("heard_docking_key")),
    )
    with op.batch_alter_table("clip") as batch:
        batch.add_column(sa.Column("clock_offset_ms", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "heard")
    refuse_loss(op.get_bind(), "clip", "clock_offset_ms", usual=None)
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("clock_offset_ms")

    op.drop_table("heard")
