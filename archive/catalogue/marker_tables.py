"""The archive's table of what people say that clips show; as :mod:`archive.catalogue.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.coverage_tables import Table

__all__ = ["MarkerRow", "Table"]


class MarkerRow(Table):
    """That a clip shows something, as a person says; goes with its clip."""

    __tablename__ = "marker"
    __table_args__ = (Index("marker_by_clip", "clip"), Index("marker_by_code", "code", "clip"))
    id: Mapped[str] = mapped_column(primary_key=True)
    clip: Mapped[str]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    code: Mapped[str]
    """One of :data:`evidence.marking.CODES`."""
    at_ms: Mapped[int | None]
    """From the beginning of its rendition; NULL: the clip as a whole."""
    maker: Mapped[str]
    """Id of the person, or of the station at whose board it was said."""
    note: Mapped[str | None]
    note_salt: Mapped[bytes | None]
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it stands."""
    withdrawer: Mapped[str | None]
    """Id of the person."""
