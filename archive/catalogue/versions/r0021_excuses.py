"""Why an incident has no recording, as people answered; incidents by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the table and the index."""
    entries = ("by_entry", "approved_entry", "ended_entry")
    op.create_table(
        "excuse",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("incident", "code", "asker", "reason")
        ),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("approved_entry", whole(), nullable=True),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("ended_entry", whole(), nullable=True),
        sa.Column("ender", sa.String(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("end_salt", sa.LargeBinary(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"excuse_{name}_fkey"))
            for name in entries
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("excuse_pkey")),
    )
    op.create_index(op.f("ix_excuse_incident"), "excuse", ["incident"])
    op.create_index("incident_by_time", "incident", ["dispatched", "id"])


def downgrade() -> None:
    """Back, unless anybody answered: an older product would forget who agreed."""
    refuse_loss(op.get_bind(), "excuse")
    op.drop_index("incident_by_time", "incident")
    op.drop_table("excuse")
