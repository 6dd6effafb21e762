"""Clips, documents and dossiers of cases; work lists found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0019"
down_revision = "0018"

_TABLES = ("case_clip", "document", "document_view", "dossier", "case_export")


def upgrade() -> None:
    """Add tables and indexes; nobody has said anything in them yet."""
    op.create_table(
        "case_clip",
        *_of_saying("case_clip"),
        _text("clip"),
        _text("placer"),
        *_said("reason"),
        sa.Column("taken_entry", whole(), nullable=True),
        _text("taken_reason", nullable=True),
        sa.Column("taken_salt", sa.LargeBinary(), nullable=True),
        _entry("case_clip", "taken_entry"),
    )
    op.create_index("case_clip_by_case", "case_clip", ["case_id", "clip"])
    op.create_index("case_clip_by_clip", "case_clip", ["clip"])
    op.create_table(
        "document",
        *_of_saying("document"),
        _text("adder"),
        *_said("title"),
        *_said("name"),
        _text("sha256"),
        sa.Column("size", whole(), nullable=False),
    )
    op.create_table(
        "document_view",
        *(_text(name) for name in ("id", "document", "reader")),
        sa.Column("by_entry", whole(), nullable=False),
        _entry("document_view", "by_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("document_view_pkey")),
    )
    op.create_index("document_view_by_document", "document_view", ["document"])
    op.create_table(
        "dossier",
        *_of_saying("dossier"),
        _text("maker"),
        _text("sha256"),
        _text("previous", nullable=True),
        _text("root"),
        *(sa.Column(name, whole(), nullable=False) for name in ("number", "items", "gone")),
    )
    op.create_table(
        "case_export",
        *_of_saying("case_export"),
        sa.Column("export", whole(), nullable=False),
    )
    for table in ("document", "dossier", "case_export"):
        op.create_index(f"{table}_by_case", table, ["case_id"])
    op.create_index("incident_by_entry", "incident", ["by_entry"])
    untagged = sa.text("categories IS NULL")
    op.create_index(
        "clip_untagged",
        "clip",
        ["archived_entry"],
        sqlite_where=untagged,
        postgresql_where=untagged,
    )


def downgrade() -> None:
    """Back, unless somebody put something into a case that an older product would not know."""
    for table in _TABLES:
        refuse_loss(op.get_bind(), table)
    op.drop_index("clip_untagged", table_name="clip")
    op.drop_index("incident_by_entry", table_name="incident")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _of_saying(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """What all of them have: an id, the case as a commitment opens it, and the entry."""
    return [
        _text("id"),
        *_said("case_id", "case_salt"),
        sa.Column("by_entry", whole(), nullable=False),
        _entry(table, "by_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def _said(name: str, salt: str = "") -> list[sa.Column[object]]:
    return [_text(name), sa.Column(salt or f"{name}_salt", sa.LargeBinary(), nullable=False)]


def _entry(table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"{table}_{name}_fkey"))


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)
