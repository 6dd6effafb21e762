"""What the entries about one clip say that its rows must be.  Pure: no database, no store.

What no entry binds is left out: ``docs/fixity.md`` lists those columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from archive.catalogue.begins import begins
from archive.catalogue.clips import handed_in
from archive.catalogue.gone import emptied
from archive.catalogue.moves import KINDS, What, Which, places
from archive.catalogue.renditions import together
from archive.catalogue.rulings import RULED, UNSAID
from archive.catalogue.stored import Row
from archive.derived import keys
from evidence.acquisition import PUSHED_PROFILE, Acquisition
from evidence.clip import ClipState
from evidence.custody import Entry, EntryKind
from evidence.linking import Standing, written
from evidence.manifest import Manifest
from evidence.names import folded, last_part, shown

_VERDICTS = {
    EntryKind.RENDITION_VERIFIED: "verified",
    EntryKind.RENDITION_COMPARED: "likeness",
    EntryKind.RENDITION_REFUSED: "refused",
}
_STATES = {
    EntryKind.ARCHIVED.value: ClipState.ARCHIVED.value,
    EntryKind.RELEASED.value: ClipState.RELEASED.value,
    EntryKind.DISPOSED.value: ClipState.DISPOSED.value,
}
"""The entries that bring a clip of the archive to a state."""
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


_OF_LEGAL_HOLDS = {
    EntryKind.HOLD_LOCKED.value,
    EntryKind.HOLD_UNLOCKED.value,
    EntryKind.REPAIRED.value,
}

PLACE = ("bucket", "key", "version", "lock_mode", "lock_until")
"""Fields of ``archive.verified`` that later entries say anew."""


@dataclass(slots=True, kw_only=True)
class Told:
    """The rows that one clip's entries tell of; empty where there is to be none."""

    id: str
    agency: str
    archived: Mapping[str, object] = field(default_factory=dict)
    """The fields of ``archive.verified``, with the place where the original lies now."""
    found: Mapping[str, object] = field(default_factory=dict)
    """The station's first ``clip.found`` about it, as the station signed it."""
    clip: dict[str, object] = field(default_factory=dict)
    rendition: dict[str, object] = field(default_factory=dict)
    derived: dict[str, Row] = field(default_factory=dict)
    """Name of the object -> its row."""
    look: dict[str, object] = field(default_factory=dict)
    links: dict[str, Row] = field(default_factory=dict)
    """Incident -> its row."""
    copy: dict[str, object] = field(default_factory=dict)
    legal_holds: dict[tuple[str, str], Row] = field(default_factory=dict)
    """Vault and version -> its row."""
    versions: set[str] = field(default_factory=set)
    """Every version of the original that entries ever named in the first vault."""
    begun: bool = False
    """Whether its destruction has begun: from there on its objects need not be there."""
    tombstone: Mapping[str, object] | None = None
    """The fields of ``dispose.done``: from there on they must not."""


def entry_columns(raw: bytes) -> dict[str, object]:
    """What stands beside the bytes of an entry in its row."""
    fields = Entry(raw).fields
    kind, clip = str(fields["kind"]), fields.get("clip")
    return {
        "kind": kind,
        "by": str(fields["by"]),
        "clip": None if clip is None else str(clip),
        "state": _STATES.get(kind),
    }


def of_clip(clip: str, entries: Iterable[tuple[int, bytes]], agency: str) -> Told:
    """Fold the *entries* about *clip*, in the order of the log, into the rows they make."""
    told = Told(id=clip, agency=agency)
    for seq, raw in entries:
        entry = Entry(raw)
        kind, fields = entry.kind, entry.fields
        if kind in _VERDICTS and fields["derived"] == told.rendition.get("by_entry"):
            told.rendition |= {"verdict": _VERDICTS[kind], "verdict_entry": seq}
        elif kind in _FOLDS:
            _FOLDS[kind](told, seq, fields)
    if told.clip and told.found:
        told.clip |= _found(told)
    return told


def opened(manifest: Manifest) -> dict[str, object]:
    """The columns of a clip that its manifest opens."""
    values = {name: opening.value for name, opening in manifest.openings.items()}
    camera = values["camera"].decode("utf-8")
    officer = values["officer"].decode("utf-8") if "officer" in values else None
    return {
        "camera": camera,
        "camera_key": folded(camera),
        "path_hex": values["path"].hex(),
        "name": shown(last_part(values["path"])),
        "officer": officer,
        "officer_key": None if officer is None else folded(officer),
        "started": values["started"].decode("utf-8") if "started" in values else None,
        **handed_in(manifest.openings),
    }


def begun(clip: Row) -> dict[str, object]:
    """When it begins on the station's clock, where what is told decides it."""
    if clip.get("started") is None or "clock_offset_ms" not in clip:
        return {}
    offset = cast("int | None", clip["clock_offset_ms"])
    return {"begins": begins(str(clip["started"]), None, offset)}


def differing(wanted: Row, held: Row) -> list[str]:
    """The columns of *held* that are not as *wanted*."""
    return [name for name, value in wanted.items() if held.get(name) != value]


def digest_of(digests: object) -> str:
    """The SHA-256 in a map of digests, as entries hold it."""
    return str(cast("Mapping[str, object]", digests)["sha256"])


def _archived(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    told.archived = fields
    told.versions = {str(fields["version"])}
    told.clip = {
        "id": told.id,
        "state": ClipState.ARCHIVED.value,
        "by_entry": seq,
        "archived_entry": seq,
        "sha256": digest_of(fields["digests"]),
        "clip_class": fields["class"],
        "acquisition": fields.get("acquisition", Acquisition.DOCKED.value),
        "version_id": fields["version"],
        "manifest_sha256": digest_of(fields["manifest"]),
        "categories": None,
        "classified": None,
        "noticed_entry": None,
        **{name: fields[name] for name in _SAME_NAME},
    }


def kept(
    archived: Mapping[str, object], later: Iterable[Mapping[str, object]]
) -> dict[str, object]:
    """The fields of ``archive.verified`` with what *later* entries say of the original.

    ``hold.locked``, ``hold.unlocked``: a legal hold is on it, or none any more.
    ``archive.moved``: the archive took the same bytes into another vault; ``fixity.repair``: it
    stored them there anew; ``lease.renew``: it locked them for longer; ``clip.digest``: what else
    they hash to, where what was told before stays.
    """
    held = dict(archived)
    for said in later:
        if said.get("kind") == EntryKind.CLIP_DIGESTED.value:
            digests = cast("dict[str, str]", said["digests"])
            held["digests"] = digests | cast("dict[str, str]", held["digests"])
        elif places(said, Which.FIRST):
            held |= {name: said[name] for name in PLACE if name in said}
        held |= _carried(said, Which.FIRST, held)
    return held


def copied(
    archived: Mapping[str, object], moves: Iterable[Mapping[str, object]]
) -> dict[str, object] | None:
    """The same with the place of the copy in the second vault; None if there is none yet."""
    held, carried = None, dict[str, object]()
    for moved in moves:
        carried |= _carried(moved, Which.SECOND, carried)
        if places(moved, Which.SECOND):
            held = {**archived, **{name: moved[name] for name in PLACE}}
    return None if held is None else held | carried


def _carried(
    said: Mapping[str, object], which: Which, before: Mapping[str, object]
) -> dict[str, object]:
    """What an entry tells of the legal hold in *which* vault, given what those *before* told.

    ``held_version``: the version of the original that carries one; ``held_manifest``: whether the
    manifest must, too: one that was stored anew gets its own soon.
    """
    kind = said["kind"]
    if kind == EntryKind.MOVED.value and which is Which.FIRST:
        return {"held_version": None, "held_manifest": False}
    if kind not in _OF_LEGAL_HOLDS or said["vault"] != which.value:
        return {}
    if kind == EntryKind.HOLD_LOCKED.value:
        return {"held_version": said["version"], "held_manifest": True}
    if kind == EntryKind.REPAIRED.value:
        return {"held_manifest": False} if said["what"] == What.MANIFEST.value else {}
    if said["version"] == before.get("held_version"):
        return {"held_version": None, "held_manifest": False}
    return {}


def _moved(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """An entry that may say where the original, or its copy, lies since."""
    columns = {name: fields[name] for name in PLACE if name in fields and name != "version"}
    columns["version_id"] = fields.get("version")
    told.archived = kept(told.archived, [fields])
    if places(fields, Which.FIRST):
        told.versions.add(str(fields["version"]))
        told.clip |= columns
    elif places(fields, Which.SECOND):
        told.copy = {"clip": told.id, "by_entry": seq, **columns}


def _held(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """A legal hold was put on, or lifted."""
    told.archived = kept(told.archived, [fields])
    place = str(fields["vault"]), str(fields["version"])
    if fields["kind"] == EntryKind.HOLD_UNLOCKED.value:
        told.legal_holds.pop(place, None)
        return
    vault, version = place
    row = {"clip": told.id, "vault": vault, "version_id": version, "by_entry": seq}
    told.legal_holds[place] = row


def _classified(told: Told, _seq: int, fields: Mapping[str, object]) -> None:
    said = " ".join(cast("list[str]", fields["categories"]))
    told.clip |= {"categories": said, "classified": fields["at"]}


def _retained(told: Told, _seq: int, fields: Mapping[str, object]) -> None:
    told.clip |= {name: fields[name] for name in ("retain_until", "retain_rule")}
    told.clip["noticed_entry"] = None


def _noticed(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """The first notice of the date that stands counts."""
    if told.clip["noticed_entry"] is None and fields["until"] == told.clip["retain_until"]:
        told.clip["noticed_entry"] = seq


def _digested(told: Told, _seq: int, fields: Mapping[str, object]) -> None:
    told.archived = kept(told.archived, [fields])


def _station_act(told: Told, _seq: int, fields: Mapping[str, object]) -> None:
    act: Mapping[str, object] = json.loads(str(fields["act"]))
    if act["kind"] == EntryKind.CLIP_FOUND.value and not told.found:
        told.found = act


def _found(told: Told) -> dict[str, object]:
    """The columns that the station's own ``clip.found`` tells, if it is in the log.

    Its word for how the clip came goes before that of the archive, which it may have reached late.
    """
    found = told.found
    columns = {"profile": found.get("profile"), "clock_offset_ms": found.get("clock_offset_ms")}
    if "acquisition" in found:
        return columns | {"acquisition": found["acquisition"]}
    if "acquisition" in told.archived:
        return columns
    pushed = found.get("profile") == PUSHED_PROFILE
    return columns | {"acquisition": (Acquisition.PUSHED if pushed else Acquisition.DOCKED).value}


def _rendition(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """A ``derive`` entry: it takes the place of what was derived before."""
    told.rendition = {
        "clip": told.id,
        "by_entry": seq,
        "kind": fields["rendition"],
        "segments": fields["segments"],
        "picture_digest": fields.get("picture_digest"),
        "camera_signatures": together(cast("list[str] | None", fields.get("camera_signatures"))),
        "verdict": None,
        "verdict_entry": None,
    }
    objects = cast("Mapping[str, Mapping[str, str]]", fields["objects"])
    digests = {name: each["sha256"] for name, each in objects.items()}
    places = keys(told.agency, told.id, digests)
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
            "standing": fields.get("standing", Standing.AUTOMATIC.value),
            "points": fields.get("points", 0),
            "parts": written(cast("list[Mapping[str, object]]", fields.get("parts", []))) or None,
            "why": None,
            "by_entry": seq,
        }


def _ruled(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """Somebody's word about a link, which there need not have been."""
    incident = str(fields["incident"])
    held = told.links.get(incident, {"clip": told.id, "incident": incident, **UNSAID})
    standing = RULED[EntryKind(str(fields["kind"]))]
    said = {"standing": standing.value, "why": fields.get("why"), "by_entry": seq}
    told.links[incident] = {**held, **said}


def _released(told: Told, seq: int, _fields: Mapping[str, object]) -> None:
    told.clip |= {"state": ClipState.RELEASED.value, "by_entry": seq}


def _begun(told: Told, _seq: int, _fields: Mapping[str, object]) -> None:
    told.begun = True


def _disposed(told: Told, seq: int, fields: Mapping[str, object]) -> None:
    """The clip's row stays, without what no entry tells; what hangs on it goes."""
    told.tombstone = fields
    told.clip |= {"state": ClipState.DISPOSED.value, "by_entry": seq, **emptied(told.id)}
    told.rendition, told.derived, told.look, told.links, told.copy = {}, {}, {}, {}, {}
    told.versions, told.legal_holds = set(), {}


def _looked(told: Told, seq: int, _fields: Mapping[str, object]) -> None:
    told.look = {"clip": told.id, "by_entry": seq}


_FOLDS: Mapping[EntryKind, Callable[[Told, int, Mapping[str, object]], None]] = {
    EntryKind.STATION_ACT: _station_act,
    EntryKind.ARCHIVED: _archived,
    **dict.fromkeys(KINDS, _moved),
    EntryKind.HOLD_LOCKED: _held,
    EntryKind.HOLD_UNLOCKED: _held,
    EntryKind.CLASSIFIED: _classified,
    EntryKind.RETAINED: _retained,
    EntryKind.DISPOSAL_NOTICED: _noticed,
    EntryKind.CLIP_DIGESTED: _digested,
    EntryKind.RELEASED: _released,
    EntryKind.RENDITION_MADE: _rendition,
    EntryKind.QUALITY_LOOKED: _looked,
    EntryKind.LINKED: _link,
    EntryKind.LINK_CONFIRMED: _ruled,
    EntryKind.LINK_REJECTED: _ruled,
    EntryKind.DISPOSAL_BEGUN: _begun,
    EntryKind.DISPOSED: _disposed,
}
"""What each kind of entry adds to the rows."""
