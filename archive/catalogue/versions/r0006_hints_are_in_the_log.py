"""Quality hints stand in the log alone: the catalogue only knows which entry holds a clip's."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from evidence.migration import whole

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Drop what was there twice."""
    op.drop_table("hint")
    with op.batch_alter_table("look") as batch:
        batch.drop_column("seconds")
        batch.drop_column("frames")


def downgrade() -> None:
    """Back, filled again from the entries."""
    with op.batch_alter_table("look") as batch:
        batch.add_column(sa.Column("frames", whole(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("seconds", whole(), nullable=False, server_default="0"))
    hint = op.create_table(
        "hint",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("nth", whole(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start_ms", whole(), nullable=False),
        sa.Column("end_ms", whole(), nullable=False),
        sa.Column("value", whole(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["look.clip"], name=op.f("hint_clip_fkey")),
        sa.PrimaryKeyConstraint("clip", "nth", name=op.f("hint_pkey")),
    )
    _fill(op.get_bind(), hint)
    with op.batch_alter_table("look") as batch:
        batch.alter_column("frames", server_default=None)
        batch.alter_column("seconds", server_default=None)


def _fill(db: sa.Connection, hint: sa.Table) -> None:
    looks = sa.text("SELECT look.clip, entry.raw FROM look JOIN entry ON entry.seq = look.by_entry")
    put = sa.text("UPDATE look SET frames = :frames, seconds = :seconds WHERE clip = :clip")
    for clip, raw in db.execute(looks).all():
        told = json.loads(bytes(raw))
        db.execute(put, {"clip": clip, "frames": told["frames"], "seconds": told["seconds"]})
        for nth, each in enumerate(told["hints"]):
            row = {"kind": each["kind"], "start_ms": each["from_ms"], "end_ms": each["to_ms"]}
            value = {"clip": clip, "nth": nth, "value": each["value"]}
            db.execute(sa.insert(hint).values(**row, **value))
