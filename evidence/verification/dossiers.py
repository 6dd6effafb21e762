"""Step 13: documents are those that entries name, and each dossier grew without a hole.

One rule: what a version says is held against the entries that it names.  Of a clip that is not in
the package these may lack, and are counted; whatever else a version names must be here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from evidence.custody import EntryKind
from evidence.dossier import Index, Item, problems
from evidence.errors import DigestMismatch, EvidenceError
from evidence.lineage import Lineage, Version
from evidence.package import PackagedFile, Statement, document_path, dossier_path
from evidence.reasons import Fields, named, unsaid
from evidence.verification import facts
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.clips import must_be, opened
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import Ending, Open, absent, done, impossible

LOST = "the vault had it no more when the package was made"
_DOCUMENT, _DOSSIER = EntryKind.DOCUMENT_ADDED.value, EntryKind.DOSSIER_MADE.value
_NEEDED = ("kind", "clip", "incident", "document", "sha256", "digests", "withdrawn", "standing")
"""What a reason is judged by; of the entries of a large dossier no more is held."""
_LEFT = "{} that the statement does not list"


def check_dossiers(case: Case, step: Open) -> Ending:
    """Step 13."""
    if case.statement is None or case.proven is None:
        return impossible("without a statement nothing says which documents are meant")
    look = _Look(case=case, statement=case.statement, proven=case.proven)
    if (nothing := look.nothing()) is not None:
        return nothing
    for each in case.statement.documents:
        with step.about(f"entry {each.entry}"):
            look.see_document(each, step)
    made: list[Version] = []
    for each in case.statement.dossiers:
        with step.about(f"entry {each.entry}"):
            made.append(look.version(each, step))
    lineage = Lineage(made)
    for seen, (version, before) in enumerate(lineage.walk()):
        case.told("checking dossiers", seen, len(made))
        with step.about(f"entry {version.entry}"):
            for problem in lineage.problems(version):
                step.found(f"entry {version.entry}", problem)
            look.see_version(version, before, step)
    look.see_all_listed(step)
    return done(look.words)


@dataclass(slots=True, kw_only=True)
class _Look:
    """What was seen of documents and dossiers so far."""

    case: Case
    statement: Statement
    proven: Proven
    clips: dict[str, int] = field(init=False)
    """Clip of the package -> its ``archive.verified`` entry."""
    documents: dict[str, tuple[int, bytes | None]] = field(default_factory=dict)
    """Document -> its entry, and the number of its case where that is opened."""
    files: dict[int, str | None] = field(default_factory=dict)
    """Entry of a version -> where it lies; None if it is lost."""
    last: tuple[int, Index] | None = None
    """The version that was looked at last, and its entry."""
    lacking: set[tuple[str, str]] = field(default_factory=set)
    """Kind and id of what versions name and is not in the package."""
    unopened: int = 0
    """Versions of which nothing opens whose case it is."""
    entries: dict[int, Fields] = field(default_factory=dict)
    """Those that the line of versions named so far: a later one names most of them again."""

    def __post_init__(self) -> None:
        self.clips = {each.clip: each.entry for each in self.statement.clips}

    def nothing(self) -> Ending | None:
        """How the step ends if there is nothing to look at.

        A whole package from before there were such lists has none; of a selection its entries tell.
        """
        documents, versions = self._known(_DOCUMENT), self._known(_DOSSIER)
        if self.statement.documents or self.statement.dossiers:
            return None
        if not self.case.is_whole and (documents or versions):
            return None
        why = "the package holds neither documents nor dossiers"
        if documents or versions:
            why += f"; the log knows {len(documents)} documents and {len(versions)} versions"
        return absent(why)

    def see_document(self, held: PackagedFile, step: Open) -> None:
        """One document is what its entry says."""
        step.checked += 1
        self._must_be_of(held.entry, _DOCUMENT)
        said = msgspec.json.decode(self.proven.raw(held.entry), type=facts.DocumentAdded)
        number = self._case_of(held.entry, step)
        if said.document in self.documents:
            raise DigestMismatch(f"adds document {said.document} a second time")
        self.documents[said.document] = held.entry, number
        if held.file is None:
            step.found(f"entry {held.entry}", LOST, is_loss=True)
            return
        must_be(self.case, document_path(said.sha256), said.sha256, said.size)

    def version(self, held: PackagedFile, step: Open) -> Version:
        """What the entry of one version says."""
        step.checked += 1
        self._must_be_of(held.entry, _DOSSIER)
        said = self._made(held.entry)
        number = self._case_of(held.entry, step)
        self.unopened += number is None
        self.files[held.entry] = held.file
        return Version(
            entry=held.entry,
            sha256=said.sha256,
            previous=said.previous,
            number=said.number,
            case=number,
        )

    def see_version(self, version: Version, before: Version | None, step: Open) -> None:
        """The index of one version is what its entry says, and has what the one before had."""
        subject, last, self.last = f"entry {version.entry}", self.last, None
        if before is None:
            self.entries.clear()
        if self.files[version.entry] is None:
            step.found(subject, LOST, is_loss=True)
            return
        index, had = self._index(version.entry), None
        if before is not None and last is not None and last[0] == before.entry:
            had = last[1]
        if had is not None or version.previous is None:
            for problem in problems(had, index):
                step.found(subject, problem)
        elif before is not None and self.files[before.entry] is None:
            why = f"the version of entry {before.entry} is lost: what this one left out is unknown"
            step.found(subject, why, is_loss=True)
        self.last = version.entry, index
        self._see_items(version, index, step)

    def see_all_listed(self, step: Open) -> None:
        """Every document and version that the entries tell up to the statement is listed."""
        for kind, listed, what in (
            (_DOCUMENT, self.statement.documents, "adds a document"),
            (_DOSSIER, self.statement.dossiers, "made a version of a dossier"),
        ):
            for index in sorted(self._known(kind) - {each.entry for each in listed}):
                step.found(f"entry {index}", _LEFT.format(what))

    @property
    def words(self) -> str:
        """What was looked at, and what was not there to be looked at."""
        documents, versions = len(self.statement.documents), len(self.statement.dossiers)
        told = [f"{documents} documents, {versions} versions of dossiers"]
        if self.lacking:
            count = Counter(kind for kind, _ in self.lacking)
            lacking = ", ".join(f"{count[kind]} {kind}s" for kind in sorted(count))
            told.append(f"they name what this package does not hold: {lacking}")
        if self.unopened:
            told.append(f"of {self.unopened} versions nothing says of which case they are")
        return "; ".join(told)

    def _known(self, kind: str) -> set[int]:
        return {i for i in self.proven.kinds.get(kind, ()) if i < self.statement.size}

    def _must_be_of(self, index: int, kind: str) -> None:
        if self.proven.kind(index) != kind:
            raise DigestMismatch(f"is no {kind} entry")

    def _made(self, index: int) -> facts.DossierMade:
        return msgspec.json.decode(self.proven.raw(index), type=facts.DossierMade)

    def _case_of(self, index: int, step: Open) -> bytes | None:
        """The number of the case that an entry is about, where something opens it.

        In a package of a case it must be opened, and be that case.
        """
        number, sha256 = None, self.statement.openings.get(str(index))
        if sha256 is not None:
            try:
                held = opened(self.case, self.proven, index, sha256).openings.get("case")
                number = None if held is None else held.value
            except EvidenceError:
                pass  # step 7 has named it
        selection = self.statement.selection
        if selection.kind == "case" and number != (selection.subject or "").encode("utf-8"):
            is_other = "is of another case than the package"
            step.found(
                f"entry {index}",
                is_other if number is not None else "nothing opens of which case it is",
            )
        return number

    def _index(self, entry: int) -> Index:
        """The index of the version that *entry* made; DigestMismatch unless it is just that."""
        said = self._made(entry)
        path = dossier_path(said.sha256)
        must_be(self.case, path, said.sha256, None)
        index = Index.from_bytes(read(self.case.files, DATA + path))
        same = {
            "case": (index.case, said.commitments.get("case")),
            "number": (index.number, said.number),
            "previous": (index.previous, said.previous),
            "root": (index.root, said.root),
            "items": (len(index.items), said.items),
            "gone": (len(index.gone), said.gone),
        }
        if odd := [name for name, (found, wanted) in same.items() if found != wanted]:
            raise DigestMismatch(f"{path}: {', '.join(odd)}: not what the entry says")
        return index

    def _see_items(self, version: Version, index: Index, step: Open) -> None:
        """What the version says of entries is what they say."""
        wanted = named(index)
        for each in wanted:
            if each not in self.entries and each in self.proven:
                fields = facts.parse(self.proven.raw(each))
                self.entries[each] = {name: fields[name] for name in _NEEDED if name in fields}
        held = {each: self.entries[each] for each in wanted if each in self.entries}
        late = [each for each in wanted if not 0 <= each < version.entry]
        for problem in (
            *(f"names entry {each}, which did not come before it" for each in late[:1]),
            *unsaid(index, held),
            *self._not_here(version, index),
        ):
            step.found(f"entry {version.entry}", problem)

    def _not_here(self, version: Version, index: Index) -> Iterator[str]:
        for item in index.items:
            if (problem := self._misplaced(version, item)) is not None:
                yield problem
        for gone in index.gone:
            if gone.entry not in self.entries:
                yield f"says that entry {gone.entry} took {gone.kind} {gone.id}; it is not here"

    def _misplaced(self, version: Version, item: Item) -> str | None:
        """Why *item* is not what the package has under that id; None if it is, or has none."""
        clip = item.id.partition(" ")[0] if item.kind in {"clip", "link"} else None
        needed = (item.entry,) if item.placed is None else (item.entry, item.placed)
        lacking = [each for each in needed if each not in self.entries]
        if lacking and (clip is None or clip in self.clips):
            return f"names {item.kind} {item.id} by entry {lacking[0]}, which is not here"
        if lacking:
            self.lacking.add(item.name)
        if item.kind == "clip" and self.clips.get(item.id, item.entry) != item.entry:
            return f"names another entry of clip {item.id} than the statement"
        if item.kind == "document" and item.id in self.documents:
            entry, number = self.documents[item.id]
            if entry != item.entry:
                return f"names another entry of document {item.id} than the statement"
            if None not in {number, version.case} and number != version.case:
                return f"names document {item.id}, which is of another case"
        return None
