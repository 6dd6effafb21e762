"""What each clip was classified as, and an index for the locks that end first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0010"
down_revision = "0009"

_SAID = ("categories", "classified")


def upgrade() -> None:
    """Add the columns; nobody has said of any clip what it is."""
    with op.batch_alter_table("clip") as batch:
        for name in _SAID:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.create_index("clip_by_lock", ["lock_until"])


def downgrade() -> None:
    """Back; refused where a clip was classified: an older product would keep it by other rules."""
    refuse_loss(op.get_bind(), "clip", *_SAID)
    with op.batch_alter_table("clip") as batch:
        batch.drop_index("clip_by_lock")
        for name in reversed(_SAID):
            batch.drop_column(name)
