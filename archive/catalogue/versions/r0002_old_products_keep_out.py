"""Products from before there were revisions do not open what they do not know."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Say so in the one place where such a product looks."""
    op.execute("UPDATE schema SET version = 2")


def downgrade() -> None:
    """They may again."""
    op.execute("UPDATE schema SET version = 1")
