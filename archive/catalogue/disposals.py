"""Disposals: which clips two persons agreed on, the entry that begins one, and the tombstone.

One rule: ``dispose.begin`` is written in the transaction that looked at everything that could
forbid it, so a hold, a withdrawal or a new date comes before it or too late, and never between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from sqlalchemy import delete, select

from archive.catalogue import closings, forbidding, retentions
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.gone import emptied
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.reckoning import Reckoning
from archive.catalogue.sealed import GOING
from archive.catalogue.tables import (
    ClipRow,
    CopyRow,
    DerivedRow,
    EntryRow,
    HoldRow,
    LegalHoldRow,
    LinkRow,
    LookRow,
    ProposalRow,
    RenditionRow,
)
from archive.catalogue.working_tables import JobRow
from evidence.clip import ClipState
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind, write_entry
from evidence.disposal import Clocks, DisposalFacts, DisposalTerms, Refusal, refusals
from evidence.errors import OutOfTurn, TemporaryError
from evidence.law.rulebook import Rulebook
from evidence.tombstone import Outside, Place

_WINDOW = 3
"""The rule that looks at the clocks first."""
_OPENED = (
    *(EntryKind.HOLD_SET.value, EntryKind.HOLD_LIFTED.value, EntryKind.RENDITION_MADE.value),
    *(EntryKind.MARKER_SET.value, EntryKind.CHOICE_TAKEN.value),
)
"""The entries about a clip whose openings go with it."""
_HANGING = (
    *(RenditionRow, DerivedRow, LookRow, CopyRow, LinkRow, JobRow, HoldRow, LegalHoldRow),
    *(MarkerRow, ChoiceRow),
)
"""The rows that go with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A clip that two persons agreed to let go, by its name alone."""

    proposal: str
    clip: str
    key: str
    """Of its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A clip that two persons agreed to let go, and where its bytes lie by the record."""

    proposal: str
    clip: str
    key: str
    """Of its original."""
    openings: tuple[int, ...]
    """Log indexes of entries about it whose openings lie in the vaults."""
    copied_in: str | None
    """What the second vault calls the bucket with its copy; None: there is none."""
    is_shared: bool
    """Whether another clip that is not gone has the same bytes."""
    began: int | None
    """Log index of its ``dispose.begin`` entry; None: nothing is destroyed yet."""
    objects: tuple[Place, ...]
    """What that entry says is to be destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the clocks, and the vaults if they were asked, showed before a disposal begins."""

    locked_until: datetime | None = None
    """The latest end of a lock of what is to be destroyed; None: nothing has any."""
    held: str | None = None
    """The key of one that carries an S3 legal hold; None: none does."""
    objects: Sequence[Place] = ()
    """All versions that are to be destroyed."""
    outside: Outside | None
    """The newest time that anybody outside told; None: nobody did."""
    amiss: str | None
    """What is wrong with the clocks, if one of them must be."""


def going(tx: Transaction) -> list[Going]:
    """All of them: those that have begun first, then by how long they have waited."""
    rows = tx.session.execute(
        select(ProposalRow.id, ClipRow.id, ClipRow.key)
        .join(ClipRow, ClipRow.id == ProposalRow.clip)
        .where(*GOING)
        .order_by(ProposalRow.begun_entry.is_(None), ProposalRow.not_before, ProposalRow.id)
    ).all()
    return [Going(proposal=proposal, clip=clip, key=key) for proposal, clip, key in rows]


def doomed(tx: Transaction, proposal: str) -> Doomed:
    """The clip that is to go by *proposal*, as it is now; OutOfTurn if that does not stand."""
    row = tx.session.get(ProposalRow, proposal)
    if row is None or row.approved_entry is None or row.ended_entry is not None:
        raise OutOfTurn(f"nothing is to be destroyed by proposal {proposal}")
    return _doomed(tx, row)


def under_way(tx: Transaction, proposal: str) -> Doomed:
    """The clip that is being destroyed by *proposal*, as it is now; OutOfTurn if it is not."""
    found = doomed(tx, proposal)
    if found.began is None:
        raise OutOfTurn(f"nothing is being destroyed by proposal {proposal}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what it is judged: *terms* of the agency, the law in *book*, and what the log counts."""

    terms: DisposalTerms
    book: Rulebook
    reckoning: Reckoning = field(default_factory=Reckoning)

    def judge(self, tx: Transaction, proposal: ProposalRow, seen: Seen) -> Judged:
        """What there is to look at of the clip of *proposal* now, and every rule against it."""
        row = tx.session.get_one(ClipRow, proposal.clip)
        outside = None if seen.outside is None else unstamp(seen.outside.at)
        facts = forbidding.facts(
            tx, row, proposal, self.book, outside=outside, reckoning=self.reckoning
        )
        if seen.locked_until is not None:
            facts = replace(facts, locked_until=max(facts.locked_until, seen.locked_until))
        clocks = Clocks(host=tx.clock.now(), outside=outside)
        found = list(refusals(facts, _as_promised(self.terms, proposal, facts), clocks))
        if not found and seen.amiss is not None:
            found = [Refusal(step=_WINDOW, why=seen.amiss)]
        return Judged(facts=facts, host=clocks.host, refused=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of it, by the *host*'s clock of that moment."""

    facts: DisposalFacts
    host: datetime
    refused: list[Refusal]


def forbidden(tx: Transaction, wanted: Doomed, seen: Seen, rules: Rules) -> list[Refusal]:
    """Every rule that forbids it by the record alone: what no vault has to be asked about."""
    return rules.judge(tx, tx.session.get_one(ProposalRow, wanted.proposal), seen).refused


def begin(tx: Transaction, wanted: Doomed, seen: Seen, rules: Rules) -> int | list[Refusal]:
    """Put on record that *wanted* is destroyed from here on; or every rule that forbids it now.

    OutOfTurn if it was withdrawn, or has begun; TemporaryError while the law is not on record.
    """
    proposal = tx.session.get_one(ProposalRow, wanted.proposal)
    if proposal.ended_entry is not None or proposal.begun_entry is not None:
        raise OutOfTurn(f"proposal {wanted.proposal} was withdrawn, or is under way already")
    law = retentions.published(tx, rules.book)
    if law is None:
        raise TemporaryError("the law in force is not on record yet: nothing is destroyed")
    judged = rules.judge(tx, proposal, seen)
    if judged.refused or seen.outside is None:
        return judged.refused
    fields = _begun(tx, proposal, judged, rules.terms, seen, law=law)
    proposal.begun_entry = tx.record(EntryKind.DISPOSAL_BEGUN, ARCHIVE, clip=wanted.clip, **fields)
    tx.session.flush()
    return proposal.begun_entry


def done(
    tx: Transaction, wanted: Doomed, objects: Sequence[Place], shared: Sequence[Place]
) -> bool:
    """Put on record that these *objects* were seen to be gone, and empty the rows of the clip.

    False, and nothing is changed, if meanwhile another clip has the same bytes, or none has any
    more: then what is gone and what is *shared* has to be seen anew.
    """
    proposal = tx.session.get_one(ProposalRow, wanted.proposal)
    row = tx.session.get_one(ClipRow, wanted.clip)
    if proposal.ended_entry is not None or proposal.begun_entry is None:
        raise OutOfTurn(f"proposal {wanted.proposal} is not under way")
    if _is_shared(tx, row) != wanted.is_shared:
        return False
    fields: dict[str, object] = {
        "proposal": proposal.id,
        "began": proposal.begun_entry,
        "objects": [msgspec.to_builtins(each) for each in objects],
        "shared": [msgspec.to_builtins(each) for each in shared],
    }
    entry = write_entry(EntryKind.DISPOSED, at=tx.clock.now(), by=ARCHIVE, clip=row.id, **fields)
    proposal.ended_entry = tx.append(entry, state=ClipState.DISPOSED)
    proposal.ended = "done"
    for table in _HANGING:
        tx.session.execute(delete(table).where(table.clip == row.id))
    row.state, row.by_entry = ClipState.DISPOSED.value, proposal.ended_entry
    for name, value in emptied(row.id).items():
        setattr(row, name, value)
    tx.session.flush()
    return True


def _doomed(tx: Transaction, proposal: ProposalRow) -> Doomed:
    clip = tx.session.get_one(ClipRow, proposal.clip)
    copy = tx.session.get(CopyRow, clip.id)
    openings = (
        select(EntryRow.seq)
        .where(EntryRow.clip == clip.id, EntryRow.kind.in_(_OPENED))
        .order_by(EntryRow.seq)
    )
    began, objects = proposal.begun_entry, tuple[Place, ...]()
    if began is not None:
        told = Entry(tx.session.get_one(EntryRow, began).raw).fields.get("objects", [])
        objects = msgspec.convert(told, tuple[Place, ...])
    return Doomed(
        proposal=proposal.id,
        clip=clip.id,
        key=clip.key,
        openings=tuple(tx.session.scalars(openings)),
        copied_in=None if copy is None else copy.bucket,
        is_shared=_is_shared(tx, clip),
        began=began,
        objects=objects,
    )


def _is_shared(tx: Transaction, row: ClipRow) -> bool:
    """Whether another clip that is not gone has the same bytes.

    One whose own destruction has begun counts, too: whichever is the last takes them along.
    """
    other = select(ClipRow.id).where(
        ClipRow.sha256 == row.sha256,
        ClipRow.id != row.id,
        ClipRow.state != ClipState.DISPOSED.value,
    )
    return tx.session.scalar(other.limit(1)) is not None


def _as_promised(
    terms: DisposalTerms, proposal: ProposalRow, facts: DisposalFacts
) -> DisposalTerms:
    """*terms*, and no less time to restore than people were told when it was approved."""
    if proposal.not_before is None or facts.consent.approved is None:
        return terms
    told = unstamp(proposal.not_before) - facts.consent.approved
    return replace(terms, restore=max(terms.restore, told))


def _begun(
    tx: Transaction,
    proposal: ProposalRow,
    judged: Judged,
    terms: DisposalTerms,
    seen: Seen,
    *,
    law: int,
) -> dict[str, object]:
    """What ``dispose.begin`` says."""
    facts = judged.facts
    by = facts.decision.by
    rule = {"pack": by.pack, "rule": by.rule, "from": stamp(by.counted_from)}
    if by.until is not None:
        rule["until"] = stamp(by.until)
    closed = closings.closed_by(tx, str(proposal.clip))
    return {
        "proposal": proposal.id,
        "act": facts.act,
        "proposed": proposal.by_entry,
        "approved": proposal.approved_entry,
        "law": law,
        "rule": rule,
        "promised": stamp(facts.promised),
        "host": stamp(judged.host),
        "outside": msgspec.to_builtins(seen.outside),
        "lock_until": stamp(facts.locked_until),
        "done_today": facts.done_today,
        "clips": facts.clips,
        "per_mille": terms.per_mille,
        "cases": [{"case": case, "closed": index} for case, index in closed.items()],
        "objects": [msgspec.to_builtins(each) for each in seen.objects],
    }
