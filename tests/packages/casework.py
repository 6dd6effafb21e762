"""An agency with a case: a document, and a dossier that grew; packages of it.

A clip belongs to the case by an incident; another one was placed in it, and taken out again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from evidence import dossier
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.dossier import Index, Item, Name
from evidence.note import FileSigner
from evidence.openings import Openings
from evidence.package import (
    PackagedFile,
    Selection,
    Statement,
    document_path,
    dossier_path,
    openings_path,
)
from tests.packages import writing
from tests.packages.house import LOG, House, house
from tests.packages.writing import put

NUMBER = "C-9"
PAGE = b"%PDF-1.7 what the witness said"


@dataclass(slots=True, kw_only=True)
class CaseFile:
    """What one case has on file, and the log that says so."""

    house: House
    number: str = NUMBER
    documents: dict[int, bytes] = field(default_factory=dict)
    """Entry -> bytes."""
    versions: dict[int, bytes] = field(default_factory=dict)
    """Entry -> index."""
    openings: dict[int, Openings] = field(default_factory=dict)
    along: list[int] = field(default_factory=list)
    """Entries about no clip of the case that go along."""

    def committed(self, **values: str) -> dict[str, Opening]:
        """*values* with salts that are the same every time."""
        at = len(self.house.entries)
        return {
            name: Opening(
                value=text.encode(), salt=hashlib.sha256(b"%d %s" % (at, name.encode())).digest()
            )
            for name, text in values.items()
        }

    def record(
        self, kind: str, opens: Mapping[str, Opening], clip: str | None = None, **more: object
    ) -> int:
        """An entry with commitments that *opens* open."""
        committed = {name: held.commitment.hex for name, held in opens.items()}
        return self.house.record(kind, "p-1", clip, commitments=committed, **more)

    def file(self, kind: str, opens: Mapping[str, Opening], **more: object) -> int:
        """The same of a document or a version, whose openings travel."""
        entry = self.record(kind, opens, None, **more)
        self.openings[entry] = Openings(entry=entry, openings=opens)
        return entry

    def add(self, data: bytes = PAGE, of: str = "") -> Item:
        """A document of the case, or of another one with the number *of*."""
        name, sha256 = f"f-{len(self.documents)}", Sha256.of(data).hex
        opens = self.committed(case=of or self.number, title="笔录", name="a.pdf")
        entry = self.file("document.add", opens, document=name, sha256=sha256, size=len(data))
        self.documents[entry] = data
        return Item(kind="document", id=name, entry=entry, sha256=sha256)

    def make(
        self,
        items: list[Item],
        before: Index | None = None,
        went: Mapping[Name, int] | None = None,
        of: str = "",
        **bent: Any,
    ) -> Index:
        """The next version, on record, or one of another case with the number *of*.

        *bent* is what a forger writes into its index instead of what is so.
        """
        opens = self.committed(case=of or self.number)
        case = opens["case"].commitment.hex
        made = dossier.index(case, items, before, went or {})
        made = msgspec.structs.replace(made, **bent)
        self.put(made, opens)
        return made

    def put(self, made: Index, opens: Mapping[str, Opening] | None = None, **told: object) -> int:
        """Put *made* on record; *told* is what the entry says instead of what is so."""
        opens = self.committed(case=self.number) if opens is None else opens
        fields = {
            "dossier": f"v-{len(self.versions)}",
            "number": made.number,
            "sha256": made.digest.hex,
            "previous": made.previous,
            "root": made.root,
            "items": len(made.items),
            "gone": len(made.gone),
        }
        entry = self.file("dossier.made", opens, **fields | told)
        self.versions[entry] = made.to_bytes()
        return entry


@dataclass(slots=True, kw_only=True)
class Course:
    """A case that went its way, up to its first version."""

    file: CaseFile
    items: list[Item]
    """What the first version has."""
    first: Index
    taken: int
    """The entry by which the placed clip went afterwards."""

    @property
    def left(self) -> list[Item]:
        """What the case has then."""
        return [each for each in self.items if each.name != self.placed]

    def item(self, name: Name) -> Item:
        """What the first version has under that kind and id."""
        return next(each for each in self.items if each.name == name)

    @property
    def placed(self) -> Name:
        return "clip", self.file.house.clips[3].id


def course() -> Course:
    """A clip that is linked and one that was placed, a document, the first version."""
    made = CaseFile(house=house(others=20))
    linked, placed = made.house.clips[0], made.house.clips[3]
    event = made.house.record("incident.import", "archive", incident="i-1")
    link = made.house.record("link", "archive", linked.id, incident="i-1", reason="near")
    why = made.committed(case=NUMBER, reason="seen on it")
    by = made.record("case.clip", why, placed.id, case_clip="x-1")
    items = [
        Item(kind="incident", id="i-1", entry=event),
        Item(kind="link", id=f"{linked.id} i-1", entry=link),
        Item(kind="clip", id=linked.id, entry=linked.archived, sha256=linked.manifest.sha256.hex),
        Item(
            kind="clip",
            id=placed.id,
            entry=placed.archived,
            sha256=placed.manifest.sha256.hex,
            placed=by,
        ),
        made.add(),
    ]
    first = made.make(items)
    taken = made.record("case.unclip", made.committed(taken_reason="an error"), placed.id)
    made.along = [event, taken]
    return Course(file=made, items=items, first=first, taken=taken)


def grown() -> CaseFile:
    """The same with the second version, which says by which entry the placed clip went."""
    so_far = course()
    so_far.file.make(so_far.left, so_far.first, {so_far.placed: so_far.taken})
    return so_far.file


def stated(made: CaseFile, kind: str = "case") -> Statement:
    """What a package of the case claims, or a whole one, with all that is on file."""
    of_all = kind == "all"
    clips = made.house.clips if of_all else made.house.clips[:1]
    subject = None if of_all else made.number
    told = writing.state(made.house, clips, Selection(kind=kind, subject=subject))  # type: ignore[arg-type]
    beside = set() if of_all else {*made.along, *made.documents, *made.versions}
    opens = {str(i): Sha256.of(held.to_bytes()).hex for i, held in made.openings.items()}
    return msgspec.structs.replace(
        told,
        entries=sorted({*told.entries, *beside}),
        openings=told.openings | opens,
        documents=[
            PackagedFile(entry=entry, file=document_path(Sha256.of(data).hex))
            for entry, data in made.documents.items()
        ],
        dossiers=[
            PackagedFile(entry=entry, file=dossier_path(Sha256.of(data).hex))
            for entry, data in made.versions.items()
        ],
    )


def packed(
    made: CaseFile, folder: Path, told: Statement | None = None, signer: FileSigner = LOG
) -> Path:
    """A package of what is *told*: of the case, if nothing else is."""
    told = stated(made) if told is None else told
    export = writing.exported(made.house, told)
    listed = {each.clip for each in told.clips}
    clips = [clip for clip in made.house.clips if clip.id in listed]
    writing._payload(made.house, folder, told, clips)
    for each, held in (
        *((each, made.documents.get(each.entry)) for each in told.documents),
        *((each, made.versions.get(each.entry)) for each in told.dossiers),
    ):
        if each.file is not None and held is not None:
            put(folder / "data" / each.file, held)
    for name in told.openings.keys() & {str(each) for each in made.openings}:
        put(folder / "data" / openings_path(int(name)), made.openings[int(name)].to_bytes())
    if told.selection.kind == "all":
        writing.log(made.house, folder / "data" / "log", signer)
    else:
        note = made.house.checkpoint(signer)
        put(folder / "data" / "log" / "checkpoint", note)
        writing.receipts(made.house, folder, [*told.entries, export], note)
    return writing.bagged(folder)


def case(folder: Path) -> Path:
    """A genuine package of the case."""
    return packed(grown(), folder)


def whole(folder: Path) -> Path:
    """A genuine package of everything, with the case on file."""
    made = grown()
    return packed(made, folder, stated(made, "all"))
