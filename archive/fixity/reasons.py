"""Whether entries say what a version of a dossier says of them: why its items came, and went.

One rule: an entry is a reason only if its kind can bring or take such an item, and it speaks of
this one; that it stands in the log before the version is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from archive.catalogue.departures import undoes
from evidence.custody import Entry, EntryKind
from evidence.dossier import Gone, Index, Item

_LINKING = frozenset({EntryKind.LINKED, EntryKind.LINK_CONFIRMED})
"""The entries that may make a link: by the rule, or by a person."""
_UNLINKING = frozenset({EntryKind.LINKED, EntryKind.LINK_REJECTED})


def unsaid(index: Index, held: Mapping[int, Entry]) -> Iterator[str]:
    """What *index* says that the entries in *held*, by log index, do not say."""
    for item in index.items:
        if not _brought(held.get(item.entry), item):
            yield f"says of {item.kind} {item.id} what entry {item.entry} does not say"
        if item.placed is not None:
            placed = held.get(item.placed)
            if placed is None or (placed.kind, placed.clip) != (EntryKind.CASE_CLIP, item.id):
                yield f"says that entry {item.placed} placed clip {item.id}"
    for gone in index.gone:
        if not _took(held.get(gone.entry), gone):
            yield f"says that entry {gone.entry} took {gone.kind} {gone.id}"
    yield from _unjoined(index)


def _unjoined(index: Index) -> Iterator[str]:
    """What is in the case by nothing else that is in it."""
    links = [each.id.partition(" ") for each in index.items if each.kind == "link"]
    linked, incidents = {clip for clip, _, _ in links}, set[str]()
    for item in index.items:
        if item.kind == "incident":
            incidents.add(item.id)
        elif item.kind == "clip" and item.placed is None and item.id not in linked:
            yield f"names clip {item.id}, which no link and no person brought into the case"
    for clip, _, incident in links:
        if incident not in incidents:
            yield f"names a link of clip {clip} to {incident}, which the case does not have"


def _brought(entry: Entry | None, item: Item) -> bool:
    if entry is None:
        return False
    kind, fields = entry.kind, entry.fields
    match item.kind:
        case "clip":
            digests = cast("Mapping[str, str]", fields.get("digests", {}))
            return (kind, entry.clip) == (EntryKind.ARCHIVED, item.id) and (
                digests.get("sha256") == item.sha256
            )
        case "document":
            told = fields.get("document"), fields.get("sha256")
            return kind is EntryKind.DOCUMENT_ADDED and told == (item.id, item.sha256)
        case "incident":
            told_of = fields.get("incident"), fields.get("withdrawn")
            return (kind, *told_of) == (EntryKind.INCIDENT_IMPORTED, item.id, None)
        case "link":
            same = f"{entry.clip} {fields.get('incident')}" == item.id
            return kind in _LINKING and same and not undoes(fields)


def _took(entry: Entry | None, gone: Gone) -> bool:
    """Whether the entry may be what took it.

    What feeds told of incidents and cases is not in the log in the clear: that they took it is all
    that can be seen.
    """
    if entry is None or gone.kind == "document":
        return False
    kind, fields = entry.kind, entry.fields
    if kind is EntryKind.CASE_IMPORTED:
        return True
    clip, _, incident = gone.id.partition(" ")
    if kind is EntryKind.INCIDENT_IMPORTED:
        return gone.kind == "clip" or fields.get("incident") == (incident or gone.id)
    if gone.kind == "incident" or entry.clip != clip:
        return False
    if kind in _UNLINKING:
        return undoes(fields) and incident in {"", fields.get("incident")}
    return kind is EntryKind.DISPOSED or (kind is EntryKind.CASE_CLIP_TAKEN and not incident)
