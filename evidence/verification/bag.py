"""Steps 1 and 2: the reader's policy, and whether the bag holds what its manifests list (RFC 8493).

One rule: the manifests must be exactly as ours are written (sorted, lower case, each name once), so
that no byte of them can change without meaning.  They prove nothing by themselves: whoever changes
a file can write them anew, and the later steps are what gives that away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evidence.errors import DigestMismatch, SetupError
from evidence.package import HTML
from evidence.policy import Policy
from evidence.verification.case import Case
from evidence.verification.files import Files, measure, read
from evidence.verification.verdict import DONE, Ending, Open, waits

BAGIT: Final = "bagit.txt"
INFO: Final = "bag-info.txt"
README: Final = "README.txt"
PAYLOAD: Final = "manifest-sha256.txt"
TAGS: Final = "tagmanifest-sha256.txt"
DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DATA: Final = "data/"

_MUST = (BAGIT, INFO, PAYLOAD, TAGS)
_LONGEST_LINE = 8192
_MAY = frozenset({*_MUST, HTML, README})


def read_policy(case: Case, step: Open) -> Ending:
    """Step 1."""
    if case.brought.policy is None:
        return waits("no policy was given (--policy): nobody's keys are trusted")
    try:
        case.policy = Policy.parse(case.brought.policy)
    except (SetupError, ValueError) as error:
        step.found("policy", str(error))
        return DONE
    if not case.policy.logs:
        step.found("policy", "it names no log, so no checkpoint can be believed")
    step.checked = len(case.policy.logs) + len(case.policy.witnesses)
    return DONE


def check_bag(case: Case, step: Open) -> Ending:
    """Step 2."""
    for name, why in case.files.refused:
        step.found(name, why)
    _measure_all(case, step)
    for name in _MUST:
        if name not in case.files.names:
            step.found(name, "is missing")
    for name in case.files.names:
        if not name.startswith(DATA) and name not in _MAY:
            step.found(name, "has no place in a package")
    payload = {name for name in case.files.names if name.startswith(DATA)}
    _compare(case, step, PAYLOAD, payload)
    _compare(case, step, TAGS, case.files.names - payload - {TAGS})
    with step.about(BAGIT):
        if read(case.files, BAGIT) != DECLARATION:
            step.found(BAGIT, "is not the declaration of a BagIt 1.0 folder")
    with step.about(INFO):
        _check_oxum(case, step, payload)
    return DONE


def listed(files: Files, manifest: str) -> Mapping[str, str]:
    """Name -> SHA-256, as the manifest file says; DigestMismatch unless written as ours are."""
    found: dict[str, str] = {}
    if manifest not in files.names:
        raise DigestMismatch(f"{manifest} is missing")
    last: str | None = None
    with files.open(manifest) as stream:
        while line := stream.readline(_LONGEST_LINE).decode("utf-8"):
            digest, _, written = line.removesuffix("\n").partition("  ")
            name = _decoded(written)
            if line != _line(digest, name) or (last is not None and name <= last):
                raise DigestMismatch(f"{manifest} is not sorted, or not written as manifests are")
            found[name], last = digest, name
    return found


def manifest_text(digests: Mapping[str, str]) -> str:
    """A manifest file: by name, the digest in lower case and two spaces before each."""
    return "".join(_line(digests[name], name) for name in sorted(digests))


def _line(digest: str, name: str) -> str:
    return f"{digest}  {_encoded(name)}\n"


def _compare(case: Case, step: Open, manifest: str, held: set[str] | frozenset[str]) -> None:
    with step.about(manifest):
        told = listed(case.files, manifest)
        for name in sorted(told.keys() - held):
            step.found(name, f"is missing; {manifest} lists it")
        for name in sorted(held - told.keys()):
            step.found(name, f"is not listed in {manifest}")
        for name in sorted(held & told.keys() & case.measured.keys()):
            found = case.measured[name][0]
            if found != told[name]:
                step.found(name, f"has SHA-256 {found}; {manifest} says {told[name]}")


def _measure_all(case: Case, step: Open) -> None:
    names = sorted(case.files.names)
    total, done = sum(case.files.size(name) for name in names), 0

    def passed(count: int) -> None:
        nonlocal done
        done += count
        case.told("reading files", done, total)

    for name in names:
        with step.about(name):
            case.measured[name] = measure(case.files, name, passed)
            step.checked += 1


def _check_oxum(case: Case, step: Open, payload: set[str]) -> None:
    """``Payload-Oxum`` is bytes and files of the payload, if it is there (RFC 8493 2.2.2)."""
    lines = read(case.files, INFO).decode("utf-8").split("\n")
    size = sum(case.measured[name][1] for name in payload & case.measured.keys())
    for line in lines:
        label, _, value = line.partition(": ")
        if label == "Payload-Oxum" and value != f"{size}.{len(payload)}":
            step.found(INFO, f"says Payload-Oxum {value}; there are {size}.{len(payload)}")


def _encoded(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _decoded(name: str) -> str:
    return name.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
