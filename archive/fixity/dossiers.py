"""Step 18: documents are what their entries name; dossiers are, too, and grow without a hole.

Which versions are of one case is in no entry in the clear, so the rows tell that, as far as they
open what their entries commit to.  Versions are read one after the other along their case, and none
is held longer than until those that follow it were seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from archive.catalogue.filed import on_record
from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.objects import Objects, Unread
from archive.fixity.record import Record
from archive.originals import document_key, dossier_key, filed_digest, filed_in
from evidence.commitment import SALT_BYTES, Opening
from evidence.custody import Entry, EntryKind
from evidence.dossier import Index, problems
from evidence.errors import DigestMismatch, TemporaryError
from evidence.lineage import Lineage, Version
from evidence.reasons import Fields, named, unsaid
from evidence.vault import Bucket, LockMode

_AT_ONCE = 400


@dataclass(slots=True, kw_only=True)
class Filed:
    """Learns from every entry, then looks at documents and dossiers."""

    record: Record
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
        total = len(self.documents) + len(self.dossiers)
        for done, (seq, told) in enumerate(self.documents.items()):
            progress(Step.DOSSIERS, done, total)
            key = document_key(objects.agency, str(told["sha256"]))
            _, wrong = await asyncio.to_thread(_kept, objects, key, str(told["sha256"]))
            found += [_finding(Component.DOCUMENT, seq, each) for each in wrong]
        lines = Lines(self.dossiers, await self._cases())
        for done, (seq, before) in enumerate(lines.walk()):
            progress(Step.DOSSIERS, len(self.documents) + done, total)
            told = self.dossiers[seq]
            index, wrong = await asyncio.to_thread(_read, objects, told)
            wrong += lines.problems(seq)
            if index is not None:
                wrong += [*_of_version(told, index), *_of_growth(told, index, before)]
                wrong += await _of_items(seq, index, entries)
                lines.read(seq, index)
            found += [_finding(Component.DOSSIER, seq, each) for each in wrong]
        return found + await self._unrecorded(objects)

    async def _cases(self) -> Mapping[int, str]:
        """Log index of a version -> the number of its case, where a row opens that."""
        found: dict[int, str] = {}
        numbers = list(self.dossiers)
        for first in range(0, len(numbers), _AT_ONCE):
            some = numbers[first : first + _AT_ONCE]
            rows, _told_before = await self.record.rows("dossier", "by_entry", some)
            for row in rows:
                seq, number, salt = int(str(row["by_entry"])), row["case_id"], row["case_salt"]
                if _opens(number, salt, _case(self.dossiers[seq])):
                    found[seq] = str(number)
        return found

    async def _unrecorded(self, objects: Objects) -> list[Finding]:
        """What lies among documents and dossiers, and no entry names.

        What is being put on record at this moment is looked for a second time.
        """
        told = {str(each["sha256"]) for each in (*self.documents.values(), *self.dossiers.values())}
        there = await asyncio.to_thread(_filed, objects)
        if isinstance(there, Unread):
            return [_stray("", there.problem)]
        there = {key: digest for key, digest in there.items() if digest not in told}
        for pause in (0.0, sum(objects.pauses)):
            if there:
                await asyncio.to_thread(objects.stop.wait, pause)
                known = await self._known(set(there.values()))
                there = {key: digest for key, digest in there.items() if digest not in known}
        return [_stray(key, "no entry names it: its act was refused, or cut off") for key in there]

    async def _known(self, digests: set[str]) -> set[str]:
        """Those of *digests* that have a row by now; what cannot be read hides nothing."""
        try:
            return await self.record.catalogue.run(on_record, digests)
        except TemporaryError:
            return set()


class Lines:
    """The versions of dossiers in their lines, and those read that are still needed."""

    def __init__(self, told: Mapping[int, Fields], cases: Mapping[int, str]) -> None:
        self._versions = {seq: _version(seq, told[seq], cases.get(seq)) for seq in told}
        self._lineage = Lineage(self._versions.values())
        self._read: dict[int, Index] = {}

    def walk(self) -> Iterator[tuple[int, Index | None]]:
        """Each version, behind the one that it follows, and that one as far as it could be read."""
        for version, before in self._lineage.walk():
            yield version.entry, None if before is None else self._read.get(before.entry)
            if before is not None and self._lineage.followers(before)[-1] is version:
                self._read.pop(before.entry, None)
            if not self._lineage.followers(version):
                self._read.pop(version.entry, None)

    def read(self, seq: int, index: Index) -> None:
        """Hold the version *seq* until those that follow it were seen."""
        self._read[seq] = index

    def problems(self, seq: int) -> list[str]:
        """Why it does not stand where it stands in the line of its case."""
        version = self._versions[seq]
        before, case = self._lineage.before(version), version.case
        if before is None:
            first = None if case is None else self._lineage.first(case)
            if first is None or first is version:
                return []
            return [f"begins anew what began with entry {first.entry}"]
        found = []
        if self._lineage.followers(before)[0] is not version:
            found.append("follows a version that another one follows already")
        if before.case is not None and case != before.case:
            found.append(
                f"is of another case than the version of entry {before.entry}, which it follows"
            )
        return found


def _version(seq: int, told: Fields, case: str | None) -> Version:
    """What the entry says of its version; its number is held against the index itself."""
    previous = told.get("previous")
    return Version(
        entry=seq,
        sha256=str(told["sha256"]),
        previous=None if previous is None else str(previous),
        number=0,
        case=None if case is None else case.encode("utf-8", "surrogatepass"),
    )


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


def _filed(objects: Objects) -> dict[str, str] | Unread:
    """Key -> digest in it, of all that lies among documents and dossiers; blocks."""
    found: dict[str, str] = {}
    for folder in filed_in(objects.agency):
        keys = objects.keys(Bucket.RECORDS, folder)
        if isinstance(keys, Unread):
            return keys
        found |= {key: filed_digest(objects.agency, key) or "" for key in sorted(keys)}
    return found


def _case(told: Fields) -> str:
    """What the entry commits to: the number of the case."""
    return cast("Mapping[str, str]", told["commitments"])["case"]


def _opens(number: object, salt: object, commitment: str) -> bool:
    if not (isinstance(number, str) and isinstance(salt, bytes) and len(salt) == SALT_BYTES):
        return False
    value = number.encode("utf-8", "surrogatepass")
    return Opening(value=value, salt=salt).commitment.hex == commitment


def _of_version(told: Fields, index: Index) -> list[str]:
    """Why it is not what its entry says."""
    same = {
        "case": (index.case, _case(told)),
        "number": (index.number, told["number"]),
        "previous": (index.previous, told.get("previous")),
        "root": (index.root, told["root"]),
        "items": (len(index.items), told["items"]),
        "gone": (len(index.gone), told["gone"]),
    }
    return [f"its {name} is not what the entry says" for name, (a, b) in same.items() if a != b]


def _of_growth(told: Fields, index: Index, before: Index | None) -> list[str]:
    """Why it is not the next version of one that was before it."""
    if before is None and told.get("previous") is not None:
        return ["follows a version that cannot be had"]
    return problems(before, index)


async def _of_items(seq: int, index: Index, entries: TrueEntries) -> list[str]:
    """What it says of entries that these do not say."""
    every = named(index)
    if late := [each for each in every if each >= seq]:
        return [f"names entry {late[0]}, which came later"]
    held: dict[int, Fields] = {key: {} for key in every}  # one that is not there says nothing
    for first in range(0, len(every), _AT_ONCE):
        some = await entries.at(every[first : first + _AT_ONCE])
        held |= {number: entry.fields for number, entry in some.items()}
    return list(unsaid(index, held))


def _finding(component: Component, seq: int, problem: str) -> Finding:
    return Finding(step=Step.DOSSIERS, component=component, subject=f"entry {seq}", problem=problem)


def _stray(key: str, problem: str) -> Finding:
    subject = f"records/{key}"
    return Finding(step=Step.DOSSIERS, component=Component.STRAY, subject=subject, problem=problem)
