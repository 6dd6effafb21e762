"""Proposals: what one person wants and another must agree to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0013"
down_revision = "0012"

_ENTRIES = ("by_entry", "approved_entry", "begun_entry", "ended_entry")


def upgrade() -> None:
    """Add the table, and find clips by the date until which they are kept."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=True),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("proposer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("authority", sa.String(), nullable=True),
        sa.Column("authority_salt", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("approved_entry", whole(), nullable=True),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("not_before", sa.String(), nullable=True),
        sa.Column("begun_entry", whole(), nullable=True),
        sa.Column("ended_entry", whole(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("end_salt", sa.LargeBinary(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"proposal_{name}_fkey"))
            for name in _ENTRIES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("proposal_pkey")),
    )
    op.create_index("proposal_by_clip", "proposal", ["clip"])
    op.create_index("proposal_by_start", "proposal", ["begun_entry"])
    op.create_index("clip_by_retention", "clip", ["retain_until"])


def downgrade() -> None:
    """Back, unless anything was proposed: an older product would not know what was destroyed."""
    refuse_loss(op.get_bind(), "proposal")
    op.drop_table("proposal")
    op.drop_index("clip_by_retention", "clip")
