"""Who was in which room of a case-handling area, and when recorders were down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0023"
down_revision = "0022"

_STAY = ("reference", "session", "session_key", "room", "room_key", "since")
_OUTAGE = ("what", "name", "code", "asker", "reason", "since", "until")


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "stay",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _STAY),
        *(
            sa.Column(name, sa.String(), nullable=True)
            for name in ("number", "person", "purpose", "until")
        ),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_entry", whole(), nullable=True),
        *_entries("stay", "by_entry", "withdrawn_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("stay_pkey")),
        sa.UniqueConstraint("reference", name=op.f("stay_reference_key")),
    )
    for name in ("session_key", "since"):
        op.create_index(op.f(f"ix_stay_{name}"), "stay", [name])
    entries = ("by_entry", "approved_entry", "ended_entry")
    op.create_table(
        "outage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _OUTAGE),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("name_salt", "reason_salt")
        ),
        sa.Column("approved_entry", whole(), nullable=True),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("ended_entry", whole(), nullable=True),
        sa.Column("ender", sa.String(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("end_salt", sa.LargeBinary(), nullable=True),
        *_entries("outage", *entries),
        sa.PrimaryKeyConstraint("id", name=op.f("outage_pkey")),
    )
    op.create_index(op.f("ix_outage_since"), "outage", ["since"])


def downgrade() -> None:
    """Back, unless anybody told of any: an older product would forget it."""
    for table in ("outage", "stay"):
        refuse_loss(op.get_bind(), table)
        op.drop_table(table)


def _entries(table: str, *names: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"{table}_{name}_fkey"))
        for name in names
    ]
