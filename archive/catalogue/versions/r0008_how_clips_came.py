"""How each clip's bytes came to the station, and which signatures of cameras they carry.

Of what was imported also who handed it in.
Clips of before were docked, but for those with the profile of Axis's push: their stations signed
that in ``clip.found``, and there was no third way.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0008"
down_revision = "0007"

_TOLD = ("imported_by", "import_reason", "import_source", "import_sha256")


def upgrade() -> None:
    """Add the columns, filled as above."""
    with op.batch_alter_table("clip") as batch:
        batch.add_column(sa.Column("acquisition", sa.String(), nullable=True))
        for name in _TOLD:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
    with op.batch_alter_table("rendition") as batch:
        batch.add_column(sa.Column("camera_signatures", sa.String(), nullable=True))
    _fill(op.get_bind())
    op.execute(
        "UPDATE clip SET acquisition ="
        " CASE WHEN profile = 'axis-push' THEN 'pushed' ELSE 'docked' END"
    )
    with op.batch_alter_table("clip") as batch:
        batch.alter_column("acquisition", existing_type=sa.String(), nullable=False)


def downgrade() -> None:
    """Back; refused where anything was imported.  The log keeps which signatures were seen."""
    refuse_loss(op.get_bind(), "clip", *_TOLD)
    with op.batch_alter_table("rendition") as batch:
        batch.drop_column("camera_signatures")
    with op.batch_alter_table("clip") as batch:
        for name in reversed(_TOLD):
            batch.drop_column(name)
        batch.drop_column("acquisition")


def _fill(db: sa.Connection) -> None:
    """Of renditions that went back a revision, what their entries tell."""
    made = sa.text(
        "SELECT r.clip, e.raw FROM rendition r"
        " JOIN entry e ON e.seq = r.by_entry AND e.kind = 'derive'"
    )
    put = sa.text("UPDATE rendition SET camera_signatures = :seen WHERE clip = :clip")
    for clip, raw in db.execute(made).all():
        seen = json.loads(bytes(raw)).get("camera_signatures")
        if seen is not None:
            db.execute(put, {"clip": clip, "seen": " ".join(seen)})
