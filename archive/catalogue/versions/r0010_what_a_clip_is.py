"""What each clip was classified as, who holds it, and an index for the locks that end first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0010"
down_revision = "0009"

_SAID = ("categories", "classified")


def upgrade() -> None:
    """Add the columns; nobody has said of any clip what it is."""
    with op.batch_alter_table("clip") as batch:
        for name in _SAID:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.create_index("clip_by_lock", ["lock_until"])
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("authority_salt", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("lifted_entry", whole(), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=True),
        sa.Column("lift_salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f("hold_by_entry_fkey")),
        sa.ForeignKeyConstraint(
            ["lifted_entry"], ["entry.seq"], name=op.f("hold_lifted_entry_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_pkey")),
    )
    op.create_index(op.f("ix_hold_clip"), "hold", ["clip"])


def downgrade() -> None:
    """Back; refused where a clip was classified or held: an older product would not know it."""
    refuse_loss(op.get_bind(), "hold", "id")
    refuse_loss(op.get_bind(), "clip", *_SAID)
    op.drop_table("hold")
    with op.batch_alter_table("clip") as batch:
        batch.drop_index("clip_by_lock")
        for name in reversed(_SAID):
            batch.drop_column(name)
