"""Documents of cases, as rows: which there are, who added them, and that one was given to somebody.

The bytes lie among the records of the vault (:mod:`archive.documents`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue import cases
from archive.catalogue.case_tables import DocumentRow, DocumentViewRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.errors import NotKnown, OutOfTurn
from evidence.wire import DocumentShown

MOST = 1000
"""Documents of one case: a dossier and a page list them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A document as somebody handed it in."""

    case: str
    title: str
    name: str
    """Of the file."""
    sha256: Sha256
    size: int


def may_come(tx: Transaction, number: str) -> None:
    """NotKnown unless there is such a case, OutOfTurn if it can take no more documents."""
    cases.must_be_known(tx, number)
    if len(of_case(tx, number)) >= MOST:
        raise OutOfTurn(f"case {number[:80]} has {MOST} documents, and takes no more")


def may_be_added(tx: Transaction, handed: Handed) -> None:
    """As *may_come*; OutOfTurn if the case has these very bytes already."""
    may_come(tx, handed.case)
    for row in of_case(tx, handed.case):
        if row.sha256 == handed.sha256.hex:
            raise OutOfTurn(f"case {handed.case[:80]} has this very file already, as {row.id}")


def add(tx: Transaction, person: str, handed: Handed) -> DocumentShown:
    """Put on record that *person* added a document that the vault holds; as *may_be_added*."""
    may_be_added(tx, handed)
    document = new_id("f")
    said = {"case": handed.case, "title": handed.title, "name": handed.name}
    held = {name: Opening.fresh(text) for name, text in said.items()}
    entry = tx.record(
        EntryKind.DOCUMENT_ADDED,
        person,
        document=document,
        sha256=handed.sha256.hex,
        size=handed.size,
        commitments={name: opening.commitment.hex for name, opening in held.items()},
    )
    row = DocumentRow(
        id=document,
        case_id=handed.case,
        case_salt=held["case"].salt,
        by_entry=entry,
        adder=person,
        title=handed.title,
        title_salt=held["title"].salt,
        name=handed.name,
        name_salt=held["name"].salt,
        sha256=handed.sha256.hex,
        size=handed.size,
    )
    tx.session.add(row)
    tx.session.flush()
    return shown(tx, row)


def find(tx: Transaction, document: str) -> DocumentShown:
    """One document; NotKnown if there is none of that id."""
    row = tx.session.get(DocumentRow, document)
    if row is None:
        raise NotKnown(f"there is no document {document[:80]}")
    return shown(tx, row)


def give(tx: Transaction, person: str, document: str) -> int:
    """Put on record that *person* is given *document*; the entry's log index."""
    view, found = new_id("n"), find(tx, document).id
    entry = tx.record(EntryKind.DOCUMENT_READ, person, document_view=view, document=found)
    tx.session.add(DocumentViewRow(id=view, document=found, by_entry=entry, reader=person))
    tx.session.flush()
    return entry


def of_case(tx: Transaction, number: str) -> list[DocumentRow]:
    """The documents of case *number*, oldest first."""
    rows = select(DocumentRow).where(DocumentRow.case_id == number)
    return list(tx.session.scalars(rows.order_by(DocumentRow.by_entry)))


def shown(tx: Transaction, row: DocumentRow) -> DocumentShown:
    """The document in *row* as people see it."""
    return DocumentShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        title=row.title,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
    )
