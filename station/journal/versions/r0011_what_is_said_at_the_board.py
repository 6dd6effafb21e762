"""What is said at the board of clips."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "choice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("incident", "number", "code")),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("choice_clip_fkey")),
        sa.ForeignKeyConstraint(["entry"], ["entry.seq"], name=op.f("choice_entry_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("choice_pkey")),
    )
    op.create_index("choice_by_clip", "choice", ["clip"])
    op.create_index("choice_by_entry", "choice", ["entry"])


def downgrade() -> None:
    """Back, unless anything was said."""
    refuse_loss(op.get_bind(), "choice")
    op.drop_table("choice")
