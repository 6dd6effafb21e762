"""The archive's tables of why there is no recording; as :mod:`archive.catalogue.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.case_tables import Table

__all__ = ["Answer", "ExcuseRow", "OutageRow", "Table"]


class Answer:
    """What one person says of why something lacks; it counts once another one agrees."""

    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    code: Mapped[str]
    """One of :data:`evidence.coverage.CODES`, or of ``OUTAGE_CODES``."""
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


class ExcuseRow(Answer, Table):
    """Why an officer's part in an event has no recording."""

    __tablename__ = "excuse"
    incident: Mapped[str] = mapped_column(index=True)
    """Id of the officer's part."""


class OutageRow(Answer, Table):
    """That recorders were known to be down, and why."""

    __tablename__ = "outage"
    what: Mapped[str]
    """One of :class:`evidence.coverage.Down`."""
    name: Mapped[str]
    """Of the recorder or channel; empty: the area."""
    name_salt: Mapped[bytes]
    since: Mapped[str] = mapped_column(index=True)
    until: Mapped[str]
