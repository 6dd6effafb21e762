"""Writes packages of a :class:`tests.packages.house.House`: whole ones and selections."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from evidence.census import FORMAT as CENSUS
from evidence.census import ShownCensus, Subject
from evidence.clock import stamp
from evidence.cosignature import KeyCosigner
from evidence.custody import Entry
from evidence.digest import Sha256
from evidence.merkle import inclusion_proof
from evidence.note import FileSigner
from evidence.openings import Openings
from evidence.package import (
    FORMAT,
    PackagedClip,
    Rendition,
    Selection,
    Statement,
    census_path,
    entry_path,
    export_path,
    law_path,
    manifest_path,
    openings_path,
    original_path,
    proof_path,
    rendition_path,
)
from evidence.receipt import Receipt
from evidence.tiles import TileTree, grow
from evidence.verification.bag import DECLARATION, PAYLOAD, TAGS, manifest_text
from tests.packages.house import (
    BAR,
    COURT,
    LOG,
    ORIGIN,
    REASON,
    RECORD,
    Footage,
    House,
    label,
    proven,
)


def whole(
    house: House,
    folder: Path,
    signer: FileSigner = LOG,
    witnesses: tuple[KeyCosigner, ...] = (COURT, BAR),
) -> Path:
    """A package of everything, with the whole log."""
    statement = state(house, house.clips, Selection(kind="all"))
    exported(house, statement)
    _payload(house, folder, statement, house.clips)
    log(house, folder / "data" / "log", signer, witnesses)
    return bagged(folder)


def selected(
    house: House,
    folder: Path,
    numbers: Iterable[int] = (0, 3),
    signer: FileSigner = LOG,
    witnesses: tuple[KeyCosigner, ...] = (COURT, BAR),
) -> Path:
    """A package of some clips, with receipts."""
    clips = [house.clips[number] for number in numbers]
    selection = Selection(kind="clips", clips=sorted(clip.id for clip in clips))
    statement = state(house, clips, selection)
    index = exported(house, statement)
    _payload(house, folder, statement, clips)
    note = house.checkpoint(signer, witnesses)
    put(folder / "data" / "log" / "checkpoint", note)
    receipts(house, folder, [*statement.entries, index], note)
    return bagged(folder)


def officer_day(house: House, folder: Path, clips: list[Footage] | None = None) -> Path:
    """A package of all clips that the first clip's officer recorded on that clip's day."""
    whose = house.clips[0].subject
    if clips is None:
        clips = [clip for clip in house.clips if clip.subject == whose]
    selection = Selection(
        kind="officer-day",
        clips=sorted(clip.id for clip in clips),
        subject=whose.officer,
        day=whose.day,
    )
    statement = state(house, clips, selection)
    index = exported(house, statement)
    _payload(house, folder, statement, clips)
    note = house.checkpoint()
    put(folder / "data" / "log" / "checkpoint", note)
    receipts(house, folder, [*statement.entries, index], note)
    return bagged(folder)


def nobodys_day(house: House, folder: Path) -> Path:
    """A package of a day of an officer of whom the log knows no clip."""
    selection = Selection(kind="officer-day", clips=[], subject="9999", day="2026-11-20")
    statement = state(house, [], selection)
    index = exported(house, statement)
    _payload(house, folder, statement, [])
    note = house.checkpoint()
    put(folder / "data" / "log" / "checkpoint", note)
    receipts(house, folder, [*statement.entries, index], note)
    return bagged(folder)


def receipts(house: House, folder: Path, indexes: Iterable[int], note: bytes) -> None:
    """Entries with their receipts under *note*."""
    size = len(house.entries)
    files = {tile.path: data for tile, data in grow(0, house.entries, lambda _: None)}
    tree = TileTree(size, files.get)
    for index in indexes:
        put(folder / "data" / entry_path(index), house.entries[index])
        path = inclusion_proof(tree, index, size)
        receipt = Receipt(index=index, path=path, note=note)
        put(folder / "data" / proof_path(index), receipt.text)


def log(
    house: House,
    folder: Path,
    signer: FileSigner = LOG,
    witnesses: tuple[KeyCosigner, ...] = (COURT, BAR),
) -> Path:
    """The log as C2SP tlog-tiles."""
    for tile, data in grow(0, house.entries, lambda _: None):
        put(folder / tile.path, data)
    put(folder / "checkpoint", house.checkpoint(signer, witnesses))
    return folder


def state(house: House, clips: list[Footage], selection: Selection) -> Statement:
    """What a package of *clips* claims."""
    size = len(house.entries)
    about = {clip.id: house.about(clip.id, size) for clip in clips}
    named = {i for indexes in about.values() for i in indexes}
    stations = {
        each.id: each.enrolled
        for each in house.stations
        if selection.kind == "all"
        or any(f'"by":"{each.id}"'.encode() in house.entries[i] for i in named)
    }
    completeness = sorted(house.censuses) if selection.kind in {"all", "officer-day"} else []
    return Statement(
        format=FORMAT,
        origin=ORIGIN,
        made=stamp(house.now),
        size=size,
        selection=selection,
        clips=[_packaged(house, clip, about[clip.id]) for clip in clips],
        entries=[]
        if selection.kind == "all"
        else sorted({*named, *stations.values(), *completeness, *_beside(house, clips)}),
        stations=stations,
        completeness=completeness,
        openings={str(each.entry): Sha256.of(each.to_bytes()).hex for each in opened(house)}
        if selection.kind == "all"
        else {},
        exports=[Sha256.of(RECORD).hex] if selection.kind == "all" else [],
        law=sorted(house.laws) if selection.kind == "all" or _beside(house, clips) else [],
        left_out=["case.jsonld"],
    )


def _beside(house: House, clips: list[Footage]) -> list[int]:
    """What a disposal of one of *clips* rests on, and is about no clip."""
    if house.gone.isdisjoint(clip.id for clip in clips):
        return []
    kinds = {"law.publish", "case.close", "case.reopen"}
    fields = [Entry(raw).fields for raw in house.entries]
    return [
        i
        for i, each in enumerate(fields)
        if each["kind"] in kinds or (each.get("proposal") == "p-0" and "clip" not in each)
    ]


def opened(house: House) -> list[Openings]:
    """What opens the entries that no manifest opens: why the first clip was watched."""
    committed = REASON.commitment.hex.encode()
    found = [index for index, raw in enumerate(house.entries) if committed in raw]
    opens = {"reason": REASON}
    return [Openings(entry=i, openings=opens, columns={"name": "Dock 1"}) for i in found[:1]]


def exported(house: House, statement: Statement) -> int:
    """The ``export`` entry of *statement*, with something before it and after it."""
    house.record("view", "p-1", house.clips[1].id)
    index = house.record(
        "export", "p-2", statement={"sha256": statement.digest.hex}, clips=len(statement.clips)
    )
    house.record("view", "p-1", house.clips[0].id)
    return index


def bagged(folder: Path) -> Path:
    """*folder* with its BagIt files written anew, whatever lies in it."""
    put(folder / "bagit.txt", DECLARATION)
    payload = {
        path.relative_to(folder).as_posix(): path
        for path in folder.joinpath("data").rglob("*")
        if path.is_file()
    }
    size = sum(path.stat().st_size for path in payload.values())
    put(folder / "bag-info.txt", f"Payload-Oxum: {size}.{len(payload)}\n".encode())
    put(folder / "README.txt", b"See docs/packages.md\n")
    put(folder / PAYLOAD, manifest_text(_digests(payload)).encode())
    tags = {path.name: path for path in folder.iterdir() if path.is_file() and path.name != TAGS}
    put(folder / TAGS, manifest_text(_digests(tags)).encode())
    return folder


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _digests(files: dict[str, Path]) -> dict[str, str]:
    return {name: Sha256.of_file(path).hex for name, path in files.items()}


def _packaged(house: House, clip: Footage, entries: list[int]) -> PackagedClip:
    if clip.id in house.gone:
        return PackagedClip(
            clip=clip.id,
            entry=clip.archived,
            original=None,
            manifest=None,
            entries=entries,
            without="disposed",
        )
    objects = {name: rendition_path(clip.id, clip.derived, name) for name in clip.objects}
    return PackagedClip(
        clip=clip.id,
        entry=clip.archived,
        original=original_path(clip.manifest.sha256, clip.ending),
        manifest=manifest_path(clip.id),
        entries=entries,
        renditions=[Rendition(entry=clip.derived, objects=objects)],
    )


def _payload(house: House, folder: Path, statement: Statement, clips: list[Footage]) -> None:
    put(folder / "data" / "statement.json", statement.to_bytes())
    for clip in (each for each in clips if each.id not in house.gone):
        put(folder / "data" / original_path(clip.manifest.sha256, clip.ending), clip.data)
        put(folder / "data" / manifest_path(clip.id), clip.manifest.to_bytes())
        for name, data in clip.objects.items():
            put(folder / "data" / rendition_path(clip.id, clip.derived, name), data)
    for digest in statement.law:
        put(folder / "data" / law_path(digest), house.laws[digest])
    for digest in statement.exports:
        put(folder / "data" / export_path(digest), RECORD)
    for held in (each for each in opened(house) if str(each.entry) in statement.openings):
        put(folder / "data" / openings_path(held.entry), held.to_bytes())
    for index in statement.completeness:
        put(folder / "data" / census_path(index), _shown(house, index, statement).to_bytes())
    put(folder / "data" / "timeline.pdf", b"%PDF-1.7 of " + str(len(house.entries)).encode())


def _shown(house: House, index: int, statement: Statement) -> ShownCensus:
    """What the package shows of the census in entry *index*: all of it, or whom was asked for."""
    _, tree = house.censuses[index]
    whose = {label(clip.subject): clip.subject for clip in house.clips}
    if statement.selection.kind == "all":
        leaves = [
            msgspec.structs.replace(
                tree.show(leaf.label)[0], path=None, of=proven(whose[leaf.label])
            )
            for leaf in tree.leaves
        ]
        return ShownCensus(format=CENSUS, asked=None, leaves=leaves)
    subject = Subject(officer=statement.selection.subject, day=statement.selection.day or "")
    asked = proven(subject)
    return ShownCensus(format=CENSUS, asked=asked, leaves=tree.show(label(subject)))
