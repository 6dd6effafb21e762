"""Why a link was rejected; the links that people have to decide; what they say that clips show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0024"
down_revision = "0023"
_PROPOSED = sa.text("standing = 'proposed'")
_OPEN = sa.text("ended_entry IS NULL")


def upgrade() -> None:
    """Add the column, the index and the tables."""
    with op.batch_alter_table("link") as batch:
        batch.add_column(sa.Column("why", sa.String(), nullable=True))
    op.create_index(
        "link_proposed",
        "link",
        ["by_entry"],
        sqlite_where=_PROPOSED,
        postgresql_where=_PROPOSED,
    )

    op.create_table(
        "marker",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "clip")),
        sa.Column("by_entry", whole(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at_ms", whole(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("note_salt", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_entry", whole(), nullable=True),
        sa.Column("withdrawer", sa.String(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"marker_{name}_fkey"))
            for name in ("by_entry", "withdrawn_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("marker_pkey")),
    )
    op.create_index("marker_by_clip", "marker", ["clip"])
    op.create_index("marker_by_code", "marker", ["code", "clip"])
    _add_choices()


def _add_choices() -> None:
    """What was said at stations' boards."""
    op.create_table(
        "choice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by_entry", whole(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("clip", "station")),
        sa.Column("act", whole(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("incident", "code", "number")),
        sa.Column("number_salt", sa.LargeBinary(), nullable=True),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("officer_salt", sa.LargeBinary(), nullable=True),
        sa.Column("ended_entry", whole(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["entry.seq"], name=op.f(f"choice_{name}_fkey"))
            for name in ("by_entry", "ended_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("choice_pkey")),
    )
    op.create_index("choice_by_clip", "choice", ["clip"])
    op.create_index("choice_open", "choice", ["clip"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Back, unless anybody said anything: an older product would forget it."""
    refuse_loss(op.get_bind(), "choice")
    refuse_loss(op.get_bind(), "marker")
    refuse_loss(op.get_bind(), "link", "why")
    op.drop_table("choice")
    op.drop_table("marker")
    op.drop_index("link_proposed", "link")
    with op.batch_alter_table("link") as batch:
        batch.drop_column("why")
