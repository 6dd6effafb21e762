"""That cases are closed, and which clips are in which case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table, and find incidents by their case."""
    op.create_table(
        "closing",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_salt", sa.LargeBinary(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("reopened_entry", whole(), nullable=True),
        sa.Column("reopen_reason", sa.String(), nullable=True),
        sa.Column("reopen_salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f("closing_by_entry_fkey")),
        sa.ForeignKeyConstraint(
            ["reopened_entry"], ["entry.seq"], name=op.f("closing_reopened_entry_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("closing_pkey")),
    )
    op.create_index(op.f("ix_closing_case_id"), "closing", ["case_id"])
    op.create_index("incident_by_case", "incident", ["case_id"])


def downgrade() -> None:
    """Back, unless a case was closed: an older product would think that it is open."""
    refuse_loss(op.get_bind(), "closing")
    op.drop_table("closing")
    op.drop_index("incident_by_case", "incident")
