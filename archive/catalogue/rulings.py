"""What people rule about links: that a clip belongs to an incident, or that it does not.

One rule: a person's word stands before the rule's, and the newest before those of others.  While
the feed withdraws the incident no link to it counts; should it tell of it again, the word stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from archive.catalogue import retentions
from archive.catalogue.catalogue import Transaction
from archive.catalogue.falling import let_fall_with_case
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow, EntryRow, IncidentRow, LinkRow
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.law.rulebook import Rulebook
from evidence.linking import WHY_NOT, LinkReason, Standing
from evidence.wire import LinkPart, LinkShown

RULED: Mapping[EntryKind, Standing] = {
    EntryKind.LINK_CONFIRMED: Standing.CONFIRMED,
    EntryKind.LINK_REJECTED: Standing.REJECTED,
}
"""What a link is by each act."""
_STATION = "s-"
"""Begins the id of a station."""
UNSAID: Mapping[str, object] = {
    "reason": LinkReason.BY_PERSON.value,
    "seconds_outside": 0,
    "points": 0,
    "parts": None,
    "why": None,
}
"""The columns of a link of which the rule never said anything."""


def confirm(
    tx: Transaction,
    by: str,
    clip: str,
    incident: str,
    *,
    choice: str | None = None,
    book: Rulebook | None = None,
) -> LinkShown:
    """Put on record that *clip* belongs to *incident*, whether the rule says so or not.

    *by*: a person, or with a *choice* the station at whose board it was made.  What *book* wants
    kept for longer in the cases that it is in since is kept at once; without one at the next walk.
    NotKnown without either.  OutOfTurn if that is so already, the clip is being destroyed, or the
    incident was withdrawn.
    """
    made = _rule(tx, EntryKind.LINK_CONFIRMED, by, (clip, incident), choice=choice)
    if book is not None:
        retentions.follow(tx, [clip], book)
    let_fall_with_case(tx, [clip])
    return made


def reject(tx: Transaction, person: str, clip: str, incident: str, why: str) -> LinkShown:
    """Put on record that *clip* does not belong to *incident*; errors as :func:`confirm`.

    ValueError unless *why* is one of :data:`evidence.linking.WHY_NOT`.
    """
    if why not in WHY_NOT:
        raise ValueError(f"why: {why[:40]!r} is none of {', '.join(WHY_NOT)}")
    return _rule(tx, EntryKind.LINK_REJECTED, person, (clip, incident), why=why)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[LinkShown]]:
    """Every link of *clips*, whatever its standing, by when the incident was."""
    rows = tx.session.execute(
        select(LinkRow, IncidentRow, EntryRow.by)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .join(EntryRow, EntryRow.seq == LinkRow.by_entry)
        .where(LinkRow.clip.in_(clips))
        .order_by(IncidentRow.dispatched, IncidentRow.id)
    )
    found: dict[str, list[LinkShown]] = {}
    for held, incident, by in rows:
        found.setdefault(held.clip, []).append(shown(held, incident, by))
    return found


def _rule(
    tx: Transaction, kind: EntryKind, by: str, pair: tuple[str, str], **said: str | None
) -> LinkShown:
    clip, incident = pair
    told = _must_be_there(tx, clip, incident)
    row, standing = tx.session.get(LinkRow, (clip, incident)), RULED[kind]
    if row is not None and row.standing == standing.value:
        raise OutOfTurn(f"that is so already, by entry {row.by_entry}")
    entry = tx.record(kind, by, clip=clip, incident=incident, **said)
    if row is None:
        row = LinkRow(clip=clip, incident=incident, **UNSAID)
        tx.session.add(row)
    row.standing, row.why, row.by_entry = standing.value, said.get("why"), entry
    tx.session.flush()
    return shown(row, told, by)


def _must_be_there(tx: Transaction, clip: str, incident: str) -> IncidentRow:
    held, told = tx.session.get(ClipRow, clip), tx.session.get(IncidentRow, incident)
    if held is None:
        raise NotKnown(f"there is no archived clip {clip}")
    if told is None:
        raise NotKnown(f"there is no incident {incident[:80]!r}")
    must_be_live(tx, clip)
    if told.withdrawn_entry is not None:
        raise OutOfTurn(f"the feed withdrew incident {incident}, by entry {told.withdrawn_entry}")
    return told


def shown(row: LinkRow, incident: IncidentRow, by: str) -> LinkShown:
    """The link in *row*, as people see it; *by* made it so."""
    parts = [each.split(",") for each in (row.parts or "").split()]
    return LinkShown(
        incident=row.incident,
        number=incident.number,
        standing=row.standing,
        reason=row.reason,
        seconds_outside=row.seconds_outside,
        points=row.points,
        parts=[LinkPart(code=a, points=int(b), value=int(c)) for a, b, c in parts],
        entry=row.by_entry,
        case=incident.case_id,
        call_type=incident.call_type,
        dispatched=incident.dispatched,
        why=row.why,
        at_board=by.startswith(_STATION) and row.standing == Standing.CONFIRMED.value,
    )
