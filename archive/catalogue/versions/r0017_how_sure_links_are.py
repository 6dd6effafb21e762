"""How sure links are, and clips and incidents found by whose they are and when."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0017"
down_revision = "0016"

_AT_ONCE = 1000
_CLIP = sa.table(
    "clip",
    *(
        sa.column(name)
        for name in (
            "id",
            "camera",
            "camera_key",
            "started",
            "claimed_start",
            "clock_offset_ms",
            "begins",
            "state",
        )
    ),
)


def upgrade() -> None:
    """Add the columns; every link so far is the rule's, and each clip's start is known already."""
    with op.batch_alter_table("link") as batch:
        batch.add_column(
            sa.Column("standing", sa.String(), nullable=False, server_default="automatic")
        )
        batch.add_column(sa.Column("points", whole(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("parts", sa.String(), nullable=True))
    with op.batch_alter_table("clip") as batch:
        batch.add_column(sa.Column("camera_key", sa.String(), nullable=True))
        batch.add_column(sa.Column("begins", sa.String(), nullable=True))
    _fill()
    op.drop_index("clip_by_officer", "clip")
    op.drop_index("incident_by_officer", "incident")
    op.create_index("clip_by_officer", "clip", ["officer_key", "begins"])
    op.create_index("clip_by_camera", "clip", ["camera_key", "begins"])
    op.create_index("incident_by_officer", "incident", ["officer_key", "dispatched"])
    op.create_index("incident_by_unit", "incident", ["unit", "dispatched"])


def downgrade() -> None:
    """Back, unless a link is one that an older product would take for a sure one."""
    refuse_loss(op.get_bind(), "link", "standing", usual="automatic")
    op.drop_index("incident_by_unit", "incident")
    op.drop_index("incident_by_officer", "incident")
    op.drop_index("clip_by_camera", "clip")
    op.drop_index("clip_by_officer", "clip")
    op.create_index("incident_by_officer", "incident", ["officer_key"])
    op.create_index("clip_by_officer", "clip", ["officer_key"])
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("begins")
        batch.drop_column("camera_key")
    with op.batch_alter_table("link") as batch:
        batch.drop_column("parts")
        batch.drop_column("points")
        batch.drop_column("standing")


def _fill() -> None:
    db, after = op.get_bind(), ""
    wanted = sa.select(_CLIP).where(_CLIP.c.state != "DISPOSED").order_by(_CLIP.c.id)
    while rows := db.execute(wanted.where(_CLIP.c.id > after).limit(_AT_ONCE)).mappings().all():
        after = rows[-1]["id"]
        db.execute(
            sa.update(_CLIP)
            .where(_CLIP.c.id == sa.bindparam("which"))
            .values(camera_key=sa.bindparam("key"), begins=sa.bindparam("at")),
            [
                {"which": row["id"], "key": row["camera"].strip().casefold(), "at": _begins(row)}
                for row in rows
            ],
        )


def _begins(row: sa.RowMapping) -> str | None:
    """As ``archive.catalogue.begins`` had it when this was written."""
    start = row["started"] or row["claimed_start"]
    if start is None:
        return None
    try:
        moment = datetime.fromisoformat(start)
        moment -= timedelta(milliseconds=row["clock_offset_ms"] or 0)
    except (OverflowError, ValueError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
