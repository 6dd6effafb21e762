"""Kept for less: proposed by one person, approved by another, and done after a cooling-off.

One rule: what two persons agreed to is looked at once more when it takes effect.  A clip whose date
has changed since, that is held, in an open case or going, or that the rules in force would not give
just that date, stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import or_, select

from archive.catalogue import closings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.classifications import must_be_known
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.holds import is_held
from archive.catalogue.proposals import made, open_about
from archive.catalogue.proposed import shown_of
from archive.catalogue.retentions import as_classified, facts_of, record
from archive.catalogue.sealed import is_going, is_live, must_be_live
from archive.catalogue.tables import ClipRow, EntryRow, ProposalRow
from evidence.clock import stamp
from evidence.custody import Entry, EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.law.rulebook import Rulebook
from evidence.wire import ProposalShown

ACT = "shorten"
_FREE = (is_live(), ~or_(is_held(), is_in_open_case(), is_going()))
"""Of rows of clips: those whose date is for people to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A proposal whose cooling-off is over."""

    proposal: str
    entry: int
    """Log index of its ``proposal.make`` entry."""
    clip: str | None
    """None: it is about a list."""
    subject: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of clips, as a proposal names it."""

    sha256: str
    law: int
    """As in the list."""
    clips: int
    """How many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody wants a clip to be, and why."""

    categories: Collection[str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One clip of a list: its date as it was, and as it is to be; stamped."""

    clip: str
    now: str
    then: str


def free_of(tx: Transaction, clips: Sequence[str]) -> set[str]:
    """Those of *clips* that a shorter date could be given to now."""
    return set(tx.session.scalars(select(ClipRow.id).where(ClipRow.id.in_(clips), *_FREE)))


def propose_list(tx: Transaction, person: str, impact: Listed, reason: str) -> ProposalShown:
    """Put on record that *person* wants the clips of a list kept for less.

    OutOfTurn while another such proposal is open.
    """
    is_open = select(ProposalRow.id).where(
        ProposalRow.act == ACT, ProposalRow.clip.is_(None), ProposalRow.ended_entry.is_(None)
    )
    if (other := tx.session.scalar(is_open)) is not None:
        raise OutOfTurn(
            f"another list of shorter dates is open: proposal {other}",
            advice="Have it withdrawn first, or wait until it took effect.",
        )
    subject = {"law": impact.law, "impact": {"sha256": impact.sha256}, "clips": impact.clips}
    return _put(tx, made(tx, person, None, ACT, {"reason": reason}, subject=subject))


def propose_clip(
    tx: Transaction, person: str, clip: str, word: Word, book: Rulebook
) -> ProposalShown:
    """Put on record that *person* wants *clip* to be what *word* says, and so kept for less.

    ValueError if *book* has no such category.  NotKnown without such a clip; OutOfTurn if it is
    gone or something is proposed already; Refused if one person may say it, or nobody now.
    """
    must_be_known(word.categories, book)
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_be_live(tx, clip)
    if (is_open := open_about(tx, clip)) is not None:
        raise OutOfTurn(f"something is proposed for clip {clip} already: {is_open.id}")
    if not free_of(tx, [clip]):
        raise Refused(
            f"clip {clip} is held, or in an open case: it is kept whatever the date",
            advice="Have the hold lifted or the case closed first; both are on its page.",
        )
    kept = as_classified(tx, row, word.categories, book, tx.clock.now())
    if row.categories is None or stamp(kept.until) >= row.retain_until:
        raise Refused(
            f"clip {clip} is kept until {row.retain_until}; as that until {stamp(kept.until)}",
            advice="That needs no second person: say on its page what it is.",
        )
    subject = {
        "categories": sorted(set(word.categories)),
        "now": row.retain_until,
        "then": stamp(kept.until),
    }
    return _put(tx, made(tx, person, clip, ACT, {"reason": word.reason}, subject=subject))


def subject_of(tx: Transaction, proposal: str) -> Mapping[str, object]:
    """What *proposal* is about; NotKnown unless it is there and shortens something."""
    row = tx.session.get(ProposalRow, proposal)
    if row is None or row.act != ACT:
        raise NotKnown(f"there is no proposal {proposal} to keep anything for less")
    return _subject(row)


def due(tx: Transaction, now: datetime) -> list[Due]:
    """What two persons agreed to, and whose cooling-off is over *now*, the oldest first."""
    rows = tx.session.scalars(
        select(ProposalRow)
        .where(
            ProposalRow.act == ACT,
            ProposalRow.approved_entry.is_not(None),
            ProposalRow.ended_entry.is_(None),
            ProposalRow.not_before <= stamp(now),
        )
        .order_by(ProposalRow.by_entry)
    ).all()
    return [
        Due(proposal=row.id, entry=row.by_entry, clip=row.clip, subject=_subject(row))
        for row in rows
    ]


def shorten(tx: Transaction, what: Due, part: Sequence[Cut], book: Rulebook) -> None:
    """Keep these clips of its list for less, each if *book* gives it just that date now.

    OutOfTurn if the proposal has ended meanwhile.
    """
    _must_be_open(tx, what)
    wanted = {each.clip: each for each in part}
    rows = tx.session.scalars(select(ClipRow).where(ClipRow.id.in_(wanted), *_FREE)).all()
    cases, now = closings.facts(tx, [row.id for row in rows]), tx.clock.now()
    for row in rows:
        kept = book.retention(facts_of(row, cases.get(row.id, ())), now)
        dates = row.retain_until, stamp(kept.until)
        if dates == (wanted[row.id].now, wanted[row.id].then) and dates[1] < dates[0]:
            record(tx, row, kept, proposal=what.entry)
    tx.session.flush()


def shortened(tx: Transaction, what: Due, part: Sequence[Cut]) -> int:
    """How many of these clips were given a shorter date by this proposal."""
    rows = tx.session.scalars(
        select(EntryRow.raw).where(
            EntryRow.clip.in_([each.clip for each in part]),
            EntryRow.kind == EntryKind.RETAINED.value,
            EntryRow.seq > what.entry,
        )
    )
    return sum(Entry(raw).fields.get("proposal") == what.entry for raw in rows)


def reclassify(tx: Transaction, what: Due, book: Rulebook) -> bool:
    """Let the clip be what was proposed, and keep it for as long as *book* wants that, and end it.

    Whether it was: not if its date has changed since, or would be another than was agreed to.
    """
    _must_be_open(tx, what)
    row = tx.session.scalar(select(ClipRow).where(ClipRow.id == what.clip, *_FREE))
    is_done = row is not None and _reclassified(tx, row, what, book)
    finish(tx, what, shortened=int(is_done), left=int(not is_done))
    return is_done


def finish(tx: Transaction, what: Due, *, shortened: int, left: int) -> None:
    """Put on record that it took effect, for so many clips, and that others were left."""
    _must_be_open(tx, what)
    row = tx.session.get_one(ProposalRow, what.proposal)
    row.ended_entry = tx.record(
        EntryKind.SHORTENED,
        ARCHIVE,
        clip=row.clip,
        proposal=what.proposal,
        shortened=shortened,
        left=left,
    )
    row.ended = "done"
    tx.session.flush()


def _reclassified(tx: Transaction, row: ClipRow, what: Due, book: Rulebook) -> bool:
    """A rule that counts from the word itself gives a later date than it did; never an earlier."""
    subject, now = what.subject, tx.clock.now()
    said = cast("list[str]", subject["categories"])
    if any(not _is_known(word, book) for word in said):
        return False
    kept = as_classified(tx, row, said, book, now)
    until, agreed = stamp(kept.until), str(subject["then"])
    if row.retain_until != subject["now"] or not agreed <= until < row.retain_until:
        return False
    entry = tx.record(
        EntryKind.CLASSIFIED, ARCHIVE, clip=row.id, categories=said, proposal=what.entry
    )
    row.categories, row.classified = " ".join(said), stamp(now)
    record(tx, row, kept, classified=entry, proposal=what.entry)
    return True


def _is_known(word: str, book: Rulebook) -> bool:
    return any(word in pack.categories for pack in (book.law, *book.rule_sets))


def _must_be_open(tx: Transaction, what: Due) -> None:
    row = tx.session.get_one(ProposalRow, what.proposal)
    if row.ended_entry is not None:
        raise OutOfTurn(f"proposal {what.proposal} has ended, by entry {row.ended_entry}")


def _put(tx: Transaction, row: ProposalRow) -> ProposalShown:
    tx.session.add(row)
    tx.session.flush()
    return shown_of(tx, row)


def _subject(row: ProposalRow) -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(row.subject or "{}")
    return found
