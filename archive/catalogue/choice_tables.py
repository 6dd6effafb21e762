"""The archive's table of what was said at stations' boards; as :mod:`archive.catalogue.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.indexes import OPEN, partial
from archive.catalogue.marker_tables import Table

__all__ = ["ChoiceRow", "Table"]


class ChoiceRow(Table):
    """What somebody with an officer's badge said of a clip; goes with its clip."""

    __tablename__ = "choice"
    __table_args__ = (
        Index("choice_by_clip", "clip"),
        partial("choice_open", "clip", of=OPEN),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    clip: Mapped[str]
    """As the station called it then."""
    station: Mapped[str]
    act: Mapped[int]
    """Log index of the station's own entry."""
    incident: Mapped[str | None]
    """Id of what was chosen."""
    code: Mapped[str | None]
    """Of a marker on the clip as a whole."""
    number: Mapped[str | None]
    """Of the event, as it was typed."""
    number_salt: Mapped[bytes | None]
    officer: Mapped[str | None]
    """Whose badge it was, as the station says."""
    officer_salt: Mapped[bytes | None]
    ended_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it waits for its clip, or for its event."""
    ended: Mapped[str | None]
    """What came of it."""
