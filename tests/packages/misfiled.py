"""Forged packages of cases: by whoever holds the package, and by whoever holds the log's key.

One rule: what an insider forges here is signed as it must be, and only its sense is false.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from evidence.digest import Sha256
from evidence.dossier import Gone, Item
from evidence.package import PackagedFile, Selection, Statement
from tests.packages import writing
from tests.packages.casework import PAGE, CaseFile, course, grown, packed, stated
from tests.packages.writing import bagged

OTHER = "C-10"


def forged_document(folder: Path) -> None:
    """Other bytes under the same name, and the bag written anew."""
    packed(grown(), folder)
    path = next(folder.joinpath("data/documents").iterdir())
    path.write_bytes(PAGE.replace(b"said", b"lied"))
    bagged(folder)


def dropped_document(folder: Path) -> None:
    packed(grown(), folder)
    next(folder.joinpath("data/documents").iterdir()).unlink()
    bagged(folder)


def versions_exchanged(folder: Path) -> None:
    packed(grown(), folder)
    one, other = sorted(folder.joinpath("data/dossiers").iterdir())
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)
    bagged(folder)


def version_that_leaves_something_out(folder: Path) -> None:
    """The document is in the first version; the second one has forgotten it."""
    told = course()
    kept = [each for each in told.left if each.kind != "document"]
    before = msgspec.structs.replace(told.first, items=[*kept, told.item(told.placed)])
    told.file.make(kept, before, {told.placed: told.taken}, previous=told.first.digest.hex)
    packed(told.file, folder)


def clip_that_went_by_nothing(folder: Path) -> None:
    """The entry that is said to have taken it is about another clip."""
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.file.house.clips[0].archived})
    packed(told.file, folder)


def clip_that_went_by_an_entry_that_is_not_here(folder: Path) -> None:
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.taken})
    told.file.along.remove(told.taken)
    packed(told.file, folder)


def document_that_is_gone(folder: Path) -> None:
    told = course()
    (document,) = (each.name for each in told.items if each.kind == "document")
    kept = [each for each in told.left if each.kind != "document"]
    told.file.make(kept, told.first, {told.placed: told.taken, document: told.taken})
    packed(told.file, folder)


def second_first_version(folder: Path) -> None:
    """What the true dossier says does not suit: the insider begins anew."""
    told = course()
    told.file.make(told.left)
    packed(told.file, folder)


def second_first_version_in_a_whole_package(folder: Path) -> None:
    told = course()
    told.file.make(told.left)
    packed(told.file, folder, stated(told.file, "all"))


def two_second_versions(folder: Path) -> None:
    told = course()
    for _ in range(2):
        told.file.make(told.left, told.first, {told.placed: told.taken})
    packed(told.file, folder)


def version_put_on_record_twice(folder: Path) -> None:
    told = course()
    told.file.put(told.first)
    packed(told.file, folder)


def version_3_behind_version_1(folder: Path) -> None:
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.taken}, number=3)
    packed(told.file, folder)


def version_2_without_version_1(folder: Path) -> None:
    made = grown()
    told = stated(made)
    first = told.dossiers[0].entry
    packed(made, folder, _without(told, first, dossiers=told.dossiers[1:]))


def index_of_another_case(folder: Path) -> None:
    """The index is bound to another number than its entry."""
    told = course()
    other = told.file.committed(case=OTHER)["case"].commitment.hex
    told.file.make(told.left, told.first, {told.placed: told.taken}, case=other)
    packed(told.file, folder)


def version_of_another_case(folder: Path) -> None:
    """Entry and index are of another case, and go on with the dossier of this one."""
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.taken}, of=OTHER)
    packed(told.file, folder)


def version_of_another_case_in_a_whole_package(folder: Path) -> None:
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.taken}, of=OTHER)
    packed(told.file, folder, stated(told.file, "all"))


def document_of_another_case(folder: Path) -> None:
    told = course()
    told.file.add(b"about somebody else", OTHER)
    packed(told.file, folder)


def document_of_another_case_in_a_version(folder: Path) -> None:
    told = course()
    strange = told.file.add(b"about somebody else", OTHER)
    told.file.make([*told.left, strange], told.first, {told.placed: told.taken})
    packed(told.file, folder, stated(told.file, "all"))


def version_that_nothing_opens(folder: Path) -> None:
    """Of which case it is, the package does not say."""
    made = grown()
    told = stated(made)
    held = {name: of for name, of in told.openings.items() if int(name) not in made.versions}
    packed(made, folder, msgspec.structs.replace(told, openings=held))


def document_with_another_digest(folder: Path) -> None:
    _items(folder, "document", sha256="00" * 32)


def clip_with_another_digest(folder: Path) -> None:
    """From the first version on: no later one gives it away."""
    _items(folder, "clip", sha256="00" * 32)


def clip_by_an_entry_that_is_not_here(folder: Path) -> None:
    _items(folder, "clip", entry=course().file.house.clips[1].archived, sha256="00" * 32)


def link_by_an_entry_of_another_kind(folder: Path) -> None:
    _items(folder, "link", entry=course().file.house.clips[0].archived)


def incident_by_an_entry_of_later(folder: Path) -> None:
    told = course()
    later = len(told.file.house.entries) + 40
    _items(folder, "incident", entry=later)


def clip_that_nothing_brought(folder: Path) -> None:
    """Neither a link nor a person is named."""
    told = course()
    kept = [each for each in told.left if each.kind != "link"]
    file = told.file
    file.versions, file.openings = {}, {i: file.openings[i] for i in file.documents}
    file.make(kept)
    packed(file, folder)


def root_over_something_else(folder: Path) -> None:
    told = course()
    told.file.make(told.left, told.first, {told.placed: told.taken}, root=Sha256.of(b"else").hex)
    packed(told.file, folder)


def index_that_is_not_canonical(folder: Path) -> None:
    """Its entry names the very bytes, which two readers may read differently."""
    made = grown()
    entry = max(made.versions)
    _rewrite(made, entry, made.versions[entry].replace(b'{"case"', b'{ "case"'))
    packed(made, folder)


def more_items_than_the_entry_says(folder: Path) -> None:
    told = course()
    made = told.file
    entry = max(made.versions)
    made.house.entries[entry] = made.house.entries[entry].replace(b'"items":5', b'"items":4')
    packed(made, folder)


def item_gone_that_never_was(folder: Path) -> None:
    told = course()
    strange = Gone(kind="clip", id=told.file.house.clips[2].id, entry=told.taken)
    true = Gone(kind="clip", id=told.placed[1], entry=told.taken)
    gone = sorted([strange, true], key=lambda each: each.name)
    told.file.make(told.left, told.first, {told.placed: told.taken}, gone=gone)
    packed(told.file, folder)


def document_that_is_not_listed(folder: Path) -> None:
    """Its entry is in the package, and its bytes are withheld."""
    made = grown()
    told = stated(made)
    packed(made, folder, msgspec.structs.replace(told, documents=[]))


def version_that_is_not_listed_in_a_whole_package(folder: Path) -> None:
    made = grown()
    told = stated(made, "all")
    packed(made, folder, msgspec.structs.replace(told, dossiers=told.dossiers[:1]))


def document_that_is_said_to_be_lost(folder: Path) -> None:
    """A loss is no pass, whoever tells it."""
    made = grown()
    told = stated(made)
    lost = [PackagedFile(entry=each.entry, file=None, without="missing") for each in told.documents]
    packed(made, folder, msgspec.structs.replace(told, documents=lost))


def version_behind_one_that_is_lost(folder: Path) -> None:
    made = grown()
    told = stated(made)
    first, *others = told.dossiers
    lost = PackagedFile(entry=first.entry, file=None, without="missing")
    packed(made, folder, msgspec.structs.replace(told, dossiers=[lost, *others]))


def opening_of_somebody_elses_reason(folder: Path) -> None:
    """A selection that opens what is not on file."""
    made = grown()
    told = stated(made)
    (view,) = writing.opened(made.house)
    opens = told.openings | {str(view.entry): Sha256.of(view.to_bytes()).hex}
    packed(made, folder, msgspec.structs.replace(told, openings=opens))


def documents_of_no_case(folder: Path) -> None:
    made = grown()
    told = stated(made)
    selection = Selection(kind="clips", clips=[made.house.clips[0].id])
    packed(made, folder, msgspec.structs.replace(told, selection=selection))


def document_in_another_place(folder: Path) -> None:
    made = grown()
    _files(made, folder, file="documents/0000")


def document_both_here_and_lost(folder: Path) -> None:
    _files(grown(), folder, without="missing")


def document_listed_twice(folder: Path) -> None:
    made = grown()
    told = stated(made)
    packed(made, folder, msgspec.structs.replace(told, documents=told.documents * 2))


def _files(made: CaseFile, folder: Path, **more: Any) -> None:
    """A document of which the statement says *more*."""
    told = stated(made)
    documents = [msgspec.structs.replace(each, **more) for each in told.documents]
    packed(made, folder, msgspec.structs.replace(told, documents=documents))


def _items(folder: Path, kind: str, **bent: Any) -> None:
    """One version, in which the first item of *kind* is bent."""
    told = course()
    file, items = told.file, list(told.items)
    place = next(i for i, each in enumerate(items) if each.kind == kind)
    items[place] = _bent(items[place], **bent)
    file.versions, file.openings = {}, {i: file.openings[i] for i in file.documents}
    file.make(items)
    packed(file, folder)


def _bent(item: Item, **bent: Any) -> Item:
    return msgspec.structs.replace(item, **bent)


def _without(told: Statement, entry: int, **more: Any) -> Statement:
    """The statement without *entry*, as if there were none."""
    return msgspec.structs.replace(
        told,
        entries=[each for each in told.entries if each != entry],
        openings={name: of for name, of in told.openings.items() if name != str(entry)},
        **more,
    )


def _rewrite(made: CaseFile, entry: int, data: bytes) -> None:
    """Version *entry* with other bytes, as if it had been made so."""
    old, new = Sha256.of(made.versions[entry]).hex, Sha256.of(data).hex
    made.house.entries[entry] = made.house.entries[entry].replace(old.encode(), new.encode())
    made.versions[entry] = data


FORGED: tuple[tuple[int, Callable[[Path], object]], ...] = (
    *(
        (13, forge)
        for forge in (
            forged_document,
            dropped_document,
            versions_exchanged,
            version_that_leaves_something_out,
            clip_that_went_by_nothing,
            clip_that_went_by_an_entry_that_is_not_here,
            document_that_is_gone,
            second_first_version,
            second_first_version_in_a_whole_package,
            two_second_versions,
            version_put_on_record_twice,
            version_3_behind_version_1,
            version_2_without_version_1,
            index_of_another_case,
            version_of_another_case,
            version_of_another_case_in_a_whole_package,
            document_of_another_case,
            document_of_another_case_in_a_version,
            version_that_nothing_opens,
            document_with_another_digest,
            clip_with_another_digest,
            clip_by_an_entry_that_is_not_here,
            link_by_an_entry_of_another_kind,
            incident_by_an_entry_of_later,
            clip_that_nothing_brought,
            root_over_something_else,
            index_that_is_not_canonical,
            more_items_than_the_entry_says,
            item_gone_that_never_was,
            document_that_is_not_listed,
            version_that_is_not_listed_in_a_whole_package,
            document_that_is_said_to_be_lost,
            version_behind_one_that_is_lost,
        )
    ),
    (5, opening_of_somebody_elses_reason),
    (5, documents_of_no_case),
    (5, document_in_another_place),
    (5, document_both_here_and_lost),
    (5, document_listed_twice),
)
"""The step that must name each, and what writes it."""
QUICK = {each.__name__ for each in (version_that_leaves_something_out, second_first_version)}
"""As in :mod:`tests.packages.fallen`."""
