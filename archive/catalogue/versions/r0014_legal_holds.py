"""What carries an S3 legal hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "legal_hold",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("vault", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f("legal_hold_by_entry_fkey")),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("legal_hold_clip_fkey")),
        sa.PrimaryKeyConstraint("clip", "vault", "version_id", name=op.f("legal_hold_pkey")),
    )


def downgrade() -> None:
    """Back, unless something carries one: an older product would never lift it."""
    refuse_loss(op.get_bind(), "legal_hold")
    op.drop_table("legal_hold")
