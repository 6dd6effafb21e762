"""Which documents and versions of dossiers are on record, by the digests that their keys have."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from archive.catalogue.case_tables import DocumentRow, DossierRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.portions import portions


def on_record(tx: Transaction, digests: Collection[str]) -> set[str]:
    """Those of *digests* (SHA-256) that a document or a version of a dossier has."""
    found: set[str] = set()
    for some in portions(sorted(digests)):
        for column in (DocumentRow.sha256, DossierRow.sha256):
            found.update(tx.session.scalars(select(column).where(column.in_(some))))
    return found
