"""Entries are found by their kind: canaries, fixity rounds and refused releases by the others."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f("ix_entry_kind"), "entry", ["kind"])


def downgrade() -> None:
    """Drop it: nothing is lost."""
    op.drop_index(op.f("ix_entry_kind"), table_name="entry")
