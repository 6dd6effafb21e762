"""Cameras are changed: what was written to them beside their clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("change_pkey")),
        sa.UniqueConstraint("id", name=op.f("change_id_key")),
    )
    op.create_index("change_by_camera", "change", ["camera"])


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "change")
    op.drop_index("change_by_camera", "change")
    op.drop_table("change")
