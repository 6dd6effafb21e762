"""Quality hints: spans of a clip where a reviewer should look twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from sqlalchemy import select

from archive.catalogue import jobs
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.jobs import JobKind
from archive.catalogue.judged import Part
from archive.catalogue.tables import DerivedRow, EntryRow, LookRow, RenditionRow
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.wire import HintShown, QualityShown

MEDIA, TABLE = "media.mp4", "frames.json"


class Span(Protocol):
    """A hint as the rules give it."""

    @property
    def start_ms(self) -> int: ...

    @property
    def end_ms(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A rendition to be looked at."""

    clip: str
    by_entry: int
    """Log index of its ``derive`` entry."""
    media: Part
    table: Part | None
    """Its frame table; None for sound."""
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came out, and what was looked at."""

    hints: Sequence[Span]
    rules: int
    """Version of the rules."""
    frames: int
    seconds: int
    """Of sound."""


class _ToldHint(msgspec.Struct, frozen=True):
    """A hint as the entry holds it."""

    kind: str
    from_ms: int
    to_ms: int
    value: int
    """What was measured, in thousandths."""


class _Told(msgspec.Struct, frozen=True):
    """What is read of a ``quality.look`` entry."""

    frames: int
    seconds: int
    hints: list[_ToldHint]


def subject(tx: Transaction, clip: str) -> Subject | None:
    """What there is to look at of *clip*; None if nothing of it moves or sounds."""
    row = tx.session.get(RenditionRow, clip)
    found = {
        each.name: _part(each)
        for each in tx.session.scalars(select(DerivedRow).where(DerivedRow.clip == clip))
    }
    if row is None or MEDIA not in found:
        return None
    return Subject(
        clip=clip,
        by_entry=row.by_entry,
        media=found[MEDIA],
        table=found.get(TABLE),
        duration_ms=row.duration_ms or 0,
    )


def keep(tx: Transaction, *, subject: Subject, looked: Looked) -> None:
    """Put *looked* on record; nothing if the rendition was replaced meanwhile."""
    row = tx.session.get(RenditionRow, subject.clip)
    if row is None or row.by_entry != subject.by_entry:
        return
    entry = tx.record(
        EntryKind.QUALITY_LOOKED,
        ARCHIVE,
        clip=subject.clip,
        derived=subject.by_entry,
        rules=looked.rules,
        frames=looked.frames,
        seconds=looked.seconds,
        hints=[
            {
                "kind": str(hint.kind),
                "from_ms": hint.start_ms,
                "to_ms": hint.end_ms,
                "value": hint.value,
            }
            for hint in looked.hints
        ],
    )
    tx.session.merge(LookRow(clip=subject.clip, by_entry=entry))
    tx.session.flush()


def ask_for_all(tx: Transaction) -> None:
    """Ask for a look at every rendition that had none yet."""
    looked = select(LookRow.clip)
    waiting = select(DerivedRow.clip).where(
        DerivedRow.name == MEDIA, DerivedRow.clip.not_in(looked)
    )
    for clip in tx.session.scalars(waiting).all():
        jobs.put(tx, JobKind.LOOK_FOR_HINTS, clip)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, QualityShown]:
    """The hints about those *clips* that were looked at, as the log holds them.

    A row is only where to look: what it points to must be a look at this very rendition.
    """
    rows = tx.session.execute(
        select(LookRow.clip, RenditionRow.by_entry, EntryRow.seq, EntryRow.raw)
        .join(EntryRow, EntryRow.seq == LookRow.by_entry)
        .join(RenditionRow, RenditionRow.clip == LookRow.clip)
        .where(LookRow.clip.in_(clips))
    )
    return {
        clip: _shown(seq, Entry(raw))
        for clip, by_entry, seq, raw in rows
        if _is_about(Entry(raw), clip, by_entry)
    }


def _is_about(entry: Entry, clip: str, by_entry: int) -> bool:
    looked = entry.kind is EntryKind.QUALITY_LOOKED
    return looked and entry.clip == clip and entry.fields["derived"] == by_entry


def _shown(seq: int, entry: Entry) -> QualityShown:
    told = msgspec.json.decode(entry.raw, type=_Told)
    return QualityShown(
        entry=seq,
        frames=told.frames,
        seconds=told.seconds,
        hints=[
            HintShown(kind=each.kind, start_ms=each.from_ms, end_ms=each.to_ms)
            for each in told.hints
        ],
    )


def _part(row: DerivedRow) -> Part:
    return Part(
        name=row.name,
        key=row.key,
        version_id=row.version_id,
        size=row.size,
        sha256=Sha256.from_hex(row.sha256),
    )
