"""What the entries about one clip say that its rows must be.  Pure: no database, no store.

What no entry binds is left out: ``docs/fixity.md`` lists those columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from archive.catalogue.stored import Row
from archive.derived import keys
from evidence.clip import ClipState
from evidence.custody import Entry, EntryKind
from evidence.manifest import Manifest
from evidence.names import folded, last_part, shown

_VERDICTS = {
    EntryKind.RENDITION_VERIFIED: "verified",
    EntryKind.RENDITION_COMPARED: "likeness",
    EntryKind.RENDITION_REFUSED: "refused",
}
_SAME_NAME = (
    "size",
    "station",
    "received",
    "bucket",
    "key",
    "lock_mode",
    "lock_until",
    "retain_until",
    "retain_rule",
)
"""Fields of ``archive.verified`` that are columns of the clip under the same name."""


@dataclass(slots=True, kw_only=True)
class Told:
    """The rows that one clip's entries tell of; empty where there is to be none."""

    id: str
    archived: Mapping[str, object] = field(default_factory=dict)
    """The fields of ``archive.verified``."""
    clip: dict[str, object] = field(default_factory=dict)
    rendition: dict[str, object] = field(default_factory=dict)
    derived: dict[str, Row] = field(default_factory=dict)
    """Name of the object -> its row."""
    look: dict[str, object] = field(default_factory=dict)
    links: dict[str, Row] = field(default_factory=dict)
    """Incident -> its row."""


def of_clip(clip: str, entries: Iterable[tuple[int, bytes]], agency: str) -> Told:
    """Fold the *entries* about *clip*, in the order of the log, into the rows they make."""
    told = Told(id=clip)
    for seq, raw in entries:
        entry = Entry(raw)
        kind, fields = entry.kind, entry.fields
        if kind is EntryKind.ARCHIVED:
            _archived(told, seq, fields)
        elif kind is EntryKind.RELEASED:
            told.clip |= {"state": ClipState.RELEASED.value, "by_entry": seq}
        elif kind is EntryKind.RENDITION_MADE:
            _rendition(told, seq, fields, agency)
        elif kind in _VERDICTS and fields["derived"] == told.rendition.get("by_entry"):
            told.rendition |= {"verdict": _VERDICTS[kind], "verdict_entry": seq}
        elif kind is EntryKind.QUALITY_LOOKED:
            told.look = {"clip": clip, "by_entry": seq}
        elif kind is EntryKind.LINKED:
            _link(told, seq, fields)
    return told


def opened(manifest: Manifest) -> dict[str, object]:
    """The columns of a clip that its manifest opens."""
    values = {name: opening.value for name, opening in manifest.openings.items()}
    officer = values["officer"].decode("utf-8") if "officer" in values else None
    return {
        "camera": values["camera"].decode("utf-8"),
        "path_hex": values["path"].hex(),
        "name": shown(last_part(values["path"])),
        "officer": officer,
        "officer_key": None if officer is None else folded(officer),
        "started": values["started"].decode("utf-8") if "started" in values else None,
    }


def differing(wanted: Row, held: Row) -> list[str]:
    """The columns of *held* that are not as *wanted*."""
    return [name for name, value in wanted.items() if held.get(name) != value]


def digest_of(digests: object) -> str:
    """The SHA-256 in a map of digests, as entries hold it."""
    return str(cast("Mapping[str, object]", digests)["sha256"])


def _archived(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    told.archived = fields
    told.clip = {
        "id": told.id,
        "state": ClipState.ARCHIVED.value,
        "by_entry": seq,
        "archived_entry": seq,
        "sha256": digest_of(fields["digests"]),
        "clip_class": fields["class"],
        "version_id": fields["version"],
        "manifest_sha256": digest_of(fields["manifest"]),
        **{name: fields[name] for name in _SAME_NAME},
    }


def _rendition(told: Told, seq: int, fields: Mapping[str, object], agency: str) -> None:
    """A ``derive`` entry: it takes the place of what was derived before."""
    told.rendition = {
        "clip": told.id,
        "by_entry": seq,
        "kind": fields["rendition"],
        "segments": fields["segments"],
        "picture_digest": fields.get("picture_digest"),
        "verdict": None,
        "verdict_entry": None,
    }
    objects = cast("Mapping[str, Mapping[str, str]]", fields["objects"])
    digests = {name: each["sha256"] for name, each in objects.items()}
    places = keys(agency, told.id, digests)
    told.derived = {
        name: {"clip": told.id, "name": name, "sha256": digests[name], "key": places[name]}
        for name in digests
    }


def _link(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    incident = str(fields["incident"])
    told.links.pop(incident, None)
    if not fields.get("withdrawn"):
        told.links[incident] = {
            "clip": told.id,
            "incident": incident,
            "reason": fields["reason"],
            "seconds_outside": fields["seconds_outside"],
            "by_entry": seq,
        }
