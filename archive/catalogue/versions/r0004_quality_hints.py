"""Quality hints: which renditions were looked at, and what was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "look",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("frames", whole(), nullable=False),
        sa.Column("seconds", whole(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f("look_by_entry_fkey")),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("look_clip_fkey")),
        sa.PrimaryKeyConstraint("clip", name=op.f("look_pkey")),
    )
    op.create_table(
        "hint",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("nth", whole(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start_ms", whole(), nullable=False),
        sa.Column("end_ms", whole(), nullable=False),
        sa.Column("value", whole(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["look.clip"], name=op.f("hint_clip_fkey")),
        sa.PrimaryKeyConstraint("clip", "nth", name=op.f("hint_pkey")),
    )


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    refuse_loss(op.get_bind(), "look")
    op.drop_table("hint")
    op.drop_table("look")
