"""Indexes: duties by unit, documents and dossiers by digest, clips nobody classified in time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_INDEXES = {
    "duty_by_unit": ("duty", ["unit", "since"]),
    "document_by_digest": ("document", ["sha256"]),
    "dossier_by_digest": ("dossier", ["sha256"]),
}


def upgrade() -> None:
    """Add them; clips that are gone leave the list of what nobody classified."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    _untagged("categories IS NULL AND state != 'DISPOSED'")


def downgrade() -> None:
    """Drop them; they hold nothing of their own."""
    _untagged("categories IS NULL")
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table)


def _untagged(of: str) -> None:
    op.drop_index("clip_untagged", table_name="clip")
    op.create_index(
        "clip_untagged",
        "clip",
        ["archived_entry"],
        sqlite_where=sa.text(of),
        postgresql_where=sa.text(of),
    )
