"""What a row of each kind of feed may hold: its fields, and the columns they are found in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.feed_settings import FeedKind

WITHDRAWN = "withdrawn"
"""The field that says whether a row is no longer stood by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field."""

    columns: tuple[str, ...]
    """Where it is found without a mapping, the first first; folded."""
    required: bool = False
    """Whether a row needs it that is not withdrawn."""


def _plain(name: str, *, required: bool = False) -> Field:
    return Field(columns=(name,), required=required)


FIELDS: Mapping[FeedKind, Mapping[str, Field]] = {
    FeedKind.INCIDENTS: {
        "number": Field(columns=("event id", "number"), required=True),
        "officer": Field(columns=("officer badge id", "officer"), required=True),
        "dispatched": Field(columns=("officer dispatched datetime", "dispatched"), required=True),
        "cleared": Field(columns=("officer cleared datetime", "cleared"), required=True),
        "call_type": Field(columns=("call type", "call_type")),
        "case_id": Field(columns=("case id", "case_id")),
        "unit": _plain("unit"),
        "latitude": _plain("latitude"),
        "longitude": _plain("longitude"),
        "place": _plain("place"),
        "nth": _plain("nth"),
        WITHDRAWN: _plain(WITHDRAWN),
    },
    FeedKind.CASES: {
        "number": Field(columns=("case id", "number"), required=True),
        "title": _plain("title"),
        "kind": _plain("kind"),
        "stage": _plain("stage"),
        "unit": _plain("unit"),
        "opened": _plain("opened"),
        "incidents": _plain("incidents"),
        WITHDRAWN: _plain(WITHDRAWN),
    },
    FeedKind.DUTIES: {
        "reference": _plain("reference"),
        "officer": _plain("officer", required=True),
        "unit": _plain("unit"),
        "since": _plain("since", required=True),
        "until": _plain("until", required=True),
        WITHDRAWN: _plain(WITHDRAWN),
    },
    FeedKind.ASSIGNMENTS: {
        "reference": _plain("reference"),
        "camera": _plain("camera", required=True),
        "officer": _plain("officer", required=True),
        "since": _plain("since", required=True),
        "until": _plain("until"),
        WITHDRAWN: _plain(WITHDRAWN),
    },
    FeedKind.STAYS: {
        "reference": _plain("reference"),
        "session": _plain("session", required=True),
        "number": _plain("number"),
        "room": _plain("room", required=True),
        "person": _plain("person"),
        "purpose": _plain("purpose"),
        "enters": _plain("enters", required=True),
        "leaves": _plain("leaves"),
        WITHDRAWN: _plain(WITHDRAWN),
    },
}
"""Columns of incidents are those of Axon's Auto-Tagging first, which agencies export already."""
