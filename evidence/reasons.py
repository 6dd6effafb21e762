"""Reasons: whether entries say what a version of a dossier says of them.

One rule: an entry is a reason only if its kind can bring or take such an item, and it speaks of
this one; that it stands in the log before the version is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence.custody import EntryKind
from evidence.dossier import Gone, Index, Item
from evidence.linking import COUNTS

Fields = Mapping[str, object]
"""Of an entry; whoever wrote it may have put anything there."""
_LINKING = frozenset({EntryKind.LINKED.value, EntryKind.LINK_CONFIRMED.value})
"""The entries that may make a link: by the rule, or by a person."""
_UNLINKING = frozenset({EntryKind.LINKED.value, EntryKind.LINK_REJECTED.value})
_COUNTS = tuple(map(str, COUNTS))


def named(index: Index) -> list[int]:
    """Log indexes of all entries that *index* names, in order."""
    entries = {each.entry for each in index.items} | {each.entry for each in index.gone}
    return sorted(entries.union(each.placed for each in index.items if each.placed is not None))


def unsaid(index: Index, held: Mapping[int, Fields]) -> Iterator[str]:
    """What *index* says that the entries in *held*, by log index, do not say; of others nothing."""
    for item in index.items:
        if item.entry in held and not _brought(held[item.entry], item):
            yield f"says of {item.kind} {item.id} what entry {item.entry} does not say"
        if item.placed is not None and item.placed in held:
            placed = held[item.placed]
            if (placed.get("kind"), placed.get("clip")) != (EntryKind.CASE_CLIP.value, item.id):
                yield f"says that entry {item.placed} placed clip {item.id}"
    for gone in index.gone:
        if gone.entry in held and not _took(held[gone.entry], gone):
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


def _brought(entry: Fields, item: Item) -> bool:
    kind, clip, incident = (entry.get(name) for name in ("kind", "clip", "incident"))
    match item.kind:
        case "clip":
            digests = entry.get("digests")
            sha256 = digests.get("sha256") if isinstance(digests, dict) else None
            return (kind, clip, sha256) == (EntryKind.ARCHIVED.value, item.id, item.sha256)
        case "document":
            told = kind, entry.get("document"), entry.get("sha256")
            return told == (EntryKind.DOCUMENT_ADDED.value, item.id, item.sha256)
        case "incident":
            told = kind, incident, entry.get("withdrawn")
            return told == (EntryKind.INCIDENT_IMPORTED.value, item.id, None)
        case "link":
            return kind in _LINKING and f"{clip} {incident}" == item.id and not undoes(entry)


def _took(entry: Fields, gone: Gone) -> bool:
    """Whether the entry may be what took it.

    What feeds told of incidents and cases is not in the log in the clear: that they took it is all
    that can be seen.
    """
    kind, told_of = entry.get("kind"), entry.get("incident")
    if gone.kind == "document":
        return False
    if kind == EntryKind.CASE_IMPORTED.value:
        return True
    clip, _, incident = gone.id.partition(" ")
    if kind == EntryKind.INCIDENT_IMPORTED.value:
        return gone.kind == "clip" or told_of == (incident or gone.id)
    if gone.kind == "incident" or entry.get("clip") != clip:
        return False
    if kind in _UNLINKING:
        return undoes(entry) and incident in {"", told_of}
    return kind == EntryKind.DISPOSED.value or (
        kind == EntryKind.CASE_CLIP_TAKEN.value and not incident
    )


def undoes(entry: Fields) -> bool:
    """Whether a link does not count since that entry, which is about it."""
    if entry.get("kind") == EntryKind.LINK_REJECTED.value or entry.get("withdrawn") is True:
        return True
    standing = entry.get("standing")
    return standing is not None and standing not in _COUNTS
