"""Steps 9 and 10: the vault's copy of the log, and objects that no record knows.  They block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.fixity import Component, Finding, Step
from archive.fixity.leaves import Leaves
from archive.fixity.objects import Objects, Unread
from archive.log.mirror import PREFIX
from evidence.errors import LogBroken
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, Read, TileTree, check_growth, growth
from evidence.vault import Bucket, StoredVersion, Vault
from evidence.vault.probe import CANARIES

_PAGE = 200


def examine_copy(objects: Objects, ours: Read, key: VerifierKey, leaves: Leaves) -> list[Finding]:
    """Step 9; *leaves* are what was found of our own log."""
    size, wrong = leaves.size, [finding.subject for finding in leaves.findings]
    copy = _Copy(objects, ours, key, wrong, leaves.is_sound)
    try:
        note = copy.read(CHECKPOINT)
        while True:
            found = copy.under(note, size)
            now = copy.read(CHECKPOINT)
            if not found or now == note:
                return found
            note = now  # the copy has moved on, and let go of what was superseded
    except LogBroken as error:
        return [_finding(CHECKPOINT, str(error))]


@dataclass(frozen=True, slots=True)
class _Copy:
    """The copy in the vault, and what it is held against."""

    objects: Objects
    ours: Read
    key: VerifierKey
    wrong: Sequence[str]
    """Paths of our own files known to be wrong."""
    is_sound: bool
    """Whether roots can be reckoned from ours."""

    def read(self, path: str) -> bytes | None:
        """The copy of our file; LogBroken if the store cannot give it."""
        held = self.objects.newest(Bucket.RECORDS, PREFIX + path)
        if isinstance(held, Unread):
            raise LogBroken(held.problem)
        return held

    def under(self, note: bytes | None, size: int) -> list[Finding]:
        """What differs in the copy whose checkpoint is *note*."""
        if note is None:
            return [_finding(CHECKPOINT, "is missing: the vault holds no copy")] if size else []
        try:
            theirs = open_checkpoint(note, [self.key])
        except LogBroken as error:
            return [_finding(CHECKPOINT, str(error))]
        try:
            check_growth(0, theirs.size, theirs.root, self.read)
        except LogBroken as error:
            return self._differing(theirs.size) or [_finding(CHECKPOINT, str(error))]
        size = max(size, self._reach())
        if theirs.size > size:
            problem = f"has {theirs.size} entries, our log only {size}: ours is an old one"
            return [_finding(CHECKPOINT, problem)]
        return self._other_history(theirs) if self.is_sound else []

    def _other_history(self, theirs: Checkpoint) -> list[Finding]:
        """That the copy is true in itself, and of another log than ours."""
        reach = self._reach()
        try:
            if CompactRange.read(TileTree(reach, self.ours), theirs.size).root == theirs.root:
                return []
        except LogBroken:
            if self._reach() != reach:  # ours moved on, and let go of what was superseded
                return self._other_history(theirs)
            raise
        problem = f"is of another history: our log has another root at {theirs.size} entries"
        return [_finding(CHECKPOINT, problem)]

    def _reach(self) -> int:
        """How many entries our own log has by now: it may have moved on, too."""
        note = self.ours(CHECKPOINT)
        try:
            return 0 if note is None else open_checkpoint(note, [self.key]).size
        except LogBroken:
            return 0

    def _differing(self, size: int) -> list[Finding]:
        """The files of the copy that are not ours, as far as ours are right."""
        found = []
        for tile in growth(0, size):
            own, problem = self.ours(tile.path), "holds other bytes than the log's own file"
            try:
                held = self.read(tile.path)
            except LogBroken as error:
                held, problem = b"", str(error)
            if own is not None and held != own and tile.path not in self.wrong:
                problem = "is missing" if held is None else problem
                found.append(_finding(tile.path, problem))
        return found


def unknown_pages(vault: Vault) -> Iterator[list[StoredVersion]]:
    """All versions among originals that are no canaries, some hundred at a time."""
    page: list[StoredVersion] = []
    for version in vault.versions(Bucket.ORIGINALS):
        if version.key.startswith(CANARIES):
            continue
        page.append(version)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def stray(version: StoredVersion) -> Finding:
    """That *version* is known to nobody."""
    return Finding(
        step=Step.STRAYS,
        component=Component.STRAY,
        subject=f"originals/{version.key} version {version.version_id}",
        problem="no clip's original, on no offer, and not known to be bad",
    )


def _finding(path: str, problem: str) -> Finding:
    return Finding(
        step=Step.COPY,
        component=Component.LOG_COPY,
        subject=f"records/{PREFIX}{path}",
        problem=problem,
    )
