"""The archive's table of why there is no recording; as :mod:`archive.catalogue.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.case_tables import Table

__all__ = ["ExcuseRow", "Table"]


class ExcuseRow(Table):
    """Why an officer's part in an event has no recording; counts once another person agrees."""

    __tablename__ = "excuse"
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    incident: Mapped[str] = mapped_column(index=True)
    """Id of the officer's part."""
    code: Mapped[str]
    """One of :data:`evidence.coverage.CODES`."""
    asker: Mapped[str]
    """Id of the person."""
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    approved_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: nobody has agreed."""
    approver: Mapped[str | None]
    ended_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it was neither turned down nor taken back."""
    ender: Mapped[str | None]
    end_reason: Mapped[str | None]
    end_salt: Mapped[bytes | None]
