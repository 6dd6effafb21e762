"""Excuses: why an officer's part in an event has no recording, as people answer.

Two persons: it counts once another one agrees, who is not the officer that it is about.  Two
accounts of the same officer are one person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage_tables import ExcuseRow
from archive.catalogue.entries import at
from archive.catalogue.people import Account
from archive.catalogue.populations import names
from archive.catalogue.proposals import identity
from archive.catalogue.tables import IncidentRow
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.coverage import CODES
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.names import folded
from evidence.rights import Role
from evidence.wire import ExcuseShown


def ask(tx: Transaction, person: Account, incident: str, code: str, reason: str) -> ExcuseShown:
    """Put on record why *incident* (id of a part) has no recording; it waits for another person.

    NotKnown without it, or for an officer who was not the one sent; OutOfTurn while another excuse
    of it stands; ValueError for a code that is none.
    """
    if code not in CODES:
        raise ValueError(f"{code[:40]!r} is none of {', '.join(CODES)}")
    row = tx.session.get(IncidentRow, incident)
    own = row is not None and folded(person.officer or "") == row.officer_key
    if row is None or (person.role is Role.OFFICER and not own):
        raise NotKnown(f"there is no incident {incident[:80]}")
    if (stands := _standing(tx, incident)) is not None:
        raise OutOfTurn(f"incident {incident} has excuse {stands.id}, which was not ended")
    excuse, why = new_id("x"), Opening.fresh(reason)
    entry = tx.record(
        EntryKind.EXCUSE_ASKED,
        person.id,
        excuse=excuse,
        incident=incident,
        code=code,
        commitments={"reason": why.commitment.hex},
    )
    new = ExcuseRow(
        id=excuse,
        by_entry=entry,
        incident=incident,
        code=code,
        asker=person.id,
        reason=reason,
        reason_salt=why.salt,
    )
    tx.session.add(new)
    tx.session.flush()
    return _shown(tx, new)


def approve(tx: Transaction, person: str, excuse: str) -> ExcuseShown:
    """Put on record that *person* agrees, from when on it counts.

    NotKnown without it; OutOfTurn if it was approved or has ended; Refused for whoever asked, and
    for the officer whose part it is, whatever account is used.
    """
    row = _open(tx, excuse)
    if row.approved_entry is not None:
        raise OutOfTurn(f"excuse {excuse} was approved before, by entry {row.approved_entry}")
    if identity(tx, person) in _theirs(tx, row):
        raise Refused(
            f"excuse {excuse} needs another person than the one who asked, or whom it is about",
            advice="Ask another supervisor or the legal staff to look at it.",
        )
    row.approved_entry = tx.record(EntryKind.EXCUSE_APPROVED, person, excuse=excuse)
    row.approver = person
    tx.session.flush()
    return _shown(tx, row)


def end(tx: Transaction, person: str, excuse: str, reason: str) -> ExcuseShown:
    """Put on record that it does not count, or no longer; as *reason* says.

    NotKnown without it; OutOfTurn if it has ended.
    """
    row, why = _open(tx, excuse), Opening.fresh(reason)
    row.ended_entry = tx.record(
        EntryKind.EXCUSE_ENDED,
        person,
        excuse=excuse,
        commitments={"end_reason": why.commitment.hex},
    )
    row.ender, row.end_reason, row.end_salt = person, reason, why.salt
    tx.session.flush()
    return _shown(tx, row)


def of_incidents(tx: Transaction, incidents: Sequence[str]) -> Mapping[str, list[ExcuseShown]]:
    """Incident -> its excuses, in order; those without any are left out."""
    rows = tx.session.scalars(
        select(ExcuseRow).where(ExcuseRow.incident.in_(incidents)).order_by(ExcuseRow.by_entry)
    ).all()
    found: dict[str, list[ExcuseShown]] = {}
    for row in rows:
        found.setdefault(row.incident, []).append(_shown(tx, row))
    return found


def counts(shown: ExcuseShown) -> bool:
    """Whether it excuses: another person agreed, and nobody ended it."""
    return shown.approved is not None and shown.ended is None


def _standing(tx: Transaction, incident: str) -> ExcuseRow | None:
    return tx.session.scalar(
        select(ExcuseRow).where(ExcuseRow.incident == incident, ExcuseRow.ended_entry.is_(None))
    )


def _open(tx: Transaction, excuse: str) -> ExcuseRow:
    row = tx.session.get(ExcuseRow, excuse)
    if row is None:
        raise NotKnown(f"there is no excuse {excuse[:80]}")
    if row.ended_entry is not None:
        raise OutOfTurn(f"excuse {excuse} has ended, by entry {row.ended_entry}")
    return row


def _theirs(tx: Transaction, row: ExcuseRow) -> set[str]:
    """Who has no say: whoever asked, and the officer whose part it is."""
    incident = tx.session.get(IncidentRow, row.incident)
    about = set() if incident is None else {f"officer {incident.officer_key}"}
    return about | {identity(tx, row.asker)}


def _shown(tx: Transaction, row: ExcuseRow) -> ExcuseShown:
    persons = {each for each in (row.asker, row.approver, row.ender) if each is not None}
    named = names(tx, persons)
    agreed, ended = row.approved_entry, row.ended_entry
    return ExcuseShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        incident=row.incident,
        code=row.code,
        reason=row.reason,
        asker=row.asker,
        asker_name=named.get(row.asker, row.asker),
        approved=None if agreed is None else at(tx, agreed),
        approver_name=None if row.approver is None else named.get(row.approver, row.approver),
        ended=None if ended is None else at(tx, ended),
        ender_name=None if row.ender is None else named.get(row.ender, row.ender),
        end_reason=row.end_reason,
    )
