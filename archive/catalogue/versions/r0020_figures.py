"""Indexes by which figures of a span are found: clips by receipt, incidents and duties by start."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

_INDEXES = {
    "clip_by_receipt": ("clip", ["received"]),
    "incident_by_dispatch": ("incident", ["dispatched"]),
    "duty_by_start": ("duty", ["officer_key", "since"]),
}


def upgrade() -> None:
    """Add them."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Drop them; they hold nothing of their own."""
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table)
