"""When a public seed was drawn, sheets on which nothing counted, and reviews nobody can do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0025"
down_revision = "0024"

_VOID = ("voider", "void_code", "void_reason")


def upgrade() -> None:
    """Add the columns; nothing of before is such."""
    with op.batch_alter_table("draw") as batch:
        batch.add_column(sa.Column("drawn_at", sa.String(), nullable=True))
    with op.batch_alter_table("sheet") as batch:
        batch.alter_column("passed", existing_type=sa.Boolean(), nullable=True)
    with op.batch_alter_table("review") as batch:
        batch.add_column(sa.Column("void_entry", whole(), nullable=True))
        for name in _VOID:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.add_column(sa.Column("void_salt", sa.LargeBinary(), nullable=True))
        batch.create_foreign_key(op.f("review_void_entry_fkey"), "entry", ["void_entry"], ["seq"])


def downgrade() -> None:
    """Back, unless any of it is there: an older product would take a void review for overdue."""
    db = op.get_bind()
    refuse_loss(db, "draw", "drawn_at")
    refuse_loss(db, "review", "void_entry")
    held = db.execute(sa.text("SELECT count(*) FROM sheet WHERE passed IS NULL")).scalar_one()
    if held:
        refuse_loss(db, "sheet")
    with op.batch_alter_table("review") as batch:
        batch.drop_constraint(op.f("review_void_entry_fkey"), type_="foreignkey")
        batch.drop_column("void_salt")
        for name in reversed(_VOID):
            batch.drop_column(name)
        batch.drop_column("void_entry")
    with op.batch_alter_table("sheet") as batch:
        batch.alter_column("passed", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("draw") as batch:
        batch.drop_column("drawn_at")
