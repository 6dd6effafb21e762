"""What feeds tell, as rows: which columns an entry commits to, and which it does not.

One row is one fact that a feed told (an incident, a case, a duty, an assignment, a span of a
stay): an entry makes or changes it, or says that it was withdrawn.  Rows, openings, fsck and
rebuild all go by the table here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.canonical import canonical
from evidence.custody import EntryKind
from evidence.names import folded

UNKNOWN = "(unknown)"
"""Stands where a name is not to be had."""
COMMITMENT = "row"
"""What the entry calls its commitment."""
_DEGREES = frozenset({"latitude", "longitude"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One kind of entry of such a row."""

    table: str
    names: str
    """The entry's field that holds the row's id."""
    prefix: str
    """Of such ids."""
    always: tuple[str, ...]
    """Columns that the entry commits to, together, as canonical JSON."""
    known: tuple[str, ...] = ()
    """Columns that it commits to with them where they are not NULL."""
    folds: Mapping[str, str] = field(default_factory=dict)
    """Column -> the one that it is, folded."""
    beside: Mapping[str, int] = field(default_factory=dict)
    """Columns that it does not commit to, and what stands there where nothing is known."""
    called: str
    """The column that the row's id stands in where nothing is known."""
    blank: Mapping[str, str] = field(default_factory=dict)
    """What stands then in others that may not be NULL."""

    def facts(self, row: Mapping[str, object]) -> dict[str, str | None]:
        """What an entry of *row* commits to."""
        told = {name: _text(row[name]) for name in self.always}
        return told | {n: _text(row[n]) for n in self.known if row[n] is not None}

    def committed(self, row: Mapping[str, object]) -> bytes:
        """The same as the bytes that are committed to."""
        return canonical(self.facts(row))

    def columns(self, facts: Mapping[str, object]) -> dict[str, object]:
        """What a row holds, by what an entry committed to; ValueError if that is none of these."""
        if not set(self.always) <= facts.keys() <= {*self.always, *self.known}:
            raise ValueError(f"these are no facts of {self.table}")
        held: dict[str, object] = {n: _value(n, facts.get(n)) for n in (*self.always, *self.known)}
        return held | {column: folded(str(held[of])) for column, of in self.folds.items()}

    def nameless(self, name: str) -> dict[str, object]:
        """The columns of row *name* of which nothing is known but that there is one."""
        held: dict[str, object] = dict.fromkeys((*self.always, *self.known))
        held |= {**self.blank, **self.beside, self.called: name, "salt": b""}
        return held | {column: folded(str(held[of])) for column, of in self.folds.items()}


TELLINGS: Mapping[EntryKind, Telling] = {
    EntryKind.INCIDENT_IMPORTED: Telling(
        table="incident",
        names="incident",
        prefix="i",
        always=("number", "officer", "dispatched", "cleared", "call_type", "case_id"),
        known=("unit", "latitude", "longitude", "place"),
        folds={"officer_key": "officer"},
        beside={"nth": 1},
        called="number",
        blank={"officer": UNKNOWN, "dispatched": "", "cleared": ""},
    ),
    EntryKind.CASE_IMPORTED: Telling(
        table="police_case",
        names="case",
        prefix="q",
        always=("number", "title", "kind", "stage", "unit", "opened", "incidents"),
        called="number",
        blank={"incidents": ""},
    ),
    EntryKind.DUTY_IMPORTED: Telling(
        table="duty",
        names="duty",
        prefix="y",
        always=("reference", "officer", "unit", "since", "until"),
        folds={"officer_key": "officer"},
        called="reference",
        blank={"officer": UNKNOWN, "since": "", "until": ""},
    ),
    EntryKind.ASSIGNMENT_IMPORTED: Telling(
        table="assignment",
        names="assignment",
        prefix="a",
        always=("reference", "camera", "officer", "since", "until"),
        folds={"officer_key": "officer", "camera_key": "camera"},
        called="reference",
        blank={"officer": UNKNOWN, "camera": UNKNOWN, "since": ""},
    ),
    EntryKind.STAY_IMPORTED: Telling(
        table="stay",
        names="stay",
        prefix="z",
        always=(
            *("reference", "session", "number", "room", "person", "purpose", "since", "until"),
        ),
        folds={"session_key": "session", "room_key": "room"},
        called="reference",
        blank={"session": UNKNOWN, "room": UNKNOWN, "since": ""},
    ),
}
BY_TABLE: Mapping[str, Telling] = {each.table: each for each in TELLINGS.values()}


def _text(value: object) -> str | None:
    """As it is committed to: JSON that we sign knows no fractions, so degrees are text there."""
    return repr(value) if isinstance(value, float) else None if value is None else str(value)


def _value(name: str, told: object) -> object:
    if told is not None and not isinstance(told, str):
        raise ValueError(f"{name} is no text")
    return float(told) if told is not None and name in _DEGREES else told
