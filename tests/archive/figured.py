"""Made-up archives for figures: what lies in the tables, and the same as facts for the formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import DutyRow
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow, PersonRow, RenditionRow
from evidence.acquisition import CAMERA_PREFIX, Acquisition
from evidence.clip import ClipClass
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.names import folded
from evidence.statistics.facts import ClipFact, IncidentFact
from tests.archive.house import START
from tests.archive.ledger import archive, footage

OFFICERS = ("4711", "A-12", "a-12 ")
UNITS = ("350200", "=cmd", "思明")
WHEN = [START + timedelta(hours=each) for each in (-2000, -50, -24, -1, 0, 1, 30, 700)]
MOMENTS = st.sampled_from(WHEN) | st.datetimes(
    (START - timedelta(days=2)).replace(tzinfo=None),
    (START + timedelta(days=40)).replace(tzinfo=None),
).map(lambda moment: moment.replace(tzinfo=START.tzinfo, microsecond=123000))
_MARKERS = st.frozensets(
    st.tuples(st.sampled_from(["identity-shown", "rights-told", "weapon"]), st.booleans()),
    max_size=3,
)
_VIEWERS = {"u-1": "4711", "u-2": "a-12", "u-3": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    officer: str
    unit: str | None
    since: datetime
    until: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    clip_class: ClipClass
    officer: str | None
    started: datetime | None
    offset_ms: int | None
    received: datetime
    minutes: int | None
    acquisition: Acquisition
    classified: bool
    viewers: frozenset[str]
    incidents: frozenset[int]
    """Their places in the world's list."""
    markers: frozenset[tuple[str, bool]] = frozenset()
    """Code, and whether it was withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    officer: str
    unit: str | None
    dispatched: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    clips: Sequence[Clip]
    incidents: Sequence[Incident]
    duties: Sequence[Duty]

    def put(self, tx: Transaction) -> None:
        """Have it all in the tables."""
        entry = tx.record(EntryKind.LAW_PUBLISHED, "archive")
        told = {"by_entry": entry, "salt": b"s"}
        for person, officer in _VIEWERS.items():
            tx.session.add(_person(person, officer, entry))
        for n, each in enumerate(self.duties):
            tx.session.add(_duty(n, each, told))
        for n, incident in enumerate(self.incidents):
            tx.session.add(_incident(n, incident, told))
        tx.session.flush()
        for n, clip in enumerate(self.clips):
            _put(tx, f"c-{n}", clip, entry)
        for n, clip in enumerate(self.clips):  # last, for each clip that comes relinks those near
            _links(tx, f"c-{n}", clip, entry)
        tx.session.flush()

    def facts(self) -> tuple[list[ClipFact], list[IncidentFact]]:
        """The same, for the formulas."""
        clips = [self._clip(n, each) for n, each in enumerate(self.clips)]
        clips = [each for each in clips if each.clip_class is not ClipClass.SIDECAR]
        return clips, [self._incident(n, each) for n, each in enumerate(self.incidents)]

    def _clip(self, n: int, clip: Clip) -> ClipFact:
        standing = [k for k in sorted(clip.incidents) if not self.incidents[k].withdrawn]
        fact = ClipFact(
            clip=f"c-{n}",
            clip_class=clip.clip_class,
            size=len(f"c-{n}"),
            received=clip.received,
            started=clip.started and clip.started - timedelta(milliseconds=clip.offset_ms or 0),
            duration=None if clip.minutes is None else timedelta(minutes=clip.minutes),
            acquisition=clip.acquisition,
            officer=None if clip.officer is None else folded(clip.officer),
            linked=bool(standing),
            classified=clip.classified,
            reviewed=any(
                clip.officer is None or _VIEWERS[each] != folded(clip.officer)
                for each in clip.viewers
            ),
            markers=frozenset(code for code, withdrawn in clip.markers if not withdrawn),
        )
        duty = None if fact.begun is None else self._duty(fact.officer, fact.begun)
        units = [(self.incidents[k].dispatched, k, self.incidents[k].unit) for k in standing]
        named = [unit for _, _, unit in sorted(units) if unit is not None]
        unit = duty.unit if duty and duty.unit is not None else next(iter(named), None)
        return replace(fact, duty_end=None if duty is None else duty.until, unit=unit)

    def _incident(self, n: int, incident: Incident) -> IncidentFact:
        duty = self._duty(folded(incident.officer), incident.dispatched)
        shown = {ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE}
        return IncidentFact(
            incident=f"i-{n}",
            officer=folded(incident.officer),
            dispatched=incident.dispatched,
            unit=incident.unit or (None if duty is None else duty.unit),
            withdrawn=incident.withdrawn,
            covered=any(n in each.incidents and each.clip_class in shown for each in self.clips),
        )

    def _duty(self, officer: str | None, moment: datetime) -> Duty | None:
        """The one that began last of those on at *moment*."""
        on = [
            (each.since, n, each)
            for n, each in enumerate(self.duties)
            if folded(each.officer) == officer
            and not each.withdrawn
            and each.since <= moment < each.until
        ]
        return max(on)[2] if on else None


def _person(person: str, officer: str | None, entry: int) -> PersonRow:
    return PersonRow(
        id=person,
        name=person,
        name_key=person,
        name_salt=b"s",
        officer=None if officer is None else f" {officer.upper()}",
        officer_salt=b"s",
        role="supervisor",
        password_hash="x",
        by_entry=entry,
    )


def _duty(n: int, duty: Duty, told: dict[str, object]) -> DutyRow:
    return DutyRow(
        id=f"r-{n}",
        reference=str(n),
        officer=duty.officer,
        officer_key=folded(duty.officer),
        unit=duty.unit,
        since=stamp(duty.since),
        until=stamp(duty.until),
        withdrawn_entry=told["by_entry"] if duty.withdrawn else None,
        **told,
    )


def _incident(n: int, incident: Incident, told: dict[str, object]) -> IncidentRow:
    return IncidentRow(
        id=f"i-{n}",
        number=f"E-{n}",
        officer=incident.officer,
        officer_key=folded(incident.officer),
        nth=1,
        dispatched=stamp(incident.dispatched),
        cleared=stamp(incident.dispatched + timedelta(hours=1)),
        unit=incident.unit,
        withdrawn_entry=told["by_entry"] if incident.withdrawn else None,
        **told,
    )


def _put(tx: Transaction, name: str, clip: Clip, entry: int) -> None:
    made = footage(name, clip.officer, clip.started, clip.offset_ms)
    archive(tx, made)
    row = tx.session.get_one(ClipRow, name)
    row.clip_class, row.received = clip.clip_class.value, stamp(clip.received)
    row.acquisition = clip.acquisition.value
    if clip.acquisition is Acquisition.IMPORTED:
        row.camera = f"{CAMERA_PREFIX}{row.camera}"
    row.categories = "detention" if clip.classified else None
    for person in sorted(clip.viewers):
        tx.record(EntryKind.VIEWED, person, clip=name)
    for n, (code, withdrawn) in enumerate(sorted(clip.markers)):
        gone = entry if withdrawn else None
        made_by = {"clip": name, "by_entry": entry, "maker": "u-1", "withdrawn_entry": gone}
        tx.session.add(MarkerRow(id=f"m-{name}-{n}", code=code, **made_by))
    if clip.minutes is not None:
        length = clip.minutes * 60_000
        tx.session.add(
            RenditionRow(clip=name, by_entry=entry, kind="copy", segments=1, duration_ms=length)
        )


def _links(tx: Transaction, name: str, clip: Clip, entry: int) -> None:
    """The links of the world in place of those that the rule made."""
    for row in tx.session.query(LinkRow).filter(LinkRow.clip == name):
        tx.session.delete(row)
    tx.session.flush()
    for n in sorted(clip.incidents):
        tx.session.add(
            LinkRow(
                clip=name,
                incident=f"i-{n}",
                reason="officer+window",
                seconds_outside=0,
                by_entry=entry,
            )
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Small archives in which much is odd."""
    incidents = draw(
        st.lists(
            st.builds(
                Incident,
                officer=st.sampled_from(OFFICERS),
                unit=st.none() | st.sampled_from(UNITS),
                dispatched=MOMENTS,
                withdrawn=st.booleans(),
            ),
            max_size=4,
        )
    )
    begins = st.builds(
        Duty,
        officer=st.sampled_from(OFFICERS),
        unit=st.none() | st.sampled_from(UNITS),
        since=MOMENTS,
        until=MOMENTS,
        withdrawn=st.booleans(),
    )
    return World(
        clips=draw(st.lists(_clips(len(incidents)), max_size=5)),
        incidents=incidents,
        duties=draw(st.lists(begins, max_size=4)),
    )


def _clips(incidents: int) -> st.SearchStrategy[Clip]:
    which = (
        st.frozensets(st.integers(0, incidents - 1), max_size=2)
        if incidents
        else st.just(frozenset[int]())
    )
    classes = (ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE, ClipClass.SIDECAR)
    return st.builds(
        Clip,
        clip_class=st.sampled_from(classes),
        officer=st.none() | st.sampled_from(OFFICERS),
        started=st.none() | MOMENTS,
        offset_ms=st.none() | st.sampled_from([0, 1, -1, 3_600_000, -86_400_123]),
        received=MOMENTS,
        minutes=st.none() | st.sampled_from([0, 1, 90]),
        acquisition=st.sampled_from(Acquisition),
        classified=st.booleans(),
        markers=_MARKERS,
        viewers=st.frozensets(st.sampled_from(sorted(_VIEWERS)), max_size=2),
        incidents=which,
    )
