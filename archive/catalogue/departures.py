"""By which entries a case lost what the version before of its dossier has.

One rule: nothing is guessed.  What went since a version was made went by an entry behind that one;
where no such entry is on record, no version is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from archive.catalogue.case_tables import CaseClipRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.portions import portions
from archive.catalogue.tables import EntryRow, IncidentRow
from evidence.custody import Entry, EntryKind
from evidence.dossier import Index, Item, Name
from evidence.errors import LogBroken
from evidence.reasons import undoes

_REJECTED = EntryKind.LINK_REJECTED.value
_DISPOSED = EntryKind.DISPOSED.value
_KINDS = (EntryKind.LINKED.value, _REJECTED, _DISPOSED)
"""The entries about a clip by which it, or a link of it, may have gone."""


def departures(
    tx: Transaction, number: str, before: Index, since: int, there: Iterable[Name]
) -> Mapping[Name, int]:
    """What *before* has and is not *there* any more -> the last entry by which it may have gone.

    *since*: log index of the entry by which *before* was made.  LogBroken if something went of
    which no entry behind that speaks.
    """
    held = set(there)
    gone = [each for each in before.items if each.name not in held]
    if not gone:
        return {}
    causes = _Causes.of(tx, number, before, since, gone)
    found: dict[Name, int] = {}
    for item in gone:
        entries = causes.of_item(item)
        if not entries:
            raise LogBroken(
                f"{item.kind} {item.id} is not in case {number[:80]} any more, and no entry since"
                f" {since} says why",
                advice="No version is made that has to guess. Run `evidock fsck`.",
            )
        found[item.name] = max(entries)
    return found


@dataclass(slots=True, kw_only=True)
class _Causes:
    """The entries behind a version that may have taken something out of a case."""

    links: Mapping[str, list[str]]
    """Clip -> the incidents that it was linked to in that version."""
    of_case: list[int]
    """What feeds told of the case itself."""
    told: dict[str, list[int]] = field(default_factory=dict)
    """Incident -> what feeds told of it."""
    undone: dict[tuple[str, object], list[int]] = field(default_factory=dict)
    """Clip and incident -> by what their link counts no more."""
    taken: dict[str, list[int]] = field(default_factory=dict)
    """Clip -> by what a person took it out."""
    disposed: dict[str, list[int]] = field(default_factory=dict)
    """Clip -> by what it was disposed of, and its links with it."""

    @classmethod
    def of(
        cls, tx: Transaction, number: str, before: Index, since: int, gone: Iterable[Item]
    ) -> _Causes:
        """Those behind *since* for what is *gone* of *before*; as many questions as portions."""
        links: dict[str, list[str]] = {}
        for each in before.items:
            if each.kind == "link":
                clip, _, incident = each.id.partition(" ")
                links.setdefault(clip, []).append(incident)
        case = tx.session.scalar(select(CaseRow).where(CaseRow.number == number))
        causes = cls(links=links, of_case=[] if case is None else _behind(since, case))
        clips = {each.id.partition(" ")[0] for each in gone if each.kind in {"clip", "link"}}
        incidents = {each.id for each in gone if each.kind == "incident"}
        incidents |= {incident for clip in clips for incident in links.get(clip, ())}
        causes._learn_of_incidents(tx, sorted(incidents), since)
        causes._learn_of_clips(tx, sorted(clips), since)
        causes._learn_of_placings(tx, number, since)
        return causes

    def of_item(self, item: Item) -> list[int]:
        """Those that may have taken *item*."""
        if item.kind == "incident":
            return [*self.told.get(item.id, ()), *self.of_case]
        clip, _, incident = item.id.partition(" ")
        incidents, found = [incident], list(self.disposed.get(clip, ()))
        if item.kind != "link":
            incidents = self.links.get(clip, [])
            found += self.taken.get(clip, ())
        for each in incidents:
            found += self.undone.get((clip, each), ())
            found += self.told.get(each, ())
        return found + (self.of_case if incidents else [])

    def _learn_of_incidents(self, tx: Transaction, incidents: list[str], since: int) -> None:
        for some in portions(incidents):
            for row in tx.session.scalars(select(IncidentRow).where(IncidentRow.id.in_(some))):
                self.told[row.id] = _behind(since, row)

    def _learn_of_clips(self, tx: Transaction, clips: list[str], since: int) -> None:
        for some in portions(clips):
            about = EntryRow.clip.in_(some), EntryRow.kind.in_(_KINDS), EntryRow.seq > since
            for seq, raw in tx.session.execute(select(EntryRow.seq, EntryRow.raw).where(*about)):
                fields = Entry(raw).fields
                clip = str(fields["clip"])
                if fields["kind"] == _DISPOSED:
                    self.disposed.setdefault(clip, []).append(seq)
                elif undoes(fields):
                    self.undone.setdefault((clip, fields["incident"]), []).append(seq)

    def _learn_of_placings(self, tx: Transaction, number: str, since: int) -> None:
        taken = CaseClipRow.case_id == number, CaseClipRow.taken_entry > since
        rows = select(CaseClipRow.clip, CaseClipRow.taken_entry).where(*taken)
        for clip, entry in tx.session.execute(rows):
            if entry is not None:
                self.taken.setdefault(clip, []).append(entry)


def _behind(since: int, row: IncidentRow | CaseRow) -> list[int]:
    return [each for each in (row.by_entry, row.withdrawn_entry) if each and each > since]
