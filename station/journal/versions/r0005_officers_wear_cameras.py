"""Officers wear cameras: assignments, badges, and under which assignment a card came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.Column("end_openings", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
    )
    op.create_index(op.f("ix_assignment_camera"), "assignment", ["camera"])
    op.create_index(
        "assignment_standing",
        "assignment",
        ["camera"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("openings", sa.LargeBinary(), nullable=False),
        sa.Column("end_openings", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("badge_pkey")),
    )
    op.create_index(
        "badge_standing", "badge", ["number"], unique=True, sqlite_where=sa.text("ended IS NULL")
    )
    with op.batch_alter_table("docking") as batch:
        batch.add_column(sa.Column("assignment", sa.String(), nullable=True))
        batch.create_foreign_key(
            batch.f("docking_assignment_fkey"), "assignment", ["assignment"], ["id"]
        )


def downgrade() -> None:
    """Back; refused where facts would be lost."""
    for table in ("assignment", "badge"):
        refuse_loss(op.get_bind(), table)
    with op.batch_alter_table("docking") as batch:
        batch.drop_constraint(batch.f("docking_assignment_fkey"), type_="foreignkey")
        batch.drop_column("assignment")
    op.drop_index("badge_standing", "badge")
    op.drop_table("badge")
    op.drop_index("assignment_standing", "assignment")
    op.drop_index(op.f("ix_assignment_camera"), "assignment")
    op.drop_table("assignment")
