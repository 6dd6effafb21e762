"""Figures made anew from the log: its signed entries and what opens them, and no table at all.

What entries tell: clips, their bytes, whose they are, links, classifications, who watched, markers
and incidents; so formulas 1, 2, 5 to 8, 10 and 11 (``docs/statistics.md``).  What they do not: how
long a recording is, so neither hours nor delays; a start that only the file itself claims, so such
a clip is counted but of no day; a unit that only a roster names.

One rule: a difference is named by the clip or the incident, never only as a number.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.books import Books
from archive.catalogue import compared
from archive.catalogue.compared import TOLD, Counted, Held
from archive.fixity import told
from archive.rebuild.history import History, newest
from archive.rebuild.source import LogFiles, Source
from evidence.acquisition import Acquisition
from evidence.clip import FOOTAGE, ClipClass
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.errors import LogBroken
from evidence.linking import COUNTS
from evidence.names import folded
from evidence.statistics.facts import ClipFact, IncidentFact
from evidence.statistics.figures import Rate
from evidence.statistics.periods import Span
from evidence.statistics.verdicts import Measure, of_clip, of_incident

_OF_CLIPS = {
    EntryKind.ARCHIVED,
    EntryKind.STATION_ACT,
    EntryKind.CLASSIFIED,
    EntryKind.LINKED,
    EntryKind.LINK_CONFIRMED,
    EntryKind.LINK_REJECTED,
    EntryKind.VIEWED,
    EntryKind.MARKER_SET,
    EntryKind.MARKER_WITHDRAWN,
    EntryKind.DISPOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The figures that both can tell, by one of them."""

    clips: int
    size: int
    rates: Mapping[Measure, Rate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    """What the log and the tables say, and where they differ."""

    entries: int
    """So many entries were read."""
    log: Side
    tables: Side
    differences: tuple[str, ...]
    undated: int
    """Clips of these days, by either side, that no entry and no manifest gives a start: the tables
    may have one, the log none.  They are not compared."""
    unopened: tuple[str, ...]
    """What could not be opened, and so not be counted."""


@dataclass(slots=True)
class FromLog:
    """Facts as the log tells them; made by :meth:`read`."""

    clips: dict[str, ClipFact] = field(default_factory=dict)
    incidents: dict[str, IncidentFact] = field(default_factory=dict)
    unopened: list[str] = field(default_factory=list)
    _entries: defaultdict[str, list[tuple[int, bytes]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _incidents: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Incident -> its last entry, and whether that takes it back."""
    _people: dict[str, int] = field(default_factory=dict)
    """Person -> the entry that made the account."""
    _officers: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def read(cls, history: History, source: Source, agency: str, end: int) -> FromLog:
        """What the entries below *end* and their openings tell.  Blocks."""
        made = cls()
        for first, raws in history.entries(0, end):
            for seq, raw in enumerate(raws, start=first):
                made._hear(seq, raw)
        for incident, (seq, withdrawn) in made._incidents.items():
            made._open_incident(source, incident, seq, withdrawn=withdrawn)
        for clip, entries in made._entries.items():
            made._tell(source, agency, clip, entries)
        return made

    def _hear(self, seq: int, raw: bytes) -> None:
        entry = Entry(raw)
        kind, clip = entry.kind, entry.clip
        if clip is not None and kind in _OF_CLIPS:
            self._entries[clip].append((seq, raw))
        elif kind is EntryKind.INCIDENT_IMPORTED:
            name, withdrawn = str(entry.fields["incident"]), bool(entry.fields.get("withdrawn"))
            told = self._incidents.get(name, (seq, False))[0] if withdrawn else seq
            self._incidents[name] = told, withdrawn
        elif kind is EntryKind.PERSON_CREATED:
            self._people[str(entry.fields["person"])] = seq

    def _open_incident(self, source: Source, incident: str, seq: int, *, withdrawn: bool) -> None:
        found = source.openings(seq)
        row = None if found is None else found.openings.get("row")
        if row is None:
            self.unopened.append(f"incident {incident}: nothing opens entry {seq}")
            return
        facts = json.loads(row.value)
        self.incidents[incident] = IncidentFact(
            incident=incident,
            officer=folded(facts["officer"]),
            dispatched=unstamp(facts["dispatched"]),
            withdrawn=withdrawn,
        )

    def _tell(
        self, source: Source, agency: str, clip: str, entries: list[tuple[int, bytes]]
    ) -> None:
        """One clip's fact, and which incidents it covers."""
        known = told.of_clip(clip, entries, agency)
        if not known.archived or known.tombstone or known.clip["clip_class"] not in FOOTAGE:
            return
        manifest, _ = source.manifest(clip, known.archived)
        if manifest is None:
            self.unopened.append(f"clip {clip}: its manifest is missing or another")
            return
        row = {**known.clip, **told.opened(manifest)}
        officer = row["officer_key"]
        counting = {name for name, each in known.links.items() if each["standing"] in COUNTS}
        standing = sorted(each for each in counting if self._stands(each))
        self.clips[clip] = ClipFact(
            clip=clip,
            clip_class=ClipClass(str(row["clip_class"])),
            size=int(str(row["size"])),
            received=unstamp(str(row["received"])),
            started=_start(row),
            acquisition=Acquisition(str(row["acquisition"])),
            officer=None if officer is None else str(officer),
            linked=bool(standing),
            classified=row["categories"] is not None,
            reviewed=any(self._is_other(source, who, officer) for who in _viewers(entries)),
            markers=_marked(entries),
        )
        for each in standing:
            covered = self.incidents[each]
            self.incidents[each] = IncidentFact(
                incident=each,
                officer=covered.officer,
                dispatched=covered.dispatched,
                covered=True,
            )

    def _stands(self, incident: str) -> bool:
        return incident in self.incidents and not self.incidents[incident].withdrawn

    def _is_other(self, source: Source, person: str, officer: object) -> bool:
        """Whether *person* is somebody else than the officer of that number."""
        if person not in self._officers:
            found = source.openings(self._people[person]) if person in self._people else None
            if found is None:
                self.unopened.append(f"person {person}: nothing opens who that is")
            number = None if found is None else found.openings.get("officer")
            self._officers[person] = None if number is None else folded(number.value.decode())
        own = self._officers[person]
        return officer is None or own is None or own != officer


def compare(history: History, source: Source, agency: str, span: Span, held: Held) -> Recounted:
    """Hold what the tables say (*held*) against what *history* and *source* tell.  Blocks.

    The history must reach to the entries that the tables rest on.
    """
    log = FromLog.read(history, source, agency, held.entries)
    clips = {
        name: Counted(fact.officer, fact.size, {each: of_clip(each, fact) for each in TOLD})
        for name, fact in log.clips.items()
        if span.since <= fact.at < span.until
    }
    incidents = {
        name: Counted(fact.officer, 0, {Measure.COVERAGE: of_incident(fact)})
        for name, fact in log.incidents.items()
        if span.since <= fact.dispatched < span.until
    }
    undated = {
        name
        for name, fact in log.clips.items()
        if fact.started is None and (name in clips or name in held.clips)
    }
    wrong = [
        *_differences("clip", clips, held.clips, undated),
        *_differences("incident", incidents, held.incidents, set()),
    ]
    return Recounted(
        entries=held.entries,
        log=_side(clips, incidents),
        tables=_side(held.clips, held.incidents),
        differences=tuple(wrong),
        undated=len(undated),
        unopened=tuple(log.unopened),
    )


def _differences(
    what: str, log: Mapping[str, Counted], tables: Mapping[str, Counted], undated: set[str]
) -> Iterator[str]:
    """In words; of *undated* clips it is not said to which day they belong."""
    for name in sorted((log.keys() | tables.keys()) - undated):
        here, there = log.get(name), tables.get(name)
        if here is None:
            yield f"{what} {name} counts by the tables, and by the log it does not"
        elif there is None:
            yield f"{what} {name} counts by the log, and by the tables it does not"
        elif here != there:
            yield f"{what} {name} is {_shown(here)} by the log, and {_shown(there)} by the tables"


def _shown(counted: Counted) -> str:
    said = (f"{measure.value} {verdict.value}" for measure, verdict in counted.verdicts.items())
    whose = "nobody's" if counted.officer is None else f"of officer {counted.officer!r}"
    return f"{', '.join(said)}, {counted.size} bytes, {whose}"


def _side(clips: Mapping[str, Counted], incidents: Mapping[str, Counted]) -> Side:
    both = [*clips.values(), *incidents.values()]
    return Side(
        clips=len(clips),
        size=sum(each.size for each in clips.values()),
        rates={
            measure: Rate.of(
                Counter(each.verdicts[measure] for each in both if measure in each.verdicts)
            )
            for measure in (*TOLD, Measure.COVERAGE)
        },
    )


def _viewers(entries: list[tuple[int, bytes]]) -> set[str]:
    found = (Entry(raw) for _, raw in entries)
    return {str(each.fields["by"]) for each in found if each.kind is EntryKind.VIEWED}


def _marked(entries: list[tuple[int, bytes]]) -> frozenset[str]:
    """The codes of the markers that stand."""
    standing: dict[str, str] = {}
    for entry in (Entry(raw) for _, raw in entries):
        if entry.kind is EntryKind.MARKER_SET:
            standing[str(entry.fields["marker"])] = str(entry.fields["code"])
        elif entry.kind is EntryKind.MARKER_WITHDRAWN:
            standing.pop(str(entry.fields["marker"]), None)
    return frozenset(standing.values())


def _start(row: Mapping[str, object]) -> datetime | None:
    """The start on the card, on our clock; None if the card told none, or it is no time of ours."""
    if row["started"] is None:
        return None
    offset = timedelta(milliseconds=int(str(row.get("clock_offset_ms") or 0)))
    try:
        return unstamp(str(row["started"])) - offset
    except OverflowError:
        return None


async def recounted(books: Books, source: Source, agency: str, span: Span) -> Recounted:
    """The figures of *span* by tables and log; what is committed is waited for to be signed.

    LogBroken if the log is not whole and true.
    """
    held = await books.catalogue.run(compared.held, span)
    if books.signs and held.entries:
        await books.signed(held.entries - 1)
    place = LogFiles(name="the log", read=books.log.read)
    history, _ = await asyncio.to_thread(newest, [place], [books.signer.key])
    if history.size < held.entries:
        raise LogBroken(
            f"{held.entries} entries are recorded and {history.size} signed for",
            advice="Start the home: it signs for what was recorded at rest. Then ask again.",
        )
    return await asyncio.to_thread(compare, history, source, agency, span, held)
