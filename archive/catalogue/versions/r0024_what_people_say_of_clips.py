"""Why a link was rejected; the links that people have to decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0024"
down_revision = "0021"
_PROPOSED = sa.text("standing = 'proposed'")


def upgrade() -> None:
    """Add the column and the index."""
    with op.batch_alter_table("link") as batch:
        batch.add_column(sa.Column("why", sa.String(), nullable=True))
    op.create_index(
        "link_proposed",
        "link",
        ["by_entry"],
        sqlite_where=_PROPOSED,
        postgresql_where=_PROPOSED,
    )


def downgrade() -> None:
    """Back, unless somebody said why: an older product would forget it."""
    refuse_loss(op.get_bind(), "link", "why")
    op.drop_index("link_proposed", "link")
    with op.batch_alter_table("link") as batch:
        batch.drop_column("why")
