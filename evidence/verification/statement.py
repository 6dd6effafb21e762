"""Step 5: the statement is the one that an ``export`` entry names, and lists just what is there.

One rule: nothing in the statement is believed before an entry in the log names its digest; then
whatever it lists must be there, and whatever is there must be listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from evidence.custody import EntryKind
from evidence.errors import DigestMismatch, LogBroken
from evidence.package import (
    CASE,
    CHECKPOINT,
    STATEMENT,
    TIMELINE,
    TIMESTAMPS,
    PackagedClip,
    PackagedFile,
    Statement,
    census_path,
    document_path,
    dossier_path,
    entry_path,
    export_path,
    law_path,
    manifest_path,
    openings_path,
    proof_path,
    rendition_path,
)
from evidence.tiles import growth
from evidence.verification import facts, reach
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, impossible

_SUFFIX = ".tsr"
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})\Z", re.ASCII)


def check_statement(case: Case, step: Open) -> Ending:
    """Step 5."""
    if case.proven is None or case.checkpoint is None:
        return impossible("without entries nothing says which statement was made")
    with step.about(STATEMENT):
        data = read(case.files, DATA + STATEMENT)
        statement = Statement.from_bytes(data)
        case.exported = _entry_of(statement, case.proven)
        case.statement = statement
        case.export_records = _records(statement, case.proven, case.exported)
    if case.statement is None:
        return DONE
    with step.about(STATEMENT):
        _check_head(case, case.statement, step)
    if case.exported is not None:
        with step.about(STATEMENT):
            reach.check_moment(case, case.statement, case.proven, case.exported)
    for name in (TIMELINE, CASE):
        if (DATA + name in case.files.names) == (name in case.statement.left_out):
            step.found(name, "is missing, or is there and said to be left out")
    with step.about(STATEMENT):
        for name in sorted(_differing(case, case.statement)):
            step.found(name, "is there, and neither the statement nor the log lists it")
    for clip in case.statement.clips:
        step.checked += 1
        with step.about(clip.clip):
            _check_clip(clip, case.proven)
    _check_files(case.statement, case.proven, step)
    return DONE


def _entry_of(statement: Statement, proven: Proven) -> int:
    """The first ``export`` entry that names the statement; LogBroken if there is none."""
    for index, raw in proven.of_kind(EntryKind.EXPORTED.value):
        said = msgspec.json.decode(raw, type=facts.Exported)
        if said.statement.sha256 == statement.digest.hex and index >= statement.size:
            return index
    raise LogBroken(
        f"no export entry names {STATEMENT} with SHA-256 {statement.digest.hex}: it was altered, or"
        " this is not the package that was taken out"
    )


def _check_head(case: Case, statement: Statement, step: Open) -> None:
    head, proven = case.checkpoint, case.proven
    if head is None or proven is None:
        return
    if statement.origin != head.origin:
        step.found(STATEMENT, f"is of the log {statement.origin}, the checkpoint of {head.origin}")
    if statement.size > head.size:
        step.found(STATEMENT, f"{statement.size} entries are more than the log has: {head.size}")
    if case.is_whole != (statement.selection.kind == "all"):
        step.found(STATEMENT, "a selection holds entries, a whole package the log; this differs")
    wanted = [] if case.is_whole else sorted({*proven.known} - {case.exported})
    if statement.entries != wanted:
        odd = sorted(set(statement.entries) ^ set(wanted))[:5]
        step.found(STATEMENT, f"its entries are not those that are proven; they differ in {odd}")
    _check_opened(case, statement, step)
    ids = [clip.clip for clip in statement.clips]
    if len(set(ids)) != len(ids):
        step.found(STATEMENT, "lists a clip twice")


def _check_opened(case: Case, statement: Statement, step: Open) -> None:
    """It opens no more than it may, and only of a case does it list documents and dossiers."""
    opened = set(_opened(statement))
    filed = {each.entry for each in (*statement.documents, *statement.dossiers)}
    beyond = any(index >= statement.size for index in opened | filed)
    if beyond or ((opened - filed or statement.exports) and not case.is_whole):
        step.found(STATEMENT, "opens entries that it may not: it is no whole package, or too far")
    if filed and statement.selection.kind not in {"all", "case"}:
        step.found(STATEMENT, "lists documents or dossiers, and is of no case")


def _records(statement: Statement, proven: Proven, exported: int) -> Sequence[str]:
    """Digests of what opens exports: those that are listed, and that of this one in a whole one."""
    if statement.selection.kind != "all":
        return ()
    own = msgspec.json.decode(proven.raw(exported), type=facts.Exported).record
    return [*statement.exports, *([] if own is None else [own.sha256])]


def _opened(statement: Statement) -> list[int]:
    """Numbers of the entries that files open; DigestMismatch for one that is none."""
    if odd := [name for name in statement.openings if not _NUMBER.fullmatch(name)]:
        raise DigestMismatch(f"{odd[0]!r} is no number of an entry")
    return [int(name) for name in statement.openings]


def _differing(case: Case, statement: Statement) -> set[str]:
    """Payload files that nothing lists."""
    payload = {name for name in case.files.names if name.startswith(DATA)}
    tokens = {
        name
        for name in payload
        if name.startswith(DATA + TIMESTAMPS) and name.endswith(_SUFFIX) and name.count("/") == 2  # noqa: PLR2004
    }
    return payload - tokens - {DATA + name for name in _listed(case, statement)}


def _listed(case: Case, statement: Statement) -> Iterator[str]:
    yield from (STATEMENT, CHECKPOINT, TIMELINE, CASE)
    if case.is_whole and case.checkpoint is not None:
        yield from (f"log/{tile.path}" for tile in growth(0, case.checkpoint.size))
    exported = [] if case.exported is None else [case.exported]
    yield from map(census_path, statement.completeness)
    yield from map(openings_path, _opened(statement))
    yield from map(export_path, case.export_records)
    yield from map(law_path, statement.law)
    for each in (*statement.documents, *statement.dossiers):
        yield from [] if each.file is None else [each.file]
    for index in () if case.is_whole else (*statement.entries, *exported):
        yield from (entry_path(index), proof_path(index))
    for clip in statement.clips:
        yield from (path for path in (clip.original, clip.manifest) if path is not None)
        for rendition in clip.renditions:
            yield from rendition.objects.values()


def _check_files(statement: Statement, proven: Proven, step: Open) -> None:
    """Documents and versions are listed once each, in order, where such files lie."""
    for kind, listed, path in (
        (EntryKind.DOCUMENT_ADDED.value, statement.documents, document_path),
        (EntryKind.DOSSIER_MADE.value, statement.dossiers, dossier_path),
    ):
        if [each.entry for each in listed] != sorted({each.entry for each in listed}):
            step.found(STATEMENT, f"does not list its {kind} entries in order, each once")
        for each in listed:
            step.checked += 1
            with step.about(f"entry {each.entry}"):
                _check_file(each, kind, path, proven)


def _check_file(held: PackagedFile, kind: str, path: Callable[[str], str], proven: Proven) -> None:
    if proven.kind(held.entry) != kind:
        raise LogBroken(f"is no {kind} entry")
    if (held.file is None) == (held.without is None):
        raise DigestMismatch("it has both a file and a reason why not, or neither")
    said = msgspec.json.decode(proven.raw(held.entry), type=facts.Filed)
    if held.file not in {None, path(said.sha256)}:
        raise DigestMismatch(f"{held.file} is not where what it names lies")


def _check_clip(clip: PackagedClip, proven: Proven) -> None:
    """Its entries are proven and about it, and its paths are where such files lie."""
    if clip.entries != sorted(set(clip.entries)) or clip.entry not in clip.entries:
        raise DigestMismatch("its entries are not in order, or its own is not among them")
    about = set(proven.clips.get(clip.clip, ()))
    if strangers := sorted(set(clip.entries) - about):
        raise LogBroken(f"entries {strangers[:5]} are not proven to be in the log and about it")
    if proven.kind(clip.entry) != EntryKind.ARCHIVED.value:
        raise LogBroken(f"entry {clip.entry} does not say that it was archived")
    _check_paths(clip, proven)


def _check_paths(clip: PackagedClip, proven: Proven) -> None:
    if clip.manifest not in {None, manifest_path(clip.clip)}:
        raise DigestMismatch(f"{clip.manifest} is not where its manifest lies")
    archived = msgspec.json.decode(proven.raw(clip.entry), type=facts.Archived)
    stem = f"originals/{archived.digests.sha256}"
    if clip.original is not None and not _is_ending(clip.original, stem):
        raise DigestMismatch(f"{clip.original} is not where its original lies")
    if (clip.original is None) == (clip.without is None):
        raise DigestMismatch("it has both an original and a reason why not, or neither")
    for rendition in clip.renditions:
        for name, path in rendition.objects.items():
            if path != rendition_path(clip.clip, rendition.entry, name):
                raise DigestMismatch(f"{path} is not where {name} of its rendition lies")


def _is_ending(path: str, stem: str) -> bool:
    ending = path.removeprefix(stem)
    return path.startswith(stem) and (not ending or ending[0] == ".") and "/" not in ending
