"""Excuses: why an officer's part in an event has no recording, as people answer.

As every answer (:mod:`archive.catalogue.answers`); it is about the officer whose part it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from archive.catalogue import answers
from archive.catalogue.answers import AnswerKind
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage_tables import ExcuseRow
from archive.catalogue.people import Account
from archive.catalogue.tables import IncidentRow
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.coverage import CODES
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.names import folded
from evidence.rights import Role
from evidence.wire import ExcuseShown

_KIND = AnswerKind(
    name="excuse",
    table=ExcuseRow,
    agreed=EntryKind.EXCUSE_APPROVED,
    ended=EntryKind.EXCUSE_ENDED,
)


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
    """Put on record that *person* agrees; errors as :func:`answers.open_one` and ``agree``."""
    row = answers.open_one(tx, _KIND, excuse)
    incident = tx.session.get(IncidentRow, row.incident)
    about = [] if incident is None else [f"officer {incident.officer_key}"]
    answers.agree(tx, _KIND, person, row, about)
    return _shown(tx, row)


def end(tx: Transaction, person: str, excuse: str, reason: str) -> ExcuseShown:
    """Put on record that it does not count; errors as :func:`answers.open_one`."""
    row = answers.open_one(tx, _KIND, excuse)
    answers.end(tx, _KIND, person, row, reason)
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


def _standing(tx: Transaction, incident: str) -> ExcuseRow | None:
    return tx.session.scalar(
        select(ExcuseRow).where(ExcuseRow.incident == incident, ExcuseRow.ended_entry.is_(None))
    )


def _shown(tx: Transaction, row: ExcuseRow) -> ExcuseShown:
    return ExcuseShown(incident=row.incident, **answers.said(tx, row))
