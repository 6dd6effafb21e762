"""The fleet: how stations and cameras were when they last told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "station_state",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("behind", whole(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station"], ["station.id"], name=op.f("station_state_station_fkey")
        ),
        sa.PrimaryKeyConstraint("station", name=op.f("station_state_pkey")),
    )
    op.create_table(
        "camera",
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.id"], name=op.f("camera_station_fkey")),
        sa.PrimaryKeyConstraint("camera", name=op.f("camera_pkey")),
    )


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    for name in ("camera", "station_state"):
        refuse_loss(op.get_bind(), name)
    op.drop_table("camera")
    op.drop_table("station_state")
