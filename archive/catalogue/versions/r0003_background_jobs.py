"""Background jobs, and what became of the check of a rendition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of jobs and the columns of the verdict."""
    op.create_table(
        "job",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("taken", whole(), nullable=False),
        sa.Column("asked", whole(), nullable=False),
        sa.Column("tries", whole(), nullable=False),
        sa.Column("lost", whole(), nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clip"], ["clip.id"], name=op.f("job_clip_fkey")),
        sa.PrimaryKeyConstraint("kind", "clip", name=op.f("job_pkey")),
    )
    with op.batch_alter_table("job") as batch:
        batch.create_index("job_by_due", ["due"])

    with op.batch_alter_table("rendition") as batch:
        batch.add_column(sa.Column("verdict", sa.String(), nullable=True))
        batch.add_column(sa.Column("verdict_entry", whole(), nullable=True))
        batch.create_foreign_key(
            op.f("rendition_verdict_entry_fkey"), "entry", ["verdict_entry"], ["seq"]
        )


def downgrade() -> None:
    """Back, if nothing was judged yet; jobs are no facts, and are asked for again."""
    refuse_loss(op.get_bind(), "rendition", "verdict", "verdict_entry")
    with op.batch_alter_table("rendition") as batch:
        batch.drop_constraint(op.f("rendition_verdict_entry_fkey"), type_="foreignkey")
        batch.drop_column("verdict_entry")
        batch.drop_column("verdict")

    with op.batch_alter_table("job") as batch:
        batch.drop_index("job_by_due")

    op.drop_table("job")
