"""The tables of the journal as they were before there were revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0001"
down_revision = None

TABLES = (
    "sighting",
    "seen",
    "opening",
    "clip",
    "entry",
    "docking",
)
"""In the order in which they can go: none before what refers to it."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "docking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("docked", sa.String(), nullable=False),
        sa.Column("undocked", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("entry") as batch:
        batch.create_index(op.f("ix_entry_clip"), ["clip"])

    op.create_table(
        "clip",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_entry", sa.Integer(), nullable=False),
        sa.Column("clip_class", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("started", sa.String(), nullable=True),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("got", sa.Integer(), server_default="0", nullable=False),
        sa.Column("partial", sa.String(), nullable=True),
        sa.Column("same_as", sa.String(), nullable=True),
        sa.Column("archived", sa.LargeBinary(), nullable=True),
        sa.Column("archive_id", sa.String(), nullable=True),
        sa.Column("receipt", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("rendition", sa.String(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("freed", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("alarm", sa.String(), nullable=True),
        sa.Column("stopped", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["same_as"], ["clip.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("clip") as batch:
        batch.create_index("clip_by_name", ["camera", "path"])
        batch.create_index("clip_waiting", ["freed", "stopped", "state"])

    op.create_table(
        "opening",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.PrimaryKeyConstraint("clip", "name"),
    )
    op.create_table(
        "seen",
        sa.Column("docking", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.ForeignKeyConstraint(["docking"], ["docking.id"]),
        sa.PrimaryKeyConstraint("docking", "clip"),
    )
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mtime_ns", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sighting") as batch:
        batch.create_index(op.f("ix_sighting_clip"), ["clip"])
        batch.create_index(
            "sighting_by_key",
            ["camera", "path", "size", "mtime_ns", "head", "serial"],
            unique=False,
        )


def downgrade() -> None:
    """Leave nothing; refused as soon as anything was recorded."""
    refuse_loss(op.get_bind(), "entry")
    for name in TABLES:
        op.drop_table(name)
