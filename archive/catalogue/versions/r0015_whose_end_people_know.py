"""Which clips people were told of, and indexes by which queue, notices and walks find theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evidence.migration import refuse_loss, whole

revision = "0015"
down_revision = "0014"

_LIVE = "state != 'DISPOSED'"
_INDEXES = (
    ("clip_by_end", "clip", ["retain_until", "id"], _LIVE),
    ("clip_to_tell", "clip", ["retain_until", "id"], f"{_LIVE} AND noticed_entry IS NULL"),
    ("proposal_open", "proposal", ["clip"], "ended_entry IS NULL"),
)
_TELL = """
UPDATE clip SET noticed_entry = (
  SELECT min(told.seq) FROM entry AS told
  WHERE told.clip = clip.id AND told.kind = 'dispose.notice' AND told.seq > (
    SELECT max(dated.seq) FROM entry AS dated
    WHERE dated.clip = clip.id AND dated.kind IN ('archive.verified', 'retain')
  )
)
WHERE id IN (SELECT entry.clip FROM entry WHERE entry.kind = 'dispose.notice')
"""
"""A notice counts for the date that stands: the one that the newest entry before it gave."""


def upgrade() -> None:
    """Add the column, told by the entries, and the indexes."""
    op.add_column("clip", sa.Column("noticed_entry", whole(), nullable=True))
    op.execute(_TELL)
    for name, table, columns, where in _INDEXES:
        is_so = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=is_so, postgresql_where=is_so)


def downgrade() -> None:
    """Back, unless somebody was told: an older product would not see which date that was of."""
    refuse_loss(op.get_bind(), "clip", "noticed_entry")
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table)
    with op.batch_alter_table("clip") as batch:
        batch.drop_column("noticed_entry")
