"""What feeds tell: more of incidents, cases, duties and assignments, and who may push them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0016"
down_revision = "0015"

_INCIDENT = ("unit", "latitude", "longitude", "place", "withdrawn_entry")
_TOLD = ("police_case", "case_incident", "duty", "assignment", "feed_key")
_UNDER_WAY = ("feed_state", "feed_push")


def upgrade() -> None:
    """Add columns and tables; nothing has told them yet."""
    with op.batch_alter_table("incident") as batch:
        batch.add_column(sa.Column("unit", sa.String(), nullable=True))
        batch.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch.add_column(sa.Column("place", sa.String(), nullable=True))
        batch.add_column(sa.Column("withdrawn_entry", whole(), nullable=True))
        batch.create_foreign_key(
            op.f("incident_withdrawn_entry_fkey"), "entry", ["withdrawn_entry"], ["seq"]
        )
    _add_cases()
    _add_spans()
    _add_keys()
    for table, columns in {"feed_file": ("mapping",), "feed_problem": ("field",)}.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(_text("feed", server_default="'incidents'"))
            for name in columns:
                batch.add_column(_text(name, server_default="''"))
    op.create_table(
        "feed_state",
        _text("feed"),
        _text("heard", nullable=True),
        sa.Column("used", whole(), nullable=False),
        sa.Column("unused", whole(), nullable=False),
        *(_text(name) for name in ("problem", "cursor", "etag")),
        sa.PrimaryKeyConstraint("feed", name=op.f("feed_state_pkey")),
    )
    op.create_table(
        "feed_push",
        *(_text(name) for name in ("key", "idempotency", "sha256")),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        _text("at"),
        sa.PrimaryKeyConstraint("key", "idempotency", name=op.f("feed_push_pkey")),
    )
    op.create_index(op.f("ix_feed_push_at"), "feed_push", ["at"])


def downgrade() -> None:
    """Back, unless a feed told what an older product would not know."""
    for table in _TOLD:
        refuse_loss(op.get_bind(), table)
    refuse_loss(op.get_bind(), "incident", *_INCIDENT)
    for table in (*_UNDER_WAY, *reversed(_TOLD)):
        op.drop_table(table)
    for table, columns in {"feed_file": ("mapping",), "feed_problem": ("field",)}.items():
        with op.batch_alter_table(table) as batch:
            for name in (*columns, "feed"):
                batch.drop_column(name)
    with op.batch_alter_table("incident") as batch:
        batch.drop_constraint(op.f("incident_withdrawn_entry_fkey"), type_="foreignkey")
        for name in reversed(_INCIDENT):
            batch.drop_column(name)


def _add_cases() -> None:
    op.create_table(
        "police_case",
        *_of_told("police_case"),
        _text("number"),
        *(_text(name, nullable=True) for name in ("title", "kind", "stage", "unit", "opened")),
        _text("incidents"),
        sa.UniqueConstraint("number", name=op.f("police_case_number_key")),
    )
    op.create_table(
        "case_incident",
        _text("case_id"),
        _text("number"),
        sa.Column("by_entry", whole(), nullable=False),
        _entry("case_incident", "by_entry"),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("case_incident_pkey")),
    )
    op.create_index(op.f("ix_case_incident_number"), "case_incident", ["number"])


def _add_spans() -> None:
    op.create_table(
        "duty",
        *_of_told("duty"),
        *(_text(name) for name in ("reference", "officer", "officer_key", "since", "until")),
        _text("unit", nullable=True),
        sa.UniqueConstraint("reference", name=op.f("duty_reference_key")),
    )
    op.create_index("duty_by_officer", "duty", ["officer_key"])
    names = ("reference", "camera", "camera_key", "officer", "officer_key", "since")
    op.create_table(
        "assignment",
        *_of_told("assignment"),
        *(_text(name) for name in names),
        _text("until", nullable=True),
        sa.UniqueConstraint("reference", name=op.f("assignment_reference_key")),
    )
    op.create_index("assignment_by_camera", "assignment", ["camera_key"])
    op.create_index("assignment_by_officer", "assignment", ["officer_key"])


def _add_keys() -> None:
    op.create_table(
        "feed_key",
        _text("id"),
        sa.Column("by_entry", whole(), nullable=False),
        _text("name"),
        sa.Column("name_salt", sa.LargeBinary(), nullable=False),
        _text("kind"),
        _text("sha256"),
        sa.Column("revoked_entry", whole(), nullable=True),
        _entry("feed_key", "by_entry"),
        _entry("feed_key", "revoked_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("feed_key_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("feed_key_sha256_key")),
    )


def _of_told(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """What every table of feeds has."""
    return [
        _text("id"),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_entry", whole(), nullable=True),
        _entry(table, "by_entry"),
        _entry(table, "withdrawn_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def _entry(table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"{table}_{name}_fkey"))


def _text(
    name: str, *, nullable: bool = False, server_default: str | None = None
) -> sa.Column[object]:
    default = None if server_default is None else sa.text(server_default)
    return sa.Column(name, sa.String(), nullable=nullable, server_default=default)
