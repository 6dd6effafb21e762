"""In step 4 of a whole log: anchors are over the entries as they are.

One rule: the entries' bytes are hashed anew, by the anchors' own hashes, and no tile is asked.  An
anchor in the log shows only that the log agrees with itself; one that the reader brought from
elsewhere shows that no entry before it was changed since, even by somebody who can forge SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from evidence.anchoring import Anchor, AnchorsAt, KeptAnchor, differences, hashes_here
from evidence.custody import EntryKind
from evidence.errors import LogBroken
from evidence.tiles import WIDTH
from evidence.verification.case import Case
from evidence.verification.verdict import DONE, Ending, Open, done, waits

Bundle = Callable[[int], Sequence[bytes]]
BROUGHT = "the anchor that was brought"
NO_LOG = waits("an anchor was given, and only a whole log can be held against it")
_WORDS = {"sm3": "sm3 (no library on this machine has it)"}


def check_anchors(case: Case, bundle: Bundle, step: Open) -> Ending:
    """How step 4 ends of the log whose entries *bundle* gives, once they were looked at."""
    before = len(step.findings)
    wanted = [*_in_log(case, step), *_brought(case, step)]
    if not wanted or case.checkpoint is None:
        return DONE
    hashes = hashes_here(case.brought.sm3)
    at = AnchorsAt(case.checkpoint.origin, [each.size for _, each in wanted], hashes)
    with step.about("anchors"):
        while not at.is_done:
            case.told("hashing entries for anchors", at.size, case.checkpoint.size)
            at.add(bundle(at.size // WIDTH))
    for subject, anchor in wanted:
        if anchor.size in at.found:
            for problem in differences(anchor, at.found[anchor.size]):
                step.found(subject, problem)
    unknown = {name for _, each in wanted for name in each.roots} - hashes.keys()
    if unknown:
        names = [_WORDS.get(name, f"{name} (not known here)") for name in sorted(unknown)]
        return waits(f"roots of anchors were not checked: {', '.join(names)}")
    if len(step.findings) > before:
        return DONE
    last = max(each.size for _, each in wanted)
    return done(f"{len(wanted)} anchors hold, the last over {last} entries")


def _in_log(case: Case, step: Open) -> Iterator[tuple[str, Anchor]]:
    if case.proven is None:
        return
    for index, raw in case.proven.of_kind(EntryKind.LOG_ANCHORED.value):
        with step.about(f"entry {index}"):
            anchor = Anchor.of_entry(raw)
            if anchor.size > index:
                raise LogBroken(f"is over {anchor.size} entries, of which it is one")
            yield f"entry {index}", anchor


def _brought(case: Case, step: Open) -> Iterator[tuple[str, Anchor]]:
    if case.brought.anchor is None or case.checkpoint is None:
        return
    with step.about(BROUGHT):
        kept = KeptAnchor.from_bytes(case.brought.anchor)
        if kept.origin != case.checkpoint.origin:
            raise LogBroken(f"is of the log {kept.origin}")
        if kept.anchor.size > case.checkpoint.size:
            raise LogBroken(
                f"is over {kept.anchor.size} entries; this log has {case.checkpoint.size}: it is an"
                " older one, or was cut short"
            )
        yield BROUGHT, kept.anchor
