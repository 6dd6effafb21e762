"""What a case has at a moment, for the next version of its dossier, and that version on record.

One rule: a version is recorded in a transaction that found the case just as its index says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue import cases, documents
from archive.catalogue.case_tables import CaseClipRow, DossierRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.departures import departures
from archive.catalogue.entries import at
from archive.catalogue.linked import counts
from archive.catalogue.portions import portions
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clip import ClipState, new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.dossier import Index, Item, Name, index
from evidence.errors import OutOfTurn
from evidence.wire import DossierShown


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The next version of a case's dossier, as things stand."""

    case: str
    opening: Opening
    """Of the case's number."""
    index: Index
    is_new: bool
    """Whether it says anything that the version before it does not."""


def newest(tx: Transaction, number: str) -> DossierRow | None:
    """The last version of the dossier of case *number*; None: there is none yet."""
    rows = select(DossierRow).where(DossierRow.case_id == number)
    return tx.session.scalar(rows.order_by(DossierRow.number.desc()).limit(1))


def draft(tx: Transaction, number: str, before: Index | None, opening: Opening) -> Draft:
    """What comes behind *before*, the index of the newest version.

    NotKnown if nothing names the case, OutOfTurn if *before* is not its newest version: somebody
    else made one.  LogBroken if no entry says why something went.
    """
    cases.must_be_known(tx, number)
    row = newest(tx, number)
    if (None if row is None else row.sha256) != (None if before is None else before.digest.hex):
        raise OutOfTurn(f"another version of the dossier of case {number[:80]} was made meanwhile")
    items, went = _items(tx, number), dict[Name, int]()
    if row is not None and before is not None:
        went |= departures(tx, number, before, row.by_entry, (each.name for each in items))
    made = index(opening.commitment.hex, items, before, went)
    same = before is not None and (before.items, before.gone) == (made.items, made.gone)
    return Draft(case=number, opening=opening, index=made, is_new=not same)


def record(tx: Transaction, person: str, wanted: Draft, before: Index | None) -> DossierShown:
    """Put *wanted* on record, whose index the vault holds; OutOfTurn if the case has changed."""
    now = draft(tx, wanted.case, before, wanted.opening)
    if now.index != wanted.index:
        raise OutOfTurn(f"case {wanted.case[:80]} has changed meanwhile: try again")
    made, told = new_id("v"), wanted.index
    row = DossierRow(
        id=made,
        case_id=wanted.case,
        case_salt=wanted.opening.salt,
        maker=person,
        number=told.number,
        sha256=told.digest.hex,
        previous=told.previous,
        root=told.root,
        items=len(told.items),
        gone=len(told.gone),
    )
    row.by_entry = tx.record(
        EntryKind.DOSSIER_MADE,
        person,
        dossier=made,
        number=row.number,
        sha256=row.sha256,
        previous=row.previous,
        root=row.root,
        items=row.items,
        gone=row.gone,
        commitments={"case": wanted.opening.commitment.hex},
    )
    tx.session.add(row)
    tx.session.flush()
    return shown(tx, row)


def of_case(tx: Transaction, number: str) -> list[DossierShown]:
    """The versions of the dossier of case *number*, the first one first."""
    rows = select(DossierRow).where(DossierRow.case_id == number).order_by(DossierRow.number)
    return [shown(tx, row) for row in tx.session.scalars(rows).all()]


def shown(tx: Transaction, row: DossierRow) -> DossierShown:
    """The version in *row* as people see it."""
    return DossierShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        number=row.number,
        sha256=row.sha256,
        previous=row.previous,
        root=row.root,
        items=row.items,
        gone=row.gone,
    )


def _items(tx: Transaction, number: str) -> list[Item]:
    """All that case *number* has; a clip that was disposed of it has no more."""
    clips = cases.clips_of(tx, number)
    incidents = tx.session.execute(
        select(IncidentRow.id, IncidentRow.by_entry).where(cases.incidents_in(number))
    ).all()
    items = [Item(kind="incident", id=name, entry=entry) for name, entry in incidents]
    items += [
        Item(kind="document", id=row.id, entry=row.by_entry, sha256=row.sha256)
        for row in documents.of_case(tx, number)
    ]
    placed = _placed(tx, number)
    for some in portions(clips):
        live = ClipRow.id.in_(some), ClipRow.state != ClipState.DISPOSED.value
        items += [
            Item(
                kind="clip",
                id=row.id,
                entry=row.archived_entry,
                sha256=row.sha256,
                placed=placed.get(row.id),
            )
            for row in tx.session.scalars(select(ClipRow).where(*live))
        ]
    for some in portions([name for name, _ in incidents]):
        links = select(LinkRow).where(LinkRow.incident.in_(some), counts())
        items += [
            Item(kind="link", id=f"{row.clip} {row.incident}", entry=row.by_entry)
            for row in tx.session.scalars(links)
        ]
    return items


def _placed(tx: Transaction, number: str) -> Mapping[str, int]:
    """Clip -> the entry by which a person placed it in case *number*."""
    standing = CaseClipRow.case_id == number, CaseClipRow.taken_entry.is_(None)
    rows = tx.session.execute(select(CaseClipRow.clip, CaseClipRow.by_entry).where(*standing))
    return dict(rows.all())
