"""Findings about what lacks: each is opened once, and closed when the record shows it to be there.

A finding that a person closed is settled: the same thing opens no other.  One that the archive
closed, since what lacked had come, is opened anew if it lacks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue import findings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.findings import NewFinding
from archive.catalogue.people import account
from archive.catalogue.review_tables import FindingActRow, FindingRow
from evidence.rights import Action, Allowed, decide

MISSING, LATE = "coverage.missing", "coverage.late"
"""Codes: a recording lacks; it was docked too late."""
NUMBERS, UNDOCKED, WAITING = "coverage.numbers", "coverage.undocked", "coverage.waiting"
"""Codes: numbers lack; a camera has not come back; a listed clip was never archived."""
ROOM_GAP, ROOM_LATE = "coverage.room-gap", "coverage.room-late"
"""Codes: a stay has a time that nothing shows or explains; its recordings came too late."""
OURS = (MISSING, LATE, NUMBERS, UNDOCKED, WAITING, ROOM_GAP, ROOM_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Something that somebody must answer."""

    code: str
    about: str
    subject: str
    what: str
    unit: str | None = None
    clip: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who answers."""

    default: str
    """Id of a person."""
    of_units: Mapping[str, str]

    def of(self, unit: str | None) -> str:
        """Id of the person who answers for *unit*."""
        return self.of_units.get(unit or "", self.default)


def person_to_answer(tx: Transaction, name: str) -> str | None:
    """The id of the account *name*, if it may answer findings."""
    found = account(tx, name)
    if found is None or not isinstance(decide(found.subject, Action.ANSWER_FINDING), Allowed):
        return None
    return found.id


def open_new(tx: Transaction, lacking: Sequence[Lacking], owners: Owners, due: str) -> int:
    """Open a finding for each of *lacking* that has none and that nobody settled; how many."""
    count = 0
    for each in lacking:
        if not _is_answered_for(tx, each):
            new = NewFinding(
                code=each.code,
                about=each.about,
                subject=each.subject,
                owner=owners.of(each.unit),
                due=due,
                what=each.what,
                clip=each.clip,
                source=each.source,
            )
            findings.open_(tx, ARCHIVE, new)
            count += 1
    return count


def open_ones(tx: Transaction) -> list[FindingRow]:
    """The open findings about what lacks, by whomever they were opened, the oldest first."""
    rows = select(FindingRow).where(
        FindingRow.code.in_(OURS), FindingRow.opener == ARCHIVE, ~findings.is_closed()
    )
    return list(tx.session.scalars(rows.order_by(FindingRow.by_entry)))


def resolve(tx: Transaction, finding: str, why: str) -> None:
    """Close it by what is on record: not by anybody's word, so no two persons are asked."""
    findings.close(tx, ARCHIVE, finding, why)


def _is_answered_for(tx: Transaction, each: Lacking) -> bool:
    """Whether a finding about it is open, or was closed by a person."""
    rows = tx.session.scalars(
        select(FindingRow.id).where(
            FindingRow.code == each.code,
            FindingRow.about == each.about,
            FindingRow.subject == each.subject,
        )
    ).all()
    last = (_last_end(tx, finding) for finding in rows)
    return any(act is None or act.act == findings.REOPEN or act.by != ARCHIVE for act in last)


def _last_end(tx: Transaction, finding: str) -> FindingActRow | None:
    ends = (findings.CLOSE, findings.REOPEN)
    return tx.session.scalar(
        select(FindingActRow)
        .where(FindingActRow.finding == finding, FindingActRow.act.in_(ends))
        .order_by(FindingActRow.by_entry.desc())
        .limit(1)
    )
