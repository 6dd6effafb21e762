"""Judged renditions: what the archive found when it compared one with its original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from archive.catalogue import jobs
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.jobs import JobKind
from archive.catalogue.renditions import NONE, apart
from archive.catalogue.tables import ClipRow, DerivedRow, EntryRow, RenditionRow
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.names import last_part
from evidence.wire import RenditionCheck


class Verdict(StrEnum):
    """What comparing came to."""

    VERIFIED = "verified"
    """All it shows and sounds is the original's own coded data, at the original's times."""
    LIKENESS = "likeness"
    """Some of it was encoded anew; nothing that could be compared differs."""
    REFUSED = "refused"
    """Something differs that must be equal."""


_KINDS: Mapping[Verdict, EntryKind] = {
    Verdict.VERIFIED: EntryKind.RENDITION_VERIFIED,
    Verdict.LIKENESS: EntryKind.RENDITION_COMPARED,
    Verdict.REFUSED: EntryKind.RENDITION_REFUSED,
}
_VERDICTS: Mapping[str, Verdict] = {kind.value: verdict for verdict, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One object of a rendition as its ``derive`` entry names it."""

    name: str
    key: str
    version_id: str
    size: int
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A rendition to be compared, and the original it is said to be of."""

    clip: str
    name: bytes
    """The last part of the path on the camera: a claim."""
    key: str
    version_id: str
    size: int
    sha256: Sha256
    kind: str
    picture_digest: str | None
    """Of the original, as the station announced it."""
    camera_signatures: Sequence[str] | None
    """Seen in the original, as the station announced them; None if it did not look."""
    by_entry: int
    """Log index of the ``derive`` entry."""
    objects: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came out, as digests, numbers and codes."""

    same: Sequence[str]
    anew: Sequence[str]
    differs: Sequence[Mapping[str, str]]
    digests: Mapping[str, Mapping[str, str]]
    """Of the original, computed by the archive."""
    frames: int | None

    @property
    def verdict(self) -> Verdict:
        if self.differs:
            return Verdict.REFUSED
        return Verdict.LIKENESS if self.anew or not self.same else Verdict.VERIFIED


def subject(tx: Transaction, clip: str) -> Subject | None:
    """What there is to compare of *clip*; None without a rendition."""
    row, original = tx.session.get(RenditionRow, clip), tx.session.get(ClipRow, clip)
    if row is None or original is None or row.kind == NONE:
        return None
    parts = tx.session.scalars(select(DerivedRow).where(DerivedRow.clip == clip))
    return Subject(
        clip=clip,
        name=last_part(bytes.fromhex(original.path_hex)),
        key=original.key,
        version_id=original.version_id,
        size=original.size,
        sha256=Sha256.from_hex(original.sha256),
        kind=row.kind,
        picture_digest=row.picture_digest,
        camera_signatures=apart(row.camera_signatures),
        by_entry=row.by_entry,
        objects=tuple(_part(each) for each in parts),
    )


def judge(tx: Transaction, *, subject: Subject, finding: Finding) -> None:
    """Put *finding* on record; nothing if the rendition was replaced meanwhile."""
    row = tx.session.get(RenditionRow, subject.clip)
    if row is None or row.by_entry != subject.by_entry:
        return
    row.verdict_entry = tx.record(
        _KINDS[finding.verdict],
        ARCHIVE,
        clip=subject.clip,
        derived=subject.by_entry,
        rendition=subject.kind,
        original={"sha256": subject.sha256.hex},
        objects={each.name: {"sha256": each.sha256.hex} for each in subject.objects},
        same=sorted(finding.same),
        anew=sorted(finding.anew),
        differs=list(finding.differs) or None,
        digests=finding.digests,
        frames=finding.frames,
    )
    row.verdict = finding.verdict.value
    tx.session.flush()


def ask_for_all(tx: Transaction) -> None:
    """Ask for a comparison of every rendition that has none yet."""
    waiting = select(RenditionRow.clip).where(
        RenditionRow.verdict.is_(None), RenditionRow.kind != NONE
    )
    for clip in tx.session.scalars(waiting).all():
        jobs.put(tx, JobKind.CHECK_RENDITION, clip)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, RenditionCheck]:
    """What was found of those *clips* whose rendition was compared, as the entry itself says.

    A row is only where to look: what it points to must be a verdict on this very rendition.
    """
    rows = tx.session.execute(
        select(RenditionRow.clip, RenditionRow.by_entry, EntryRow.seq, EntryRow.raw)
        .join(EntryRow, EntryRow.seq == RenditionRow.verdict_entry)
        .where(RenditionRow.clip.in_(clips))
    )
    found = {clip: (by_entry, seq, Entry(raw)) for clip, by_entry, seq, raw in rows}
    return {
        clip: _shown(seq, entry)
        for clip, (by_entry, seq, entry) in found.items()
        if _is_about(entry, clip, by_entry)
    }


def newest(tx: Transaction, clip: str) -> int | None:
    """Log index of the last verdict on *clip*, whatever its row says; None if it is of old.

    A verdict on a rendition that was replaced since says nothing of the one there is.
    """
    made = tx.session.get(RenditionRow, clip)
    row = tx.session.scalars(
        select(EntryRow)
        .where(EntryRow.clip == clip, EntryRow.kind.in_(_VERDICTS))
        .order_by(EntryRow.seq.desc())
        .limit(1)
    ).first()
    if made is None or row is None or not _is_about(Entry(row.raw), clip, made.by_entry):
        return None
    return row.seq


def problems(tx: Transaction) -> list[str]:
    """The renditions that are not what their original holds, a sentence each."""
    ever = select(EntryRow.clip).where(EntryRow.kind == EntryKind.RENDITION_REFUSED.value)
    clips = sorted({clip for clip in tx.session.scalars(ever) if clip is not None})
    return [
        f"the rendition of clip {clip} is not what its original holds"
        f" ({', '.join(found.differs)}): entry {found.entry} of the log"
        for clip, found in sorted(of_clips(tx, clips).items())
        if found.verdict == Verdict.REFUSED
    ]


def _is_about(entry: Entry, clip: str, by_entry: int) -> bool:
    verdict = entry.kind.value in _VERDICTS
    return verdict and entry.clip == clip and entry.fields["derived"] == by_entry


def _shown(seq: int, entry: Entry) -> RenditionCheck:
    fields = entry.fields
    return RenditionCheck(
        verdict=_VERDICTS[entry.kind.value].value,
        entry=seq,
        same=_words(fields["same"]),
        anew=_words(fields["anew"]),
        differs=[str(each["what"]) for each in _objects(fields.get("differs", []))],
    )


def _words(told: object) -> list[str]:
    return [str(each) for each in told] if isinstance(told, list) else []


def _objects(told: object) -> list[dict[str, object]]:
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _part(row: DerivedRow) -> Part:
    return Part(
        name=row.name,
        key=row.key,
        version_id=row.version_id,
        size=row.size,
        sha256=Sha256.from_hex(row.sha256),
    )
