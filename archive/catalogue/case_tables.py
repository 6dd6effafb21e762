"""Tables of what people put into cases: clips, documents, dossiers, and who took a case out.

Times, digests and ``by_entry`` are as in :mod:`archive.catalogue.tables`.  One rule: a row is made
by an entry of its own and never removed; all of them are sayings
(:mod:`archive.catalogue.sayings`).
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.review_tables import Table

__all__ = [
    "CaseClipRow",
    "CaseExportRow",
    "DocumentRow",
    "DocumentViewRow",
    "DossierRow",
    "Table",
]


class CaseClipRow(Table):
    """That a person placed a clip in a case; its entries hold commitments only."""

    __tablename__ = "case_clip"
    __table_args__ = (
        Index("case_clip_by_case", "case_id", "clip"),
        Index("case_clip_by_clip", "clip"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    clip: Mapped[str]
    case_id: Mapped[str]
    """The case's number, as ``IncidentRow.case_id``."""
    case_salt: Mapped[bytes]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    placer: Mapped[str]
    """Id of the person."""
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    taken_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it is in the case by this."""
    taken_reason: Mapped[str | None]
    taken_salt: Mapped[bytes | None]


class DocumentRow(Table):
    """A document of a case, kept write-once among the records; its entry commits to the names."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_by_case", "case_id"),
        Index("document_by_digest", "sha256"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    case_salt: Mapped[bytes]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    adder: Mapped[str]
    """Id of the person."""
    title: Mapped[str]
    title_salt: Mapped[bytes]
    name: Mapped[str]
    """Of the file that was handed in."""
    name_salt: Mapped[bytes]
    sha256: Mapped[str]
    size: Mapped[int]


class DocumentViewRow(Table):
    """That somebody was given a document."""

    __tablename__ = "document_view"
    __table_args__ = (Index("document_view_by_document", "document"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    reader: Mapped[str]
    """Id of the person."""


class DossierRow(Table):
    """One version of a case's dossier: the digest of its index, which lies among the records."""

    __tablename__ = "dossier"
    __table_args__ = (
        Index("dossier_by_case", "case_id"),
        Index("dossier_by_digest", "sha256"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    case_salt: Mapped[bytes]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    maker: Mapped[str]
    """Id of the person."""
    number: Mapped[int]
    """1 for the first version of the case, and so on."""
    sha256: Mapped[str]
    previous: Mapped[str | None]
    """SHA-256 of the index of the version before it."""
    root: Mapped[str]
    """Merkle root over the items."""
    items: Mapped[int]
    gone: Mapped[int]
    """Items of earlier versions that the case has no more."""


class CaseExportRow(Table):
    """That a package of a case was taken out, by the ``export`` entry that it names."""

    __tablename__ = "case_export"
    __table_args__ = (Index("case_export_by_case", "case_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    case_salt: Mapped[bytes]
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    export: Mapped[int]
    """Log index of that entry."""
