"""What a case has at a moment, for the next version of its dossier, and that version on record.

One rule: a version is recorded in a transaction that found the case just as its index says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue import cases, documents
from archive.catalogue.case_tables import CaseClipRow, DossierRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, EntryRow, IncidentRow, LinkRow
from evidence.clip import ClipState, new_id
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.dossier import Index, Item, Name, index
from evidence.errors import OutOfTurn
from evidence.wire import DossierShown

MOST = 10_000
"""Items of a version: it is read into memory whole."""
_AT_ONCE = 400
_REJECTED = EntryKind.LINK_REJECTED.value
_LINKING = (EntryKind.LINKED.value, _REJECTED)
"""The entries by which a link may have ended: by the rule, or by a person."""


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

    NotKnown if nothing names the case, OutOfTurn if *before* is not its newest version (somebody
    else made one), or it has more than :data:`MOST` items.
    """
    cases.must_be_known(tx, number)
    row = newest(tx, number)
    if (None if row is None else row.sha256) != (None if before is None else before.digest.hex):
        raise OutOfTurn(f"another version of the dossier of case {number[:80]} was made meanwhile")
    items = _items(tx, number)
    if len(items) > MOST:
        raise OutOfTurn(f"case {number[:80]} has {len(items)} items; a dossier lists {MOST}")
    went = {} if before is None else _went(tx, number, before, {each.name for each in items})
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
    for some in _parts(clips):
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
    for some in _parts([name for name, _ in incidents]):
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


def _went(tx: Transaction, number: str, before: Index, there: set[Name]) -> Mapping[Name, int]:
    """By which entry each item went that *before* has and the case has not."""
    links = [each.id for each in before.items if each.kind == "link"]
    went: dict[Name, int] = {}
    for item in before.items:
        if item.name not in there:
            went[item.name] = max(_by(tx, number, item, links), default=item.entry)
    return went


def _by(tx: Transaction, number: str, item: Item, links: Sequence[str]) -> list[int]:
    """The entries that may have made *item* fall out; the last of them is taken."""
    clip, _, incident = item.id.partition(" ")
    found: list[int] = []
    if item.kind == "clip":
        taken = select(CaseClipRow.taken_entry).where(
            CaseClipRow.case_id == number,
            CaseClipRow.clip == clip,
            CaseClipRow.taken_entry.is_not(None),
        )
        found += [each for each in tx.session.scalars(taken) if each is not None]
        of_clip = [each for each in links if each.partition(" ")[0] == clip]
        for each in of_clip:
            found += _unlinked(tx, number, clip, each.partition(" ")[2])
    elif item.kind == "link":
        found += _unlinked(tx, number, clip, incident)
    elif item.kind == "incident":
        found += _told_otherwise(tx, number, item.id)
    row = tx.session.get(ClipRow, clip) if item.kind in {"clip", "link"} else None
    if row is not None and row.state == ClipState.DISPOSED.value:
        found.append(row.by_entry)
    return found


def _unlinked(tx: Transaction, number: str, clip: str, incident: str) -> list[int]:
    """Entries that withdrew this link, or told the incident otherwise."""
    rows = tx.session.execute(
        select(EntryRow.seq, EntryRow.raw)
        .where(EntryRow.clip == clip, EntryRow.kind.in_(_LINKING))
        .order_by(EntryRow.seq)
    )
    told = [(seq, Entry(raw).fields) for seq, raw in rows]
    withdrawn = [seq for seq, fields in told if fields["incident"] == incident and _undoes(fields)]
    return withdrawn[-1:] or _told_otherwise(tx, number, incident)


def _undoes(fields: Mapping[str, object]) -> bool:
    """Whether a link does not count since this entry."""
    by_rule = fields.get("withdrawn") or fields.get("standing") == "proposed"
    return bool(by_rule) or fields["kind"] == _REJECTED


def _told_otherwise(tx: Transaction, number: str, incident: str) -> list[int]:
    """The entries by which feeds last told of the incident, and of the case."""
    row = tx.session.get(IncidentRow, incident)
    case = tx.session.scalar(select(CaseRow).where(CaseRow.number == number))
    told = [each for each in (row, case) if each is not None]
    return [max(each.by_entry, each.withdrawn_entry or 0) for each in told]


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE)]
