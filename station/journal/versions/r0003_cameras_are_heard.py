"""What cameras told before they became disks, and how far off their clocks were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "heard",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("heard_pkey")),
    )
    with op.batch_alter_table("docking") as batch:
        batch.add_column(sa.Column("heard", sa.String(), nullable=True))
        batch.create_foreign_key(batch.f("docking_heard_fkey"), "heard", ["heard"], ["id"])

    with op.batch_alter_table("clip") as batch:
        batch.add_column(sa.Column("clock_offset_ms", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "heard")
    refuse_loss(op.get_bind(), "clip", "clock_offset_ms", usual=None)
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("clock_offset_ms")

    with op.batch_alter_table("docking") as batch:
        batch.drop_constraint(batch.f("docking_heard_fkey"), type_="foreignkey")
        batch.drop_column("heard")

    op.drop_table("heard")
