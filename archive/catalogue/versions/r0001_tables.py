"""The tables of the catalogue as they were before there were revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0001"
down_revision = None

TABLES = (
    "rendition",
    "link",
    "derived",
    "session",
    "offer",
    "journal",
    "holder",
    "clip",
    "view_reason",
    "station",
    "person",
    "incident",
    "schema",
    "rejected",
    "nonce",
    "feed_problem",
    "feed_file",
    "failed_sign_in",
    "entry",
    "enrolment",
)
"""In the order in which they can go: none before what refers to it."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "enrolment",
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("expires", sa.String(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_sha256"),
    )
    op.create_table(
        "entry",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("entry") as batch:
        batch.create_index(op.f("ix_entry_clip"), ["clip"])

    op.create_table(
        "failed_sign_in",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("failed_sign_in") as batch:
        batch.create_index(op.f("ix_failed_sign_in_name_key"), ["name_key"])

    op.create_table(
        "feed_file",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.Column("mtime_ns", whole(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("valid", whole(), nullable=False),
        sa.Column("ignored_columns", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "feed_problem",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("row", whole(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("path", "row"),
    )
    op.create_table(
        "nonce",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("created", whole(), nullable=False),
        sa.PrimaryKeyConstraint("station", "nonce"),
    )
    with op.batch_alter_table("nonce") as batch:
        batch.create_index(op.f("ix_nonce_created"), ["created"])

    op.create_table(
        "rejected",
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
    )
    with op.batch_alter_table("rejected") as batch:
        batch.create_index(op.f("ix_rejected_sha256"), ["sha256"])

    op.create_table(
        "schema", sa.Column("version", whole(), nullable=False), sa.PrimaryKeyConstraint("version")
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("officer_key", sa.String(), nullable=False),
        sa.Column("nth", whole(), nullable=False),
        sa.Column("dispatched", sa.String(), nullable=False),
        sa.Column("cleared", sa.String(), nullable=False),
        sa.Column("call_type", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "officer_key", "nth"),
    )
    with op.batch_alter_table("incident") as batch:
        batch.create_index("incident_by_officer", ["officer_key"])

    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("name_salt", sa.LargeBinary(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("officer_salt", sa.LargeBinary(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "station",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("journal_through", whole(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_key"),
    )
    op.create_table(
        "view_reason",
        sa.Column("entry", whole(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entry.seq"]),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_table(
        "clip",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("archived_entry", whole(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("path_hex", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.Column("clip_class", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("officer_key", sa.String(), nullable=True),
        sa.Column("started", sa.String(), nullable=True),
        sa.Column("claimed_start", sa.String(), nullable=True),
        sa.Column("clock_offset_ms", whole(), nullable=True),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.String(), nullable=True),
        sa.Column("longitude", sa.String(), nullable=True),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("lock_mode", sa.String(), nullable=False),
        sa.Column("lock_until", sa.String(), nullable=False),
        sa.Column("retain_until", sa.String(), nullable=False),
        sa.Column("retain_rule", sa.String(), nullable=False),
        sa.Column("manifest_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["archived_entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("camera", "path_hex", "sha256"),
    )
    with op.batch_alter_table("clip") as batch:
        batch.create_index("clip_by_age", ["archived_entry"])
        batch.create_index("clip_by_digest", ["sha256"])
        batch.create_index("clip_by_officer", ["officer_key"])

    op.create_table(
        "holder",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.PrimaryKeyConstraint("clip", "station"),
    )
    op.create_table(
        "journal",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("number", whole(), nullable=False),
        sa.Column("entry", whole(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.PrimaryKeyConstraint("station", "number"),
    )
    op.create_table(
        "offer",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("path_hex", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("upload", sa.String(), nullable=True),
        sa.Column("upload_begun", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.PrimaryKeyConstraint("clip"),
        sa.UniqueConstraint("camera", "path_hex", "sha256"),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("opened", sa.String(), nullable=False),
        sa.Column("used", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    with op.batch_alter_table("session") as batch:
        batch.create_index(op.f("ix_session_used"), ["used"])

    op.create_table(
        "derived",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.PrimaryKeyConstraint("clip", "name"),
    )
    op.create_table(
        "link",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seconds_outside", whole(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"]),
        sa.PrimaryKeyConstraint("clip", "incident"),
    )
    with op.batch_alter_table("link") as batch:
        batch.create_index(op.f("ix_link_incident"), ["incident"])

    op.create_table(
        "rendition",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("segments", whole(), nullable=False),
        sa.Column("duration_ms", whole(), nullable=True),
        sa.Column("width", whole(), nullable=True),
        sa.Column("height", whole(), nullable=True),
        sa.Column("frames", whole(), nullable=True),
        sa.Column("original_codec", sa.String(), nullable=True),
        sa.Column("picture_digest", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by_entry"], ["entry.seq"]),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"]),
        sa.PrimaryKeyConstraint("clip"),
    )
    op.bulk_insert(sa.table("schema", sa.column("version")), [{"version": 1}])


def downgrade() -> None:
    """Leave nothing; refused as soon as anything was recorded."""
    refuse_loss(op.get_bind(), "entry")
    for name in TABLES:
        op.drop_table(name)
