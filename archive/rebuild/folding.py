"""What entries make of rows, with what their openings and objects add.

One rule: it is the knowledge of :mod:`archive.fixity.told`, which fsck holds rows against, read in
the other direction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from archive.catalogue import sayings, tellings
from archive.catalogue.begins import begins
from archive.catalogue.gone import emptied
from archive.catalogue.rebuilt import StandIn
from archive.catalogue.sayings import SAYINGS, Saying
from archive.catalogue.stored import Row
from archive.catalogue.tellings import COMMITMENT, TELLINGS, UNKNOWN, Telling
from archive.derived import DESCRIPTION
from archive.fixity import ROWS, Component, Finding, Step
from archive.fixity.told import Told, of_clip, opened
from archive.rebuild.source import DerivedFound, Source
from evidence.canonical import canonical
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.names import folded

_OF_RENDITION = ("duration_ms", "width", "height", "frames")


@dataclass(slots=True, kw_only=True)
class ClipRows:
    """The rows of one clip."""

    clip: dict[str, object]
    rendition: dict[str, object]
    derived: list[Row]
    """Those objects of the rendition that are to be had."""
    wanted: list[Row]
    """All of them, as the entries name them."""
    look: dict[str, object]
    links: list[Row]
    copy: dict[str, object]
    legal_holds: list[Row]
    findings: list[Finding]


@dataclass(slots=True, kw_only=True)
class OtherRows:
    """The rows that hang on no clip."""

    station: dict[str, dict[str, object]] = field(default_factory=dict)
    journal: list[Row] = field(default_factory=list)
    person: dict[str, dict[str, object]] = field(default_factory=dict)
    view_reason: list[Row] = field(default_factory=list)
    said: dict[str, dict[str, dict[str, object]]] = field(
        default_factory=lambda: {table: {} for table in sayings.TABLES}
    )
    """Table -> id -> what people said for the record."""
    told: dict[str, dict[str, dict[str, object]]] = field(
        default_factory=lambda: {table: {} for table in tellings.BY_TABLE}
    )
    """Table -> id -> what feeds told."""
    through: dict[str, int] = field(default_factory=dict)
    """Station -> the last number of its journal."""
    untold: dict[tuple[str, str], int] = field(default_factory=dict)
    """Table and id of what a feed told -> its newest entry, where that cannot be opened."""
    _missed: list[Finding] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """What cannot be had of what the newest entries tell; older facts are superseded anyway."""
        untold = [
            _missing(ROWS[table], name, f"what entry {seq} commits to is kept nowhere")
            for (table, name), seq in self.untold.items()
        ]
        return [*self._missed, *untold]

    def hear(self, seq: int, raw: bytes, source: Source) -> str | None:
        """Learn from one entry; the clip it is about."""
        entry = Entry(raw)
        kind, fields = entry.kind, entry.fields
        if kind is EntryKind.STATION_ENROLLED:
            self._station(seq, fields, source)
        elif kind is EntryKind.STATION_ACT:
            station, number = str(fields["by"]), int(str(fields["n"]))
            self.journal.append({"station": station, "number": number, "entry": seq})
            self.through[station] = number
        elif kind in TELLINGS:
            self._telling(seq, fields, TELLINGS[kind], source)
        elif kind is EntryKind.PERSON_CREATED:
            self._person(seq, fields, source)
        elif kind is EntryKind.VIEWED and fields.get("commitments"):
            self._reason(seq, fields, source)
        elif kind in SAYINGS:
            self._saying(seq, entry, SAYINGS[kind], source)
        if kind is EntryKind.DISPOSED:
            self._forget_of(str(entry.clip))
        return entry.clip

    def _forget_of(self, clip: str) -> None:
        """What goes with a clip that was disposed of; that it is gone is no loss."""
        for table in sayings.WITH_CLIP:
            rows, component = self.said[table], ROWS[table]
            gone = {name for name, row in rows.items() if row.get("clip") == clip}
            self.said[table] = {name: row for name, row in rows.items() if name not in gone}
            self._missed = [
                each
                for each in self._missed
                if each.component is not component or each.subject not in gone
            ]

    def _station(self, seq: int, fields: Mapping[str, object], source: Source) -> None:
        station = str(fields["by"])
        told = source.openings(seq)
        name = None if told is None else told.columns.get("name")
        if name is None:
            problem = "its name is kept nowhere; where no row knew it, its id stands in its place"
            self._miss(Component.STATION_ROW, station, problem)
        self.station[station] = {
            "id": station,
            "name": StandIn(station) if name is None else str(name),
            "public_key": fields["public_key"],
            "journal_through": StandIn(0),
            "by_entry": seq,
        }
        self.through.setdefault(station, 0)

    def _telling(
        self, seq: int, fields: Mapping[str, object], kind: Telling, source: Source
    ) -> None:
        """What was told before what is heard now, the row that is there knows."""
        name, rows = str(fields[kind.names]), self.told[kind.table]
        row: dict[str, object] | None
        if fields.get("withdrawn"):
            row = rows.get(name) or _nameless(kind, name) | {"by_entry": StandIn(seq)}
            rows[name] = row | {"withdrawn_entry": seq}
            return
        told = source.openings(seq)
        opening = _fitting(fields, COMMITMENT, {} if told is None else told.openings)
        facts = None if opening is None else _facts(opening, kind)
        if told is None or opening is None or facts is None:
            row = rows.get(name) if fields.get("changed") else None
            row = row or _nameless(kind, name)
            self.untold[kind.table, name] = seq
        else:
            self.untold.pop((kind.table, name), None)
            beside = {each: int(told.columns.get(each) or of) for each, of in kind.beside.items()}
            row = {**facts, **beside, "salt": opening.salt}
        rows[name] = row | {"id": name, "by_entry": seq, "withdrawn_entry": None}

    def _person(self, seq: int, fields: Mapping[str, object], source: Source) -> None:
        person, told = str(fields["person"]), source.openings(seq)
        held = {} if told is None else told.openings
        name = _fitting(fields, "name", held)
        if name is None:
            problem = "who it is is kept nowhere; the account is left out, its acts name its id"
            self._miss(Component.PERSON_ROW, person, problem)
            return
        officer, called = _fitting(fields, "officer", held), _text(name)
        if officer is None and _commits_to(fields, "officer"):
            self._miss(Component.PERSON_ROW, person, "the officer number is kept nowhere")
        self.person[person] = {
            "id": person,
            "name": called,
            "name_key": folded(called),
            "name_salt": name.salt,
            "officer": StandIn(None) if officer is None else _text(officer),
            "officer_salt": StandIn(None) if officer is None else officer.salt,
            "role": fields["role"],
            "by_entry": seq,
        }

    def _reason(self, seq: int, fields: Mapping[str, object], source: Source) -> None:
        told = source.openings(seq)
        opening = _fitting(fields, "reason", {} if told is None else told.openings)
        if opening is None:
            problem = "is kept nowhere, or was forgotten; the entry stays"
            self._miss(Component.REASON_ROW, str(seq), problem)
            return
        row = {"entry": seq, "reason": _text(opening), "salt": opening.salt}
        self.view_reason.append(row)

    def _saying(self, seq: int, entry: Entry, kind: Saying, source: Source) -> None:
        """Of what was said before what is heard now, the row is there and knows the rest."""
        name, rows = str(entry.fields[kind.table]), self.said[kind.table]
        row = rows.get(name) if kind.ends else None
        if row is None:
            row = _unsaid(kind.table, name, entry.clip, begun=not kind.ends)
        told = source.openings(seq)
        held = {} if told is None else told.openings
        for commitment, (column, salt) in kind.texts.items():
            if not _commits_to(entry.fields, commitment):
                row |= {column: None, salt: None}
                continue
            opening = _fitting(entry.fields, commitment, held)
            if opening is None:
                problem = f"its {commitment} is kept nowhere; the {kind.table} stands"
                self._miss(ROWS[kind.table], name, problem)
                row |= {column: StandIn(UNKNOWN), salt: StandIn(b"")}
            else:
                row |= {column: _text(opening), salt: opening.salt}
        rows[name] = row | kind.columns(seq, entry)

    def _miss(self, component: Component, subject: str, problem: str) -> None:
        self._missed.append(_missing(component, subject, problem))


def clip_rows(
    clip: str, entries: Sequence[tuple[int, bytes]], agency: str, source: Source
) -> ClipRows | None:
    """The rows of *clip*, of which these are all *entries*; None if it was never archived."""
    told = of_clip(clip, entries, agency)
    if not told.clip:
        return None
    manifest, findings = (
        (None, []) if told.tombstone is not None else source.manifest(clip, told.archived)
    )
    opening = _unopened(clip) if manifest is None else opened(manifest)
    if told.tombstone is not None:
        opening = emptied(clip)
    important = bool(told.found.get("important", False)) if told.found else StandIn(value=False)
    rows = ClipRows(
        clip={**told.clip, **opening, "important": important},
        rendition=told.rendition,
        derived=[],
        wanted=list(told.derived.values()),
        look=told.look,
        links=list(told.links.values()),
        copy=told.copy,
        legal_holds=list(told.legal_holds.values()),
        findings=findings,
    )
    if not told.found:
        problem = "no act of a station about it is in the log: its profile is not known"
        findings.append(
            Finding(step=Step.CLIPS, component=Component.CLIP_ROW, subject=clip, problem=problem)
        )
    _add_derived(rows, told, source)
    if told.tombstone is None:
        rows.clip["begins"] = _begins(rows.clip)
    return rows


def _begins(clip: Mapping[str, object]) -> object:
    """When it begins on the station's clock; a row that is there knows better where none is told.

    The offset is the station's word: without its act nobody knows it here.
    """
    started, claimed = (clip.get(name) for name in ("started", "claimed_start"))
    offset = cast("int | None", clip.get("clock_offset_ms"))
    told = [each if isinstance(each, str) else None for each in (started, claimed)]
    found = begins(told[0], told[1], offset)
    sure = found is not None and "clock_offset_ms" in clip
    return found if sure else StandIn(found)


def _missing(component: Component, subject: str, problem: str) -> Finding:
    return Finding(step=Step.ROWS, component=component, subject=subject, problem=problem)


def _add_derived(rows: ClipRows, told: Told, source: Source) -> None:
    """What only the objects of the rendition say; each that is not to be had is named."""
    for row in told.derived.values():
        found = source.derived(str(row["key"]), str(row["sha256"]))
        if isinstance(found, DerivedFound):
            more = {"version_id": found.version_id, "size": found.size}
            rows.derived.append({**row, **more})
        else:
            rows.findings.append(found)
    described = told.derived.get(DESCRIPTION)
    if described is None:
        _add_problem(rows, source)
        return
    data = source.description(str(described["key"]), str(described["sha256"]))
    rendition, start = _described(data)
    rows.rendition |= rendition
    if start is not None:
        rows.clip["claimed_start"] = start


def _add_problem(rows: ClipRows, source: Source) -> None:
    """Why nothing could be made of the clip, if that is kept."""
    if rows.rendition:
        kept = source.openings(int(str(rows.rendition["by_entry"])))
        problem = None if kept is None else kept.columns.get("problem")
        rows.rendition["problem"] = StandIn(None) if problem is None else problem


def _described(data: bytes | None) -> tuple[dict[str, object], str | None]:
    """The columns that ``rendition.json`` tells, and the start that the container claims."""
    try:
        document = json.loads(data or b"{}")
        original = document.get("original") or {}
        claims = document.get("claims") or {}
        columns = {name: document[name] for name in _OF_RENDITION if name in document}
        codec, start = original.get("codec"), claims.get("start")
    except (ValueError, AttributeError, TypeError):
        return {}, None
    if not all(isinstance(value, int | None) for value in columns.values()):
        return {}, None
    more = {"original_codec": codec} if isinstance(codec, str) else {}
    return {**columns, **more}, start if isinstance(start, str) else None


def _unopened(clip: str) -> dict[str, object]:
    """The columns that a manifest would open; the path is told apart by the clip's own id."""
    path = clip.encode("ascii").hex()
    columns = {"camera": UNKNOWN, "camera_key": UNKNOWN, "path_hex": path, "name": UNKNOWN}
    return {column: StandIn(value) for column, value in columns.items()}


def _nameless(kind: Telling, name: str) -> dict[str, object]:
    """A row of which nothing is known but that there was one: others may hang on it."""
    return {"id": name, **{each: StandIn(value) for each, value in kind.nameless(name).items()}}


def _unsaid(table: str, name: str, clip: str | None, *, begun: bool) -> dict[str, object]:
    """A row of *table* of which no text is known; None for what would come after one that *begun*.

    Of one that did not begin here, what stands in it stays.
    """
    row: dict[str, object] = {"id": name}
    if clip is not None:
        row["clip"] = clip
    later = sayings.later_of(table)
    if begun:
        return row | dict.fromkeys(later)
    for column, salt in sayings.texts_of(table).values():
        if column not in later:
            row |= {column: StandIn(UNKNOWN), salt: StandIn(b"")}
    return row | {"by_entry": StandIn(0)}


def _fitting(
    fields: Mapping[str, object], name: str, openings: Mapping[str, Opening]
) -> Opening | None:
    """The opening *name*, if it opens what the entry commits to."""
    committed = cast("Mapping[str, str]", fields.get("commitments") or {})
    opening = openings.get(name)
    fits = opening is not None and opening.commitment.hex == committed.get(name)
    return opening if fits else None


def _commits_to(fields: Mapping[str, object], name: str) -> bool:
    return name in cast("Mapping[str, str]", fields.get("commitments") or {})


def _text(opening: Opening) -> str:
    return opening.value.decode("utf-8", "surrogatepass")


def _facts(opening: Opening, kind: Telling) -> dict[str, object] | None:
    """The columns that the entry commits to, if these are its very facts."""
    try:
        facts = json.loads(opening.value)
        same = isinstance(facts, dict) and canonical(facts) == opening.value
        return kind.columns(facts) if same else None
    except ValueError:
        return None
