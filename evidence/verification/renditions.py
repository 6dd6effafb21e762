"""Step 9: renditions are those that entries name, and how many the archive compared.

One rule: a rendition is called compared only by a proven entry that came after it, is about that
very rendition, and names the original and all objects that the log names.  What the archive did not
compare may show anything.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from evidence.custody import EntryKind
from evidence.errors import DigestMismatch, LogBroken
from evidence.package import PackagedClip, Rendition
from evidence.verification import facts
from evidence.verification.case import Case
from evidence.verification.clips import NO_STATEMENT, archived, must_be
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, done

_FOUND = {
    EntryKind.RENDITION_VERIFIED.value: "the same",
    EntryKind.RENDITION_COMPARED.value: "a likeness",
    EntryKind.RENDITION_REFUSED.value: "not what the original holds",
}
"""Kind of entry -> what the archive found."""
_NOT_COMPARED = frozenset({"thumbnail.jpg", "tiles.jpg", "tiles.json"})
"""Made anew in each rendition, and no part of what the archive compares."""


def check_renditions(case: Case, step: Open) -> Ending:
    """Step 9."""
    if case.statement is None or case.proven is None:
        return NO_STATEMENT
    count, found = 0, Counter[str]()
    for clip in case.statement.clips:
        for rendition in clip.renditions:
            count += 1
            with step.about(clip.clip):
                derived = _derived(case.proven, clip, rendition)
                _check_objects(case, rendition, derived, step)
                found.update(_compared(case.proven, clip, rendition, derived))
    return done(_words(count, found)) if count else DONE


def _check_objects(case: Case, rendition: Rendition, derived: facts.Derived, step: Open) -> None:
    if rendition.objects.keys() - derived.objects.keys():
        raise LogBroken(f"entry {rendition.entry} does not name all of its objects")
    for name, path in rendition.objects.items():
        step.checked += 1
        with step.about(path):
            must_be(case, path, derived.objects[name].sha256, None)


def _derived(proven: Proven, clip: PackagedClip, rendition: Rendition) -> facts.Derived:
    said = msgspec.json.decode(proven.raw(rendition.entry), type=facts.Derived)
    is_derive = proven.kind(rendition.entry) == EntryKind.RENDITION_MADE.value
    if said.clip != clip.clip or not is_derive:
        raise LogBroken(f"entry {rendition.entry} is no derive entry of {clip.clip}")
    return said


def _compared(
    proven: Proven, clip: PackagedClip, rendition: Rendition, derived: facts.Derived
) -> list[str]:
    """What the archive's last word on *rendition* was; nothing if it did not compare it.

    DigestMismatch if that entry speaks of another original or of other objects, or not of all.
    """
    last = _last_word(proven, clip, rendition)
    if last is None:
        return []
    index, said = last
    if said.original.sha256 != archived(proven, clip).digests.sha256:
        raise DigestMismatch(f"entry {index} compared another original")
    for name, made in sorted(derived.objects.items()):
        if name not in said.objects and name not in _NOT_COMPARED:
            raise DigestMismatch(f"entry {index} did not compare {name}")
        if name in said.objects and said.objects[name].sha256 != made.sha256:
            raise DigestMismatch(f"entry {index} compared another {name}")
    return [_FOUND[proven.kind(index)]]


def _last_word(
    proven: Proven, clip: PackagedClip, rendition: Rendition
) -> tuple[int, facts.Compared] | None:
    last = None
    for index in clip.entries:
        is_later = index > rendition.entry and index in proven
        if is_later and proven.kind(index) in _FOUND:
            said = msgspec.json.decode(proven.raw(index), type=facts.Compared)
            if (said.clip, said.derived) == (clip.clip, rendition.entry):
                last = index, said
    return last


def _words(count: int, found: Counter[str]) -> str:
    told = ", ".join(f"{found[word]} {word}" for word in _FOUND.values() if found[word])
    compared = f"{found.total()} of {count}{f' ({told})' if told else ''}"
    return f"renditions that the archive compared with the original: {compared}"
