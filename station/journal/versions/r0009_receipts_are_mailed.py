"""The receipt of each docking may be mailed: which one a mail server took for which box.

Receipts of before were mailed to nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration.loss import refuse_loss

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "mail",
        sa.Column("docking", sa.String(), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("sent", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["docking"], ["docking.id"], name=op.f("mail_docking_fkey")),
        sa.PrimaryKeyConstraint("docking", "box", name=op.f("mail_pkey")),
    )


def downgrade() -> None:
    """Back; refused where receipts were mailed: they would be mailed again."""
    refuse_loss(op.get_bind(), "mail")
    op.drop_table("mail")
