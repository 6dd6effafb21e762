"""Cards forget: what was let go, and sightings that a second read proved mistaken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "erasure",
        sa.Column("docking", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("erasure_clip_fkey")),
        sa.ForeignKeyConstraint(["docking"], ["docking.id"], name=op.f("erasure_docking_fkey")),
        sa.PrimaryKeyConstraint("docking", "path", name=op.f("erasure_pkey")),
    )
    with op.batch_alter_table("erasure") as batch:
        batch.create_index(batch.f("ix_erasure_clip"), ["clip"], unique=False)

    with op.batch_alter_table("sighting") as batch:
        batch.add_column(
            sa.Column("mistaken", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "erasure")
    refuse_loss(op.get_bind(), "sighting", "mistaken", usual=False)
    with op.batch_alter_table("sighting") as batch:
        batch.drop_column("mistaken")

    with op.batch_alter_table("erasure") as batch:
        batch.drop_index(batch.f("ix_erasure_clip"))

    op.drop_table("erasure")
