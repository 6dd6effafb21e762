"""Step 18: documents are what their entries name; dossiers are, too, and grow without a hole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.objects import Objects, Unread
from archive.originals import document_key, dossier_key
from evidence.custody import Entry, EntryKind
from evidence.dossier import Gone, Index, Item, problems
from evidence.errors import DigestMismatch
from evidence.vault import LockMode

_AT_ONCE = 400
_LINKING = (EntryKind.LINKED.value, EntryKind.LINK_CONFIRMED.value)
"""The entries that may make a link: by the rule, or by a person."""
Fields = Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Filed:
    """Learns from every entry, then looks at documents and dossiers."""

    documents: dict[int, Fields] = field(default_factory=dict)
    """Log index of each ``document.add`` entry -> its fields."""
    dossiers: dict[int, Fields] = field(default_factory=dict)
    """Likewise of ``dossier.made``."""

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            entry = Entry(raw)
            if entry.kind is EntryKind.DOCUMENT_ADDED:
                self.documents[seq] = entry.fields
            elif entry.kind is EntryKind.DOSSIER_MADE:
                self.dossiers[seq] = entry.fields

    async def conclude(
        self, objects: Objects, entries: TrueEntries, progress: Progress
    ) -> list[Finding]:
        """What is wrong with them."""
        found: list[Finding] = []
        for done, (seq, told) in enumerate(self.documents.items()):
            progress(Step.DOSSIERS, done, len(self.documents) + len(self.dossiers))
            key = document_key(objects.agency, str(told["sha256"]))
            _, wrong = await asyncio.to_thread(_kept, objects, key, str(told["sha256"]))
            found += [_finding(Component.DOCUMENT, seq, each) for each in wrong]
        known: dict[str, Index] = {}
        followed: set[str | None] = set()
        for seq, told in self.dossiers.items():
            index, wrong = await asyncio.to_thread(_read, objects, told)
            if index is not None:
                wrong += _of_version(told, index, known, followed)
                wrong += await _of_items(seq, index, entries)
            found += [_finding(Component.DOSSIER, seq, each) for each in wrong]
        return found


def _kept(objects: Objects, key: str, sha256: str) -> tuple[bytes | None, list[str]]:
    """The record with that digest, and what is wrong with it; blocks."""
    held = objects.record(key, sha256)
    if held is None or isinstance(held, Unread):
        return None, [f"records/{key} " + ("is missing" if held is None else held.problem)]
    version, data = held
    if version.lock is None or version.lock.mode is not LockMode.COMPLIANCE:
        return data, [f"records/{key} carries no lock"]
    return data, []


def _read(objects: Objects, told: Fields) -> tuple[Index | None, list[str]]:
    """The version that an entry names, and what is wrong with it; blocks."""
    sha256 = str(told["sha256"])
    data, wrong = _kept(objects, dossier_key(objects.agency, sha256), sha256)
    if data is None:
        return None, wrong
    try:
        return Index.from_bytes(data), wrong
    except DigestMismatch as error:
        return None, [*wrong, str(error)]


def _of_version(
    told: Fields, index: Index, known: dict[str, Index], followed: set[str | None]
) -> list[str]:
    """Why it is not what its entry says, or not the next version of one that was before it."""
    said = cast("Mapping[str, str]", told["commitments"])["case"]
    same = {
        "case": (index.case, said),
        "number": (index.number, told["number"]),
        "previous": (index.previous, told.get("previous")),
        "root": (index.root, told["root"]),
        "items": (len(index.items), told["items"]),
        "gone": (len(index.gone), told["gone"]),
    }
    found = [f"its {name} is not what the entry says" for name, (a, b) in same.items() if a != b]
    before = None if index.previous is None else known.get(index.previous)
    if index.previous is not None and before is None:
        found.append("follows a version that cannot be had")
    else:
        found += problems(before, index)
    if index.previous is not None and index.previous in followed:
        found.append("follows a version that another one follows already")
    followed.add(index.previous)
    known[str(told["sha256"])] = index
    return found


async def _of_items(seq: int, index: Index, entries: TrueEntries) -> list[str]:
    """What it says of entries that these do not say."""
    numbers = {each.entry for each in index.items} | {each.entry for each in index.gone}
    numbers |= {each.placed for each in index.items if each.placed is not None}
    if late := [each for each in numbers if each >= seq]:
        return [f"names entry {late[0]}, which came later"]
    held: dict[int, Entry] = {}
    every = sorted(numbers)
    for first in range(0, len(every), _AT_ONCE):
        held |= await entries.at(every[first : first + _AT_ONCE])
    found = list(_unsaid(index, held))
    gone = [each for each in index.gone if not _speaks_of_gone(held.get(each.entry), each)]
    return found + [f"says that entry {each.entry} took {each.kind} {each.id}" for each in gone]


def _unsaid(index: Index, held: Mapping[int, Entry]) -> Iterator[str]:
    for item in index.items:
        if not _speaks_of(held.get(item.entry), item):
            yield f"says of {item.kind} {item.id} what entry {item.entry} does not say"
        if item.placed is not None:
            placed = held.get(item.placed)
            if placed is None or (placed.kind, placed.clip) != (EntryKind.CASE_CLIP, item.id):
                yield f"says that entry {item.placed} placed clip {item.id}"


def _speaks_of(entry: Entry | None, item: Item) -> bool:
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
            return (kind, fields.get("incident")) == (EntryKind.INCIDENT_IMPORTED, item.id)
        case "link":
            is_one = kind.value in _LINKING
            same = f"{entry.clip} {fields.get('incident')}" == item.id
            return is_one and same and not fields.get("withdrawn")


def _speaks_of_gone(entry: Entry | None, gone: Gone) -> bool:
    """Whether the entry may be what took it: of a clip or link, none that is about another clip."""
    if entry is None:
        return False
    clip = gone.id.partition(" ")[0]
    return gone.kind in {"incident", "document"} or entry.clip in {None, clip}


def _finding(component: Component, seq: int, problem: str) -> Finding:
    return Finding(step=Step.DOSSIERS, component=component, subject=f"entry {seq}", problem=problem)
