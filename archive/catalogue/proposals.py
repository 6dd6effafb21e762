"""Proposals: what one person wants, and another must agree to before it takes effect.

One rule: every step is one transaction that looks at what is on record at that moment.  Two persons
are two people: two accounts of the same officer are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.entries import latest
from archive.catalogue.falling import fall
from archive.catalogue.fixities import last_archived
from archive.catalogue.holds import is_held
from archive.catalogue.proposed import queue, shown, shown_of
from archive.catalogue.sealed import ACTS, must_be_live
from archive.catalogue.tables import ClipRow, PersonRow, ProposalRow
from evidence.canonical import canonical
from evidence.clip import new_id
from evidence.clock import stamp, unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.names import folded
from evidence.wire import ProposalShown

__all__ = [
    "accounts_of",
    "approve",
    "identity",
    "open_about",
    "propose",
    "queue",
    "shown",
    "withdraw",
]


def propose(
    tx: Transaction, person: str, clip: str, act: str, reason: str, *, authority: str | None = None
) -> ProposalShown:
    """Put on record that *person* wants *clip* to go: ``dispose``, or early, ``destroy``.

    NotKnown without such a clip; OutOfTurn if it is gone, or something is proposed already; Refused
    if it is held, in an open case, or, without an authority's order, its time is not over.
    """
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    if act not in ACTS or (act == "destroy") != (authority is not None):
        raise ValueError(f"{act} with authority {authority!r} is no way to propose a disposal")
    must_be_live(tx, clip)
    if (is_open := open_about(tx, clip)) is not None:
        raise OutOfTurn(f"something is proposed for clip {clip} already: {is_open.id}")
    _must_not_be_own(tx, person, row)
    _must_be_due(tx, row, act)
    said = {"reason": reason} | ({} if authority is None else {"authority": authority})
    new = made(tx, person, clip, act, said)
    tx.session.add(new)
    tx.session.flush()
    return shown_of(tx, new)


def approve(tx: Transaction, person: str, proposal: str, restore: timedelta) -> ProposalShown:
    """Put on record that *person* agrees; what is proposed may still be withdrawn for *restore*.

    NotKnown without such a proposal; OutOfTurn if it was approved or has ended; Refused for whoever
    proposed it, whatever account is used, and for the officer whose footage it is.

    A clock that is set back makes nothing sooner: what entries show counts, too.
    """
    row = _open(tx, proposal)
    if row.approved_entry is not None:
        raise OutOfTurn(f"proposal {proposal} was approved before, by entry {row.approved_entry}")
    if identity(tx, person) == identity(tx, row.proposer):
        raise Refused(
            f"proposal {proposal} needs another person than the one who made it",
            advice="Ask a supervisor or the legal staff to look at it.",
        )
    if row.clip is not None and row.act in ACTS:
        must_be_live(tx, row.clip)
        _must_not_be_own(tx, person, tx.session.get_one(ClipRow, row.clip))
    now = tx.clock.now()
    not_before = stamp(max(now, latest(tx) or now, last_archived(tx) or now) + restore)
    row.approved_entry = tx.record(
        EntryKind.APPROVED, person, clip=row.clip, proposal=proposal, not_before=not_before
    )
    row.approver, row.not_before = person, not_before
    tx.session.flush()
    return shown_of(tx, row)


def withdraw(tx: Transaction, person: str, proposal: str, reason: str) -> ProposalShown:
    """Put on record that it is not to be.

    NotKnown without such a proposal; OutOfTurn if it has ended, or bytes may be gone by it.
    """
    row = _open(tx, proposal)
    if row.begun_entry is not None and row.clip is not None:
        must_be_live(tx, row.clip)
    fall(tx, row, person, reason)
    return shown_of(tx, row)


def open_about(tx: Transaction, clip: str) -> ProposalRow | None:
    """What is proposed for *clip* and has not ended."""
    return tx.session.scalar(
        select(ProposalRow).where(ProposalRow.clip == clip, ProposalRow.ended_entry.is_(None))
    )


def identity(tx: Transaction, person: str) -> str:
    """What tells *person* apart from others: the officer number where there is one."""
    row = tx.session.get(PersonRow, person)
    if row is None or row.officer is None:
        return f"account {person}"
    return f"officer {folded(row.officer)}"


def accounts_of(tx: Transaction, person: str) -> set[str]:
    """Every account of whoever *person* is."""
    me = identity(tx, person)
    rows = tx.session.execute(
        select(PersonRow.id, PersonRow.officer).where(PersonRow.officer.is_not(None))
    )
    return {person, *(other for other, number in rows if f"officer {folded(number or '')}" == me)}


def _must_not_be_own(tx: Transaction, person: str, row: ClipRow) -> None:
    account = tx.session.get(PersonRow, person)
    number = None if account is None or account.officer is None else folded(account.officer)
    if number is not None and number == row.officer_key:
        raise Refused(
            f"clip {row.id} is footage of officer {row.officer}, who has no say in its end",
            advice="Two other persons have to look at it.",
        )


def _open(tx: Transaction, proposal: str) -> ProposalRow:
    row = tx.session.get(ProposalRow, proposal)
    if row is None:
        raise NotKnown(f"there is no proposal {proposal}")
    if row.ended_entry is not None:
        raise OutOfTurn(f"proposal {proposal} has ended, by entry {row.ended_entry}: {row.ended}")
    return row


def _must_be_due(tx: Transaction, row: ClipRow, act: str) -> None:
    for forbids, why in ((is_held(), "is held"), (is_in_open_case(), "is in an open case")):
        if tx.session.scalar(select(ClipRow.id).where(ClipRow.id == row.id, forbids)):
            raise Refused(
                f"clip {row.id} {why}: it is kept whatever the date, and whatever is ordered",
                advice="Have the hold lifted or the case closed first; both are on its page.",
            )
    if act == "dispose" and tx.clock.now() < unstamp(row.retain_until):
        raise Refused(
            f"clip {row.id} is kept until {row.retain_until} by {row.retain_rule}",
            advice="Wait; if a court orders it to go early, name the court and its order.",
        )


def made(
    tx: Transaction,
    person: str,
    clip: str | None,
    act: str,
    said: Mapping[str, str],
    *,
    subject: Mapping[str, object] | None = None,
) -> ProposalRow:
    """The row of a new proposal that was put on record; *said* is what its entry commits to."""
    proposal, held = new_id("p"), {name: Opening.fresh(text) for name, text in said.items()}
    entry = tx.record(
        EntryKind.PROPOSED,
        person,
        clip=clip,
        proposal=proposal,
        act=act,
        commitments={name: opening.commitment.hex for name, opening in held.items()},
        subject=subject,
    )
    return ProposalRow(
        id=proposal,
        act=act,
        clip=clip,
        by_entry=entry,
        proposer=person,
        reason=said["reason"],
        reason_salt=held["reason"].salt,
        authority=said.get("authority"),
        authority_salt=held["authority"].salt if "authority" in held else None,
        subject=None if subject is None else canonical(subject).decode("utf-8"),
    )
