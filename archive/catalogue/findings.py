"""Findings: what somebody must answer by a deadline, and what was done about it.

One rule: how a finding stands is never written down; it follows from the acts on record.  Two
persons: whoever owns a finding, or answered it, does not close it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from archive.catalogue.catalogue import Transaction
from archive.catalogue.proposals import identity
from archive.catalogue.review_tables import FindingActRow, FindingRow
from archive.catalogue.tables import PersonRow
from evidence.clip import new_id
from evidence.clock import stamp, unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused

ABOUT = ("clip", "incident", "case", "camera", "officer", "sheet", "stay")
ANSWER, REMIND, ESCALATE, CLOSE, REOPEN = "answer", "remind", "escalate", "close", "reopen"
_KINDS = {
    ANSWER: EntryKind.FINDING_ANSWERED,
    REMIND: EntryKind.FINDING_REMINDED,
    ESCALATE: EntryKind.FINDING_ESCALATED,
    CLOSE: EntryKind.FINDING_CLOSED,
    REOPEN: EntryKind.FINDING_REOPENED,
}
_CODE = re.compile(r"[a-z][a-z0-9.-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """What somebody is to answer."""

    code: str
    """What kind of thing is wrong: letters, digits, dots and hyphens; no words about anybody."""
    about: str
    """One of :data:`ABOUT`."""
    subject: str
    """Which: an id or a number; only committed to."""
    owner: str
    """Id of the person who must answer."""
    due: str
    """By when, stamped."""
    what: str
    """In words; only committed to."""
    clip: str | None = None
    """The clip whose entries should tell of it."""
    source: str | None = None
    """Id of what it follows from: a sheet, an incident."""


def open_(tx: Transaction, by: str, new: NewFinding) -> str:
    """Put *new* on record; its id.

    *by*: id of a person, or :data:`archive.catalogue.clips.ARCHIVE`.  NotKnown without such an
    owner; ValueError for a code, or a thing that it is about, that is none.
    """
    if new.about not in ABOUT or not _CODE.fullmatch(new.code):
        raise ValueError(f"a finding {new.code[:80]!r} about a {new.about[:80]!r}: no such thing")
    unstamp(new.due)
    if tx.session.get(PersonRow, new.owner) is None:
        raise NotKnown(f"there is no person {new.owner[:80]} to answer")
    finding = new_id("f")
    subject, what = Opening.fresh(new.subject), Opening.fresh(new.what)
    told = {name: getattr(new, name) for name in ("code", "about", "owner", "due", "source")}
    entry = tx.record(
        EntryKind.FINDING_OPENED,
        by,
        clip=new.clip,
        finding=finding,
        commitments={"subject": subject.commitment.hex, "what": what.commitment.hex},
        **told,
    )
    tx.session.add(
        FindingRow(
            id=finding,
            by_entry=entry,
            opener=by,
            clip=new.clip,
            subject=new.subject,
            subject_salt=subject.salt,
            what=new.what,
            what_salt=what.salt,
            **told,
        )
    )
    tx.session.flush()
    return finding


def open_once(tx: Transaction, by: str, new: NewFinding) -> str:
    """As :func:`open_`, unless one of this code is open about the same: then that one's id."""
    known = open_about(tx, new.code, new.about, new.subject)
    return open_(tx, by, new) if known is None else known


def open_about(tx: Transaction, code: str, about: str, subject: str) -> str | None:
    """The open finding of this code about just that."""
    return tx.session.scalar(
        select(FindingRow.id)
        .where(
            FindingRow.code == code,
            FindingRow.about == about,
            FindingRow.subject == subject,
            ~is_closed(),
        )
        .order_by(FindingRow.by_entry)
        .limit(1)
    )


def answer(tx: Transaction, person: str, finding: str, text: str) -> None:
    """Put on record what its owner says; OutOfTurn if it is closed, Refused for others."""
    row = _must_be(tx, finding, closed=False)
    if identity(tx, person) != identity(tx, row.owner):
        raise Refused(f"finding {finding} is another person's to answer")
    _act(tx, person, row, ANSWER, text=text)


def close(tx: Transaction, person: str, finding: str, text: str) -> None:
    """Put on record that it is settled, and why.

    NotKnown without it; OutOfTurn if it is closed; Refused for its owner, and whoever answered.
    """
    row = _must_be(tx, finding, closed=False)
    theirs = {row.owner, *(act.by for act in acts(tx, finding) if act.act == ANSWER)}
    if identity(tx, person) in {identity(tx, each) for each in theirs}:
        raise Refused(
            f"finding {finding} is closed by another person than the one who answers for it",
            advice="Ask a supervisor, the legal staff or an auditor to look at it.",
        )
    _act(tx, person, row, CLOSE, text=text)


def reopen(tx: Transaction, person: str, finding: str, text: str, due: str) -> None:
    """Put on record that it is not settled, why, and the new deadline; OutOfTurn if it is open."""
    row = _must_be(tx, finding, closed=True)
    unstamp(due)
    if due <= stamp(tx.clock.now()):
        raise ValueError(f"a new deadline must be in the future, not {due}")
    _act(tx, person, row, REOPEN, text=text, due=due)


def remind(tx: Transaction, by: str, finding: str, told: Sequence[str]) -> None:
    """Put on record that its owner was told over these channels."""
    _act(tx, by, _must_be(tx, finding, closed=False), REMIND, told=list(told))


def escalate(
    tx: Transaction, by: str, finding: str, told: Sequence[str], *, level: int, role: str
) -> None:
    """Put on record that people of that *role* were told, the *level*-th since it is open."""
    row = _must_be(tx, finding, closed=False)
    _act(tx, by, row, ESCALATE, told=list(told), level=level, role=role)


def acts(tx: Transaction, finding: str) -> Sequence[FindingActRow]:
    """What was done about it, in order."""
    rows = select(FindingActRow).where(FindingActRow.finding == finding)
    return tx.session.scalars(rows.order_by(FindingActRow.by_entry)).all()


def known(tx: Transaction, finding: str) -> FindingRow:
    """Its row; NotKnown without one."""
    row = tx.session.get(FindingRow, finding)
    if row is None:
        raise NotKnown(f"there is no finding {finding[:80]}")
    return row


def is_closed() -> ColumnElement[bool]:
    """Whether the finding of a row of findings is closed, for a query."""
    closed, again = aliased(FindingActRow), aliased(FindingActRow)
    reopened = exists().where(
        again.finding == closed.finding, again.act == REOPEN, again.by_entry > closed.by_entry
    )
    return exists().where(closed.finding == FindingRow.id, closed.act == CLOSE, ~reopened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an open finding stands, by its acts."""

    due: str
    answered: bool
    """Since it was last opened; the next two, too."""
    reminded: bool
    level: int
    """How high it was escalated; 0: not yet."""


def standing(row: FindingRow, done: Sequence[FindingActRow]) -> Standing:
    """How *row* stands after all that was *done* about it."""
    reopened = [place for place, act in enumerate(done) if act.act == REOPEN]
    since = done[reopened[-1] + 1 :] if reopened else done
    due = done[reopened[-1]].due if reopened else row.due
    return Standing(
        due=due or row.due,
        answered=any(act.act == ANSWER for act in since),
        reminded=any(act.act == REMIND for act in since),
        level=max((act.level or 0 for act in since if act.act == ESCALATE), default=0),
    )


def all_open(tx: Transaction) -> list[tuple[FindingRow, Standing]]:
    """Every open finding and how it stands, the oldest first."""
    rows = tx.session.scalars(
        select(FindingRow).where(~is_closed()).order_by(FindingRow.by_entry)
    ).all()
    done: dict[str, list[FindingActRow]] = {row.id: [] for row in rows}
    about = select(FindingActRow).join(FindingRow, FindingRow.id == FindingActRow.finding)
    for act in tx.session.scalars(about.where(~is_closed()).order_by(FindingActRow.by_entry)):
        done[act.finding].append(act)
    return [(row, standing(row, done[row.id])) for row in rows]


def problems(tx: Transaction) -> list[str]:
    """How many are overdue."""
    now = stamp(tx.clock.now())
    late = sorted((stands.due, row.id) for row, stands in all_open(tx) if stands.due < now)
    if not late:
        return []
    return [f"{len(late)} findings are overdue, the oldest since {late[0][0]}: {late[0][1]}"]


def _must_be(tx: Transaction, finding: str, *, closed: bool) -> FindingRow:
    row = known(tx, finding)
    is_so = tx.session.scalar(select(FindingRow.id).where(FindingRow.id == finding, is_closed()))
    if (is_so is not None) != closed:
        raise OutOfTurn(f"finding {finding} is {'open' if closed else 'closed'}")
    return row


def _act(
    tx: Transaction,
    by: str,
    row: FindingRow,
    act: str,
    *,
    text: str | None = None,
    due: str | None = None,
    level: int | None = None,
    role: str | None = None,
    told: list[str] | None = None,
) -> None:
    """One act and its entry."""
    name, held = new_id("a"), None if text is None else Opening.fresh(text)
    entry = tx.record(
        _KINDS[act],
        by,
        finding_act=name,
        finding=row.id,
        due=due,
        level=level,
        role=role,
        told=told,
        commitments=None if held is None else {"text": held.commitment.hex},
    )
    tx.session.add(
        FindingActRow(
            id=name,
            by_entry=entry,
            finding=row.id,
            act=act,
            by=by,
            level=level,
            role=role,
            due=due,
            text=text,
            text_salt=None if held is None else held.salt,
        )
    )
    tx.session.flush()
