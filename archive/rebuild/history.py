"""The log among all copies of it that is the longest one, whole and true.

One rule: a checkpoint is believed for a key that was trusted before, and files for its root.  Two
copies of which neither is the beginning of the other are a fork: then none is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.fixity import Component, Finding, Step
from archive.log.store import TileStore
from archive.rebuild.source import LogFiles
from evidence.errors import EvidenceError, LogBroken, TemporaryError
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, WIDTH, Read, TileTree, check_growth, growth


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One log: its signed head, and files that give its root."""

    name: str
    """Where it lies, for people."""
    note: bytes
    checkpoint: Checkpoint
    read: Read

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.checkpoint.size

    def entries(self, first: int, end: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        """The entries from log index *first* to *end*, exclusive: where a part begins, and it."""
        tree = TileTree(self.size, self.read)
        for index in range(first // WIDTH, -(-end // WIDTH)):
            begins = index * WIDTH
            part = tree.entries(index)[max(first - begins, 0) : end - begins]
            yield max(first, begins), part

    def copy(self, store: TileStore) -> None:
        """Write all its files into *store*, the checkpoint last."""
        tree = TileTree(self.size, self.read)
        for tile in growth(0, self.size):
            store.write(tile, tree.file(tile))
        check_growth(0, self.size, self.checkpoint.root, store.read)
        store.publish(self.note)

    def begins_with(self, other: Checkpoint) -> bool:
        """Whether *other* is a head that this log had."""
        if other.size > self.size or other.origin != self.checkpoint.origin:
            return False
        tree = TileTree(self.size, self.read)
        return CompactRange.read(tree, other.size).root == other.root


def newest(
    places: Sequence[LogFiles], keys: Sequence[VerifierKey]
) -> tuple[History, list[Finding]]:
    """The longest true log in *places*, and what is wrong with the others; one may be gone.

    LogBroken if there is none, or two of them are a fork.
    """
    findings: list[Finding] = []
    empty: list[str] = []
    heads = [head for place in places if (head := _head(place, keys, findings, empty))]
    heads.sort(key=lambda head: -head.size)
    chosen = None
    for head in heads:
        try:
            check_growth(0, head.size, head.checkpoint.root, head.read)
        except (LogBroken, TemporaryError) as error:
            findings.append(_finding(head.name, f"is not whole: {error}"))
            continue
        chosen = head
        break
    if chosen is None:
        told = "; ".join([*(finding.problem for finding in findings), *empty])
        raise LogBroken(f"no copy of the log is whole and true: {told}")
    _see_one_history(chosen, heads)
    return chosen, findings


def _head(
    place: LogFiles, keys: Sequence[VerifierKey], findings: list[Finding], empty: list[str]
) -> History | None:
    try:
        note = place.read(CHECKPOINT)
        if note is None:
            empty.append(f"{place.name} has no checkpoint")
            return None
        checkpoint = open_checkpoint(note, keys)
    except EvidenceError as error:
        findings.append(_finding(place.name, str(error)))
        return None
    return History(name=place.name, note=note, checkpoint=checkpoint, read=place.read)


def _see_one_history(chosen: History, heads: Sequence[History]) -> None:
    """LogBroken unless every signed head that is no longer than *chosen* is one it had."""
    for head in heads:
        if head.size <= chosen.size and not chosen.begins_with(head.checkpoint):
            raise LogBroken(
                f"{head.name} and {chosen.name} are two histories: both are signed, and at"
                f" {head.size} entries they differ",
                advice="Keep both as they are: together they prove that the log was forked.",
            )


def _finding(name: str, problem: str) -> Finding:
    return Finding(
        step=Step.CHECKPOINT, component=Component.LOG, subject=name, problem=f"{name} {problem}"
    )
