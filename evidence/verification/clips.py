"""Steps 7 and 8: manifests and openings, and originals, are those that entries name.

One rule: what a file must be comes from an entry that was proven to be in the log, never from the
file's own name or from a manifest of the bag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from evidence.commitment import check_opening
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, LogBroken
from evidence.manifest import Manifest
from evidence.openings import Openings
from evidence.package import PackagedClip, export_path, openings_path
from evidence.verification import facts
from evidence.verification.bag import DATA
from evidence.verification.beside import Beside
from evidence.verification.case import Case
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import Ending, Open, impossible

_READ = frozenset({EntryKind.CLIP_PULLED.value, EntryKind.CLIP_VERIFIED.value})
NO_STATEMENT = impossible("without a statement nothing says which clips are meant")
"""How a step ends that looks at clips, where there are none to look at."""


def archived(proven: Proven, clip: PackagedClip) -> facts.Archived:
    """What the archive's own entry says of *clip*; LogBroken if it is not about it."""
    said = msgspec.json.decode(proven.raw(clip.entry), type=facts.Archived)
    if proven.kind(clip.entry) != EntryKind.ARCHIVED.value or said.clip != clip.clip:
        raise LogBroken(f"entry {clip.entry} is no archive.verified entry of {clip.clip}")
    return said


def check_openings(case: Case, step: Open) -> Ending:
    """Step 7."""
    if case.statement is None or case.proven is None:
        return NO_STATEMENT
    beside = Beside(case, case.proven)
    for clip in case.statement.clips:
        with step.about(clip.clip):
            if clip.manifest is None:
                if clip.without != "disposed":
                    raise DigestMismatch("its manifest was left out")
                continue
            step.checked += 1
            _check_manifest(case, case.proven, clip)
            beside.see_manifest(clip)
    for name, sha256 in case.statement.openings.items():
        with step.about(f"openings/{name}.json"):
            step.checked += 1
            opened(case, case.proven, int(name), sha256)
    for sha256 in case.export_records:
        path = export_path(sha256)
        step.checked += 1
        with step.about(path):
            must_be(case, path, sha256, None)
    return beside.ending


def check_originals(case: Case, step: Open) -> Ending:
    """Step 8."""
    if case.statement is None or case.proven is None:
        return NO_STATEMENT
    beside = Beside(case, case.proven)
    for clip in case.statement.clips:
        with step.about(clip.clip):
            said = archived(case.proven, clip)
            acts = list(_read_there(case.proven, clip))
            _must_be_as_read(acts, said)
            if clip.original is None:
                continue
            step.checked += 1
            must_be(case, clip.original, said.digests.sha256, said.size)
            beside.see_original(clip, [*_signed(acts), *_read_later(case.proven, clip)])
    return beside.ending


def must_be(case: Case, path: str, sha256: str, size: int | None) -> None:
    """See that the file at *path* was read with just that digest and size."""
    measured = case.measured.get(DATA + path)
    if measured is None:
        raise DigestMismatch(f"{path} is missing, or could not be read")
    if measured[0] != sha256:
        raise DigestMismatch(f"{path} has SHA-256 {measured[0]}; the log says {sha256}")
    if size is not None and measured[1] != size:
        raise DigestMismatch(f"{path} has {measured[1]} bytes; the log says {size}")


def _read_there(proven: Proven, clip: PackagedClip) -> Iterator[tuple[int, facts.Read]]:
    """What stations signed that they had read of *clip*, and in which entries."""
    for index in clip.entries:
        if proven.kind(index) != EntryKind.STATION_ACT.value:
            continue
        raw = msgspec.json.decode(proven.raw(index), type=facts.Act).act.encode("utf-8")
        read_there = msgspec.json.decode(raw, type=facts.Read)
        if read_there.kind in _READ:
            yield index, read_there


def _signed(acts: Sequence[tuple[int, facts.Read]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for index, act in acts:
        if act.sm3 is not None:
            yield index, {"sm3": act.sm3}


def _read_later(proven: Proven, clip: PackagedClip) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Digests that the archive took of the original since, and in which entries."""
    for index in clip.entries:
        if proven.kind(index) == EntryKind.CLIP_DIGESTED.value:
            yield index, msgspec.json.decode(proven.raw(index), type=facts.Digested).digests


def _must_be_as_read(acts: Sequence[tuple[int, facts.Read]], said: facts.Archived) -> None:
    """See that the archive took in what the station signed that it had read, or DigestMismatch."""
    for index, read_there in acts:
        if read_there.sha256 not in {None, said.digests.sha256}:
            raise DigestMismatch(
                f"its station signed SHA-256 {read_there.sha256} in entry {index};"
                f" the archive took in {said.digests.sha256}"
            )
        if read_there.size not in {None, said.size}:
            raise DigestMismatch(
                f"its station signed {read_there.size} bytes in entry {index};"
                f" the archive took in {said.size}"
            )


def _check_manifest(case: Case, proven: Proven, clip: PackagedClip) -> None:
    said = archived(proven, clip)
    data = read(case.files, f"{DATA}{clip.manifest}")
    if Sha256.of(data).hex != said.manifest.sha256:
        raise DigestMismatch(
            f"{clip.manifest} has SHA-256 {Sha256.of(data)}; the log says {said.manifest.sha256}"
        )
    facts.parse(data)
    manifest = Manifest.from_bytes(data)
    if (manifest.clip, manifest.sha256.hex, manifest.size) != (
        clip.clip,
        said.digests.sha256,
        said.size,
    ):
        raise DigestMismatch(f"{clip.manifest} is of another clip")
    if manifest.openings.keys() != said.commitments.keys():
        raise DigestMismatch(f"{clip.manifest} does not open just what its entry commits to")
    for index, name, committed in _commitments(proven, clip):
        if name in manifest.openings:
            try:
                check_opening(name, manifest.openings[name], Sha256.from_hex(committed))
            except DigestMismatch as error:
                raise DigestMismatch(f"entry {index}: {error}") from error


def opened(case: Case, proven: Proven, index: int, sha256: str) -> Openings:
    """What opens entry *index* beside manifests, of that digest; DigestMismatch if it does not.

    What lies beside the openings there is no fact.
    """
    data = read(case.files, DATA + openings_path(index))
    if Sha256.of(data).hex != sha256:
        raise DigestMismatch(f"it has SHA-256 {Sha256.of(data)}; the statement says {sha256}")
    facts.parse(data)
    held = Openings.from_bytes(data)
    committed = msgspec.json.decode(proven.raw(index), type=facts.Committed).commitments
    if held.entry != index or held.openings.keys() - committed.keys():
        raise DigestMismatch(f"it opens another entry than {index}, or what that does not hold")
    for name, opening in held.openings.items():
        check_opening(name, opening, Sha256.from_hex(committed[name]))
    return held


def _commitments(proven: Proven, clip: PackagedClip) -> Iterator[tuple[int, str, str]]:
    """What the archive's entry commits to, and what the station itself did before.

    Other entries about the clip commit to other things: who watched it, and why.
    """
    for index in (index for index in clip.entries if index in proven):
        raw, kind = proven.raw(index), proven.kind(index)
        if kind == EntryKind.STATION_ACT.value:
            raw = msgspec.json.decode(raw, type=facts.Act).act.encode("utf-8")
        elif kind != EntryKind.ARCHIVED.value:
            continue
        for name, committed in msgspec.json.decode(raw, type=facts.Committed).commitments.items():
            yield index, name, committed
