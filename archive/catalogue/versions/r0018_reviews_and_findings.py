"""Draws, reviews, sheets and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from evidence.migration import refuse_loss, whole

revision = "0018"
down_revision = "0017"

_TABLES = ("draw", "review", "sheet", "finding", "finding_act")


def upgrade() -> None:
    """Add the tables."""
    _add_draw()
    _add(
        "review",
        *_texts("draw", "clip", "checker"),
        sa.Column("place", whole(), nullable=False),
        sa.Column("recheck", sa.Boolean(), nullable=False),
        *_texts("due"),
    )
    _add(
        "sheet",
        *_texts("clip", "review", "checker"),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("score", whole(), nullable=False),
        *_said("answers"),
        sa.UniqueConstraint("review", name=op.f("sheet_review_key")),
    )
    _add(
        "finding",
        *_texts("opener", "code", "about"),
        *_texts("clip", nullable=True),
        *_said("subject"),
        *_texts("owner", "due"),
        *_texts("source", nullable=True),
        *_said("what"),
    )
    _add(
        "finding_act",
        *_texts("finding", "act", "by"),
        sa.Column("level", whole(), nullable=True),
        *_texts("role", "due", "text", nullable=True),
        sa.Column("text_salt", sa.LargeBinary(), nullable=True),
    )
    op.create_index("review_by_draw", "review", ["draw"])
    op.create_index("review_by_checker", "review", ["checker"])
    op.create_index("finding_by_subject", "finding", ["code", "about", "subject"])
    op.create_index("finding_by_owner", "finding", ["owner"])
    op.create_index(op.f("ix_finding_clip"), "finding", ["clip"])
    op.create_index("finding_act_by_finding", "finding_act", ["finding", "by_entry"])


def downgrade() -> None:
    """Back, unless anything was drawn or found: an older product would forget who must answer."""
    for table in _TABLES:
        refuse_loss(op.get_bind(), table)
    for table in _TABLES:
        op.drop_table(table)


def _add_draw() -> None:
    entries = ("seed_entry", "ended_entry")
    _add(
        "draw",
        sa.Column("number", whole(), nullable=False),
        *_texts("committer", "rules", "deadline"),
        *_texts("redoes", nullable=True),
        *_said("purpose"),
        *_said("population"),
        *_said("sheet"),
        *_texts("redo_reason", "seeder", "value", "ended", "ender", "end_reason", nullable=True),
        sa.Column("redo_salt", sa.LargeBinary(), nullable=True),
        sa.Column("end_salt", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, whole(), nullable=True) for name in entries),
        *(
            sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"draw_{name}_fkey"))
            for name in entries
        ),
        sa.UniqueConstraint("number", name=op.f("draw_number_key")),
    )


def _add(table: str, *columns: SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"], name=op.f(f"{table}_by_entry_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    )


def _texts(*names: str, nullable: bool = False) -> list[SchemaItem]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _said(name: str) -> list[SchemaItem]:
    """A text that an entry commits to, and its salt."""
    return [
        sa.Column(name, sa.String(), nullable=False),
        sa.Column(f"{name}_salt", sa.LargeBinary(), nullable=False),
    ]
