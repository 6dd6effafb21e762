"""Where the second vault's copies lie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "copy",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("lock_mode", sa.String(), nullable=False),
        sa.Column("lock_until", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f("copy_by_entry_fkey")),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("copy_clip_fkey")),
        sa.PrimaryKeyConstraint("clip", name=op.f("copy_pkey")),
    )
    op.create_index("copy_by_place", "copy", ["key"])


def downgrade() -> None:
    """Back, unless copies are known: an older product would never look at them again."""
    refuse_loss(op.get_bind(), "copy")
    op.drop_table("copy")
