"""Custody entries in words: what was done, when and by whom, with the exact entry behind it.

One rule: words explain an entry and never replace it; the bytes that are proven stay in reach.
"""

from __future__ import annotations

import json

import msgspec

from evidence.custody import EntryKind
from evidence.wire import EntryShown
from player.languages import Language
from player.pages import moment


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One custody entry as the timeline shows it."""

    index: int
    at: str
    """RFC 3339, UTC."""
    shown_at: str
    words: str
    who: str
    kind: str
    """Code of the act; for an act of a station, the station's own code."""
    station_at: str | None
    """When a station says it acted; ``at`` is then when the archive wrote it into the log."""
    text: str
    """The leaf, byte for byte."""


def act(entry: EntryShown, words: Language) -> Act:
    """*entry* in *words*."""
    kind, station_at = _station_act(entry) if entry.kind == EntryKind.STATION_ACT else (None, None)
    code = kind or entry.kind
    said = f"{code}.none" if _says_no_rendition(entry) else code
    return Act(
        index=entry.index,
        at=entry.at,
        shown_at=moment(entry.at),
        words=words.coded("act", said),
        who=entry.who,
        kind=code,
        station_at=station_at,
        text=entry.text,
    )


def _says_no_rendition(entry: EntryShown) -> bool:
    """Whether the act was to find that no rendition can be made."""
    if entry.kind != EntryKind.RENDITION_MADE:
        return False
    return bool(json.loads(entry.text).get("rendition") == "none")


def _station_act(entry: EntryShown) -> tuple[str | None, str | None]:
    """Kind and time of the station's own entry inside *entry*; (None, None) if it has none."""
    try:
        own = json.loads(json.loads(entry.text)["act"])
        return str(own["kind"]), str(own["at"])
    except (ValueError, KeyError, TypeError):
        return None, None
