"""How each clip's bytes came to the station, and which signatures of cameras they carry.

Of what was imported also who handed it in.
Clips of before were docked, but for those with the profile of Axis's push: their stations signed
that in ``clip.found``, and there was no third way.
"""

from __future__ import annotations

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
    op.execute(
        "UPDATE clip SET acquisition ="
        " CASE WHEN profile = 'axis-push' THEN 'pushed' ELSE 'docked' END"
    )
    with op.batch_alter_table("clip") as batch:
        batch.alter_column("acquisition", existing_type=sa.String(), nullable=False)


def downgrade() -> None:
    """Back; refused where anything was imported."""
    refuse_loss(op.get_bind(), "clip", *_TOLD)
    refuse_loss(op.get_bind(), "rendition", "camera_signatures")
    with op.batch_alter_table("rendition") as batch:
        batch.drop_column("camera_signatures")
    with op.batch_alter_table("clip") as batch:
        for name in reversed(_TOLD):
            batch.drop_column(name)
        batch.drop_column("acquisition")
