"""How far fixity rounds are and what they found: kept as entries, and nowhere else.

Each vault has rounds of its own.  They go by clip id: ids are drawn at random, so what was read of
a round is a random sample of all that there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.moves import KINDS, Which
from archive.catalogue.sealed import begun_of, is_live
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.digests import Digests

_MORE = (EntryKind.CLIP_DIGESTED, EntryKind.HOLD_LOCKED, EntryKind.HOLD_UNLOCKED)
_SAYS_MORE = [kind.value for kind in (*KINDS, *_MORE)]
ENDED = -1
"""Stands for how far a round is that has ended."""


def first(tx: Transaction, which: Which) -> datetime | None:
    """When *which* vault held the first clip, by the archive's clock of that moment."""
    kind = EntryKind.ARCHIVED if which is Which.FIRST else EntryKind.COPIED
    held = select(EntryRow.raw).where(EntryRow.kind == kind.value)
    one_by_one = held.order_by(EntryRow.seq).execution_options(yield_per=1)
    with tx.session.scalars(one_by_one) as rows:
        fields = next((fields for fields in map(_understood, rows) if fields), None)
    return None if fields is None else unstamp(str(fields["at"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The clips whose turn it is."""

    clips: Sequence[tuple[str, Sequence[Entry]]]
    """Id, and what says where its original lies; empty if its row leads to no entry."""
    through: str | None
    """Id of the last one; None: the round begins anew."""


def held(tx: Transaction, which: Which) -> int:
    """How many clips *which* vault is to hold."""
    return to_go(tx, "", which)


def to_go(tx: Transaction, after: str, which: Which) -> int:
    """How many of them have an id behind *after*."""
    clips = select(func.count()).select_from(ClipRow).where(ClipRow.id > after, is_live())
    if which is Which.SECOND:
        clips = clips.join(CopyRow, CopyRow.clip == ClipRow.id)
    return tx.session.scalar(clips) or 0


def share(tx: Transaction, after: str, most: int, which: Which) -> Share:
    """The next clips of *which* vault, at the most *most*: those with ids behind *after*."""
    chosen = (
        select(ClipRow.id, EntryRow.raw)
        .outerjoin(EntryRow, EntryRow.seq == ClipRow.archived_entry)
        .where(ClipRow.id > after, is_live())
        .order_by(ClipRow.id)
        .limit(most)
    )
    if which is Which.SECOND:
        chosen = chosen.join(CopyRow, CopyRow.clip == ClipRow.id)
    rows = tx.session.execute(chosen).all()
    more = rows and to_go(tx, rows[-1].id, which)
    moves = _moves(tx, [row.id for row in rows])
    clips = [(row.id, _placed(row.raw, moves.get(row.id, []))) for row in rows]
    return Share(clips=clips, through=rows[-1].id if more else None)


def entries_of(tx: Transaction, clip: str) -> Sequence[Entry]:
    """What says where the original of *clip* lies; empty if its row leads to no entry.

    The ``archive.verified`` entry, then each that says so anew.
    """
    row = tx.session.get(ClipRow, clip)
    held = None if row is None else tx.session.get(EntryRow, row.archived_entry)
    return _placed(None if held is None else held.raw, _moves(tx, [clip]).get(clip, []))


def _placed(archived: bytes | None, moves: Sequence[Entry]) -> Sequence[Entry]:
    return [] if archived is None else [Entry(archived), *moves]


def _moves(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[Entry]]:
    """Clip -> what entries behind its ``archive.verified`` say of its original, in order."""
    found: dict[str, list[Entry]] = {}
    rows = tx.session.execute(
        select(EntryRow.clip, EntryRow.raw)
        .where(EntryRow.clip.in_(clips), EntryRow.kind.in_(_SAYS_MORE))
        .order_by(EntryRow.seq)
    )
    for clip, raw in rows:
        found.setdefault(str(clip), []).append(Entry(raw))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What was seen of some clips."""

    clips: int
    """That are right."""
    failed: int
    """That are not."""
    repaired: int
    """Of those that are right: that were not when they were looked at."""
    size: int
    """Bytes of originals read back to their end."""
    through: str | None
    """Id of the last clip; None: the round has ended."""


def passed(tx: Transaction, which: Which, seen: Passed) -> None:
    """Put on record that the rounds of *which* vault went on."""
    tx.record(
        EntryKind.FIXITY_HELD,
        ARCHIVE,
        vault=_named(which),
        clips=seen.clips,
        failed=seen.failed,
        repaired=seen.repaired or None,
        size=seen.size,
        through=ENDED if seen.through is None else seen.through,
    )


def digested(tx: Transaction, clip: str, read: Digests) -> None:
    """Put on record what the original of *clip* hashes to, as it was *read* back whole."""
    tx.record(EntryKind.CLIP_DIGESTED, ARCHIVE, clip=clip, digests=read.to_wire())


def mended(tx: Transaction, which: Which, clip: str) -> None:
    """Put on record that *clip*, which failed before, is right again."""
    tx.record(EntryKind.FIXITY_HELD, ARCHIVE, clip=clip, vault=_named(which))


def failed(tx: Transaction, which: Which, clip: str, step: int, component: str) -> None:
    """Put on record that something of *clip* is not what the log says."""
    more = {"vault": _named(which), "step": step, "component": component}
    tx.record(EntryKind.FIXITY_FAILED, ARCHIVE, clip=clip, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the rounds of one vault are."""

    at: datetime | None
    """When they went on last; None if they never did."""
    through: str
    """Id of the last clip looked at; empty if the round has not begun."""
    began: datetime | None
    """When the last round ended and this one began; None while it is the first."""
    failed: Mapping[str, str]
    """Clip -> the component that was wrong when it was looked at last."""


def standing(tx: Transaction, which: Which) -> Standing:
    """Where the rounds of *which* vault stand, by their entries."""
    at, through, began = None, "", None
    for fields in _steps(tx, which):
        if at is None:
            at = unstamp(str(fields["at"]))
            # Older products went by log index: what they were at is begun anew.
            through = reached if isinstance(reached := fields["through"], str) else ""
        if fields["through"] == ENDED:
            began = unstamp(str(fields["at"]))
            break
    wrong = dict[str, str]()
    about_clips = _of_rounds(EntryRow.clip.is_not(None)).order_by(EntryRow.seq)
    for raw in tx.session.scalars(about_clips):
        fields = _understood(raw) or {}
        if fields.get("vault", Which.FIRST.value) != which.value:
            continue
        if "component" in fields:
            wrong[str(fields["clip"])] = str(fields["component"])
        else:
            wrong.pop(str(fields.get("clip")), None)
    for clip in begun_of(tx, list(wrong)):
        del wrong[clip]
    return Standing(at=at, through=through, began=began, failed=wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was read in one round."""

    read: int = 0
    """Clips."""
    wrong: int = 0
    """Those of them that were not what the log says, repaired since or not."""
    size: int = 0
    """Bytes of originals."""
    ended: datetime | None = None
    """When the round ended; None while it lasts."""


def tally(tx: Transaction, which: Which) -> Tally:
    """What was read in the round that *which* vault is at, or in the last one if none has begun."""
    read = wrong = size = 0
    ended, is_newest = None, True
    for fields in _steps(tx, which):
        if fields["through"] == ENDED:
            if not is_newest:
                break
            ended = unstamp(str(fields["at"]))
        is_newest = False
        clips, failed, repaired = (
            int(str(fields.get(name, 0))) for name in ("clips", "failed", "repaired")
        )
        read, wrong = read + clips + failed, wrong + failed + repaired
        size += int(str(fields["size"]))
    return Tally(read=read, wrong=wrong, size=size, ended=ended)


def _steps(tx: Transaction, which: Which) -> Iterator[Mapping[str, object]]:
    """How the rounds of *which* vault went on, the newest first."""
    steps = _of_rounds(EntryRow.clip.is_(None)).order_by(EntryRow.seq.desc())
    with tx.session.scalars(steps.execution_options(yield_per=50)) as newest_first:
        for fields in filter(None, map(_understood, newest_first)):
            if fields.get("vault", Which.FIRST.value) == which.value:
                yield fields


def _named(which: Which) -> str | None:
    """What entries call *which* vault: those of the first, which may be the only one, do not."""
    return None if which is Which.FIRST else which.value


def _understood(raw: bytes) -> Mapping[str, object] | None:
    """The fields of an entry; None if its row was damaged: fsck tells of it, the rounds go on."""
    try:
        return Entry(raw).fields
    except ValueError:
        return None


def _of_rounds(which: ColumnElement[bool]) -> Select[bytes]:
    kinds = (EntryKind.FIXITY_HELD.value, EntryKind.FIXITY_FAILED.value)
    return select(EntryRow.raw).where(EntryRow.kind.in_(kinds), which)


def in_words(which: Which, clip: str, component: str) -> str:
    """The sentence for a clip that failed."""
    where = "" if which is Which.FIRST else " in the second vault"
    return f"clip {clip}: its {component}{where} is not what the log says; evidock fsck tells more"
