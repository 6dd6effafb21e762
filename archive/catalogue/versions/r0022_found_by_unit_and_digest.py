"""Indexes: duties by unit, files by digest, links by incident, clips nobody classified in time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_INDEXES = {
    "duty_by_unit": ("duty", ["unit", "since"]),
    "document_by_digest": ("document", ["sha256"]),
    "dossier_by_digest": ("dossier", ["sha256"]),
    "link_by_incident": ("link", ["incident", "standing"]),
}


def upgrade() -> None:
    """Add them; clips that are gone leave the list of what nobody classified."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    op.drop_index(op.f("ix_link_incident"), "link")
    _untagged("categories IS NULL AND state != 'DISPOSED'")


def downgrade() -> None:
    """Drop them; they hold nothing of their own."""
    _untagged("categories IS NULL")
    op.create_index(op.f("ix_link_incident"), "link", ["incident"])
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
