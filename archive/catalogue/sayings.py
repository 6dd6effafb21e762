"""What people say for the record, and take back: rows whose texts their entries only commit to.

One row is one saying (a hold, the closing of a case, a proposal): a first entry makes it, later
ones go on with it or end it.  Rows, openings, fsck and rebuild all go by the table here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.canonical import canonical
from evidence.custody import Entry, EntryKind

Columns = tuple[str, str]
"""The column of a text, and that of its salt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One kind of entry of such a row."""

    table: str
    """Its table; entries name the row's id in a field called so."""
    column: str
    """The column that holds this entry's log index."""
    texts: Mapping[str, Columns]
    """What the entry commits to -> where the row holds it."""
    ends: bool = False
    """Whether it goes on with, or ends, what an entry before it began."""
    tells: Mapping[str, str] = field(default_factory=dict)
    """Column -> the field of the entry that stands in it."""
    makes: Mapping[str, str] = field(default_factory=dict)
    """Column -> what stands in it since such an entry."""

    def columns(self, seq: int, entry: Entry) -> dict[str, object]:
        """What entry *seq* itself tells of the row; an object stands there as canonical JSON."""
        told = {column: _plain(entry.fields.get(name)) for column, name in self.tells.items()}
        return {**told, **self.makes, self.column: seq}

    @property
    def later(self) -> frozenset[str]:
        """The columns that are empty until such an entry comes."""
        texts = {column for pair in self.texts.values() for column in pair}
        return frozenset({self.column, *self.tells, *self.makes, *texts})


OF_DRAWS: Mapping[EntryKind, Saying] = {
    EntryKind.DRAW_COMMITTED: Saying(
        table="draw",
        column="by_entry",
        texts={
            "purpose": ("purpose", "purpose_salt"),
            "population": ("population", "population_salt"),
            "sheet": ("sheet", "sheet_salt"),
            "redo_reason": ("redo_reason", "redo_salt"),
        },
        tells={name: name for name in ("number", "rules", "deadline", "redoes")}
        | {"committer": "by"},
    ),
    EntryKind.DRAW_SEEDED: Saying(
        table="draw",
        column="seed_entry",
        texts={},
        ends=True,
        tells={"seeder": "by", "value": "value"},
    ),
    EntryKind.DRAW_DONE: Saying(
        table="draw",
        column="ended_entry",
        texts={},
        ends=True,
        tells={"ender": "by"},
        makes={"ended": "done"},
    ),
    EntryKind.DRAW_ABANDONED: Saying(
        table="draw",
        column="ended_entry",
        texts={"abandon_reason": ("end_reason", "end_salt")},
        ends=True,
        tells={"ender": "by"},
        makes={"ended": "abandoned"},
    ),
    EntryKind.REVIEW_GIVEN: Saying(
        table="review",
        column="by_entry",
        texts={},
        tells={name: name for name in ("draw", "checker", "place", "recheck", "due")},
    ),
    EntryKind.SHEET_FILLED: Saying(
        table="sheet",
        column="by_entry",
        texts={"answers": ("answers", "answers_salt")},
        tells={"review": "review", "checker": "by", "passed": "passed", "score": "score"},
    ),
}
"""Of draws, and of what is looked at by them."""
_ACT = {"finding": "finding", "by": "by"}
OF_FINDINGS: Mapping[EntryKind, Saying] = {
    EntryKind.FINDING_OPENED: Saying(
        table="finding",
        column="by_entry",
        texts={"subject": ("subject", "subject_salt"), "what": ("what", "what_salt")},
        tells={name: name for name in ("code", "about", "owner", "due", "source")}
        | {"opener": "by"},
    ),
    **{
        kind: Saying(
            table="finding_act",
            column="by_entry",
            texts={"text": ("text", "text_salt")},
            tells=_ACT | {name: name for name in ("level", "role", "due")},
            makes={"act": act},
        )
        for kind, act in (
            (EntryKind.FINDING_ANSWERED, "answer"),
            (EntryKind.FINDING_REMINDED, "remind"),
            (EntryKind.FINDING_ESCALATED, "escalate"),
            (EntryKind.FINDING_CLOSED, "close"),
            (EntryKind.FINDING_REOPENED, "reopen"),
        )
    },
}
"""Of findings, and of each thing that is done about one."""
_CASE = ("case_id", "case_salt")


def _answers(
    table: str,
    kinds: tuple[EntryKind, EntryKind, EntryKind],
    texts: Mapping[str, Columns],
    tells: tuple[str, ...],
) -> Mapping[EntryKind, Saying]:
    """Of what lacks: that it was answered, agreed to, ended."""
    said, agreed, ended = kinds
    return {
        said: Saying(
            table=table,
            column="by_entry",
            texts={"reason": ("reason", "reason_salt"), **texts},
            tells={name: name for name in (*tells, "code")} | {"asker": "by"},
        ),
        agreed: Saying(
            table=table, column="approved_entry", texts={}, ends=True, tells={"approver": "by"}
        ),
        ended: Saying(
            table=table,
            column="ended_entry",
            texts={"end_reason": ("end_reason", "end_salt")},
            ends=True,
            tells={"ender": "by"},
        ),
    }


OF_ANSWERS: Mapping[EntryKind, Saying] = {
    **_answers(
        "excuse",
        (EntryKind.EXCUSE_ASKED, EntryKind.EXCUSE_APPROVED, EntryKind.EXCUSE_ENDED),
        {},
        ("incident",),
    ),
    **_answers(
        "outage",
        (EntryKind.OUTAGE_SAID, EntryKind.OUTAGE_AGREED, EntryKind.OUTAGE_ENDED),
        {"name": ("name", "name_salt")},
        ("what", "since", "until"),
    ),
}
"""Of why there is no recording."""
OF_MARKERS: Mapping[EntryKind, Saying] = {
    EntryKind.MARKER_SET: Saying(
        table="marker",
        column="by_entry",
        texts={"note": ("note", "note_salt")},
        tells={"code": "code", "at_ms": "at_ms", "maker": "by"},
    ),
    EntryKind.MARKER_WITHDRAWN: Saying(
        table="marker",
        column="withdrawn_entry",
        texts={},
        ends=True,
        tells={"withdrawer": "by"},
    ),
}
"""Of what clips show."""
OF_CHOICES: Mapping[EntryKind, Saying] = {
    EntryKind.CHOICE_TAKEN: Saying(
        table="choice",
        column="by_entry",
        texts={"number": ("number", "number_salt"), "officer": ("officer", "officer_salt")},
        tells={"station": "by", "act": "act", "incident": "incident", "code": "code"},
    ),
    EntryKind.CHOICE_ENDED: Saying(
        table="choice", column="ended_entry", texts={}, ends=True, tells={"ended": "why"}
    ),
}
"""Of what was said at stations' boards."""
SAYINGS: Mapping[EntryKind, Saying] = {
    EntryKind.HOLD_SET: Saying(
        table="hold",
        column="by_entry",
        texts={"authority": ("authority", "authority_salt"), "reason": ("reason", "reason_salt")},
    ),
    EntryKind.HOLD_LIFTED: Saying(
        table="hold",
        column="lifted_entry",
        texts={"lift_reason": ("lift_reason", "lift_salt")},
        ends=True,
    ),
    EntryKind.CASE_CLOSED: Saying(
        table="closing",
        column="by_entry",
        texts={"case": _CASE, "reason": ("reason", "reason_salt")},
    ),
    EntryKind.CASE_REOPENED: Saying(
        table="closing",
        column="reopened_entry",
        texts={"reopen_reason": ("reopen_reason", "reopen_salt")},
        ends=True,
    ),
    EntryKind.CASE_CLIP: Saying(
        table="case_clip",
        column="by_entry",
        texts={"case": _CASE, "reason": ("reason", "reason_salt")},
        tells={"placer": "by"},
    ),
    EntryKind.CASE_CLIP_TAKEN: Saying(
        table="case_clip",
        column="taken_entry",
        texts={"taken_reason": ("taken_reason", "taken_salt")},
        ends=True,
    ),
    EntryKind.DOCUMENT_ADDED: Saying(
        table="document",
        column="by_entry",
        texts={"case": _CASE, "title": ("title", "title_salt"), "name": ("name", "name_salt")},
        tells={"adder": "by", "sha256": "sha256", "size": "size"},
    ),
    EntryKind.DOCUMENT_READ: Saying(
        table="document_view",
        column="by_entry",
        texts={},
        tells={"document": "document", "reader": "by"},
    ),
    EntryKind.DOSSIER_MADE: Saying(
        table="dossier",
        column="by_entry",
        texts={"case": _CASE},
        tells={"maker": "by"}
        | {name: name for name in ("number", "sha256", "previous", "root", "items", "gone")},
    ),
    EntryKind.CASE_EXPORTED: Saying(
        table="case_export", column="by_entry", texts={"case": _CASE}, tells={"export": "export"}
    ),
    EntryKind.PROPOSED: Saying(
        table="proposal",
        column="by_entry",
        texts={"reason": ("reason", "reason_salt"), "authority": ("authority", "authority_salt")},
        tells={"act": "act", "clip": "clip", "proposer": "by", "subject": "subject"},
    ),
    EntryKind.APPROVED: Saying(
        table="proposal",
        column="approved_entry",
        texts={},
        ends=True,
        tells={"approver": "by", "not_before": "not_before"},
    ),
    EntryKind.WITHDRAWN: Saying(
        table="proposal",
        column="ended_entry",
        texts={"withdraw_reason": ("end_reason", "end_salt")},
        ends=True,
        makes={"ended": "withdrawn"},
    ),
    EntryKind.SHORTENED: Saying(
        table="proposal", column="ended_entry", texts={}, ends=True, makes={"ended": "done"}
    ),
    EntryKind.DISPOSAL_BEGUN: Saying(table="proposal", column="begun_entry", texts={}, ends=True),
    EntryKind.DISPOSED: Saying(
        table="proposal", column="ended_entry", texts={}, ends=True, makes={"ended": "done"}
    ),
    EntryKind.FEED_KEY_MADE: Saying(
        table="feed_key",
        column="by_entry",
        texts={"name": ("name", "name_salt")},
        tells={"kind": "feed", "sha256": "key_sha256"},
    ),
    EntryKind.FEED_KEY_REVOKED: Saying(
        table="feed_key", column="revoked_entry", texts={}, ends=True
    ),
    **OF_DRAWS,
    **OF_FINDINGS,
    **OF_ANSWERS,
    **OF_MARKERS,
    **OF_CHOICES,
}
WITH_CLIP = frozenset({"hold", "marker", "choice"})
"""The tables whose rows go with their clip when it is disposed of."""
TABLES = tuple(dict.fromkeys(each.table for each in SAYINGS.values()))


def texts_of(table: str) -> Mapping[str, Columns]:
    """Every text of a row of *table*, by what its entries commit to."""
    return {
        name: columns
        for each in SAYINGS.values()
        if each.table == table
        for name, columns in each.texts.items()
    }


def later_of(table: str) -> frozenset[str]:
    """The columns of a row of *table* that are empty until an entry behind its first one."""
    later = (each.later for each in SAYINGS.values() if each.table == table and each.ends)
    return frozenset().union(*later)


def plain_of(table: str) -> frozenset[str]:
    """Those of them that their entries tell in the clear."""
    texts = {column for pair in texts_of(table).values() for column in pair}
    return later_of(table) - texts


def committed(fields: Mapping[str, object]) -> Mapping[str, str]:
    """What an entry of these *fields* commits to."""
    held = fields.get("commitments")
    return held if isinstance(held, dict) else {}


def _plain(value: object) -> object:
    return canonical(value).decode("utf-8") if isinstance(value, dict) else value
