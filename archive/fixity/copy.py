"""Steps 9 and 10: the vault's copy of the log, and objects that no record knows.  They block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.fixity import Component, Finding, Step
from archive.log.mirror import PREFIX
from evidence.errors import DigestMismatch, LogBroken
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, Read, check_growth, growth
from evidence.vault import Bucket, StoredVersion, Vault
from evidence.vault.probe import CANARIES

_PAGE = 200


def examine_copy(
    vault: Vault, ours: Read, key: VerifierKey, size: int, wrong: Sequence[str]
) -> list[Finding]:
    """Step 9; *size* is that of our log, *wrong* the paths of our own files known to be wrong."""
    copy = _Copy(vault, ours, key, wrong)
    note = _read(vault, CHECKPOINT)
    while True:
        found = copy.under(note, size)
        now = _read(vault, CHECKPOINT)
        if not found or now == note:
            return found
        note = now  # the copy has moved on, and let go of what was superseded


@dataclass(frozen=True, slots=True)
class _Copy:
    """The copy in *vault*, and what it is held against."""

    vault: Vault
    ours: Read
    key: VerifierKey
    wrong: Sequence[str]

    def under(self, note: bytes | None, size: int) -> list[Finding]:
        """What differs in the copy whose checkpoint is *note*."""
        if note is None:
            return [_finding(CHECKPOINT, "is missing: the vault holds no copy")] if size else []
        vault, ours, key = self.vault, self.ours, self.key
        try:
            theirs = open_checkpoint(note, [key])
            check_growth(0, theirs.size, theirs.root, lambda path: _read(vault, path))
        except (LogBroken, DigestMismatch) as error:
            differing = _differing(vault, ours, key, note, self.wrong)
            return differing or [_finding(CHECKPOINT, str(error))]
        own = _opened(ours(CHECKPOINT) or b"", key)  # ours may have moved on meanwhile
        size = max(size, own.size if own else 0)
        if theirs.size > size:
            problem = f"has {theirs.size} entries, our log only {size}: ours is an old one"
            return [_finding(CHECKPOINT, problem)]
        return []


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


def _differing(
    vault: Vault, ours: Read, key: VerifierKey, note: bytes, wrong: Sequence[str]
) -> list[Finding]:
    """The files of the copy that are not ours, as far as ours are right."""
    checkpoint = _opened(note, key)
    if checkpoint is None:
        return []
    found = []
    for tile in growth(0, checkpoint.size):
        held, own = _read(vault, tile.path), ours(tile.path)
        if own is not None and held != own and tile.path not in wrong:
            problem = "is missing" if held is None else "holds other bytes than the log's own file"
            found.append(_finding(tile.path, problem))
    return found


def _opened(note: bytes, key: VerifierKey) -> Checkpoint | None:
    try:
        return open_checkpoint(note, [key])
    except LogBroken:
        return None


def _read(vault: Vault, path: str) -> bytes | None:
    found = vault.find(Bucket.RECORDS, PREFIX + path)
    if found is None:
        return None
    return b"".join(vault.read(found.bucket, found.key, found.version_id))


def _finding(path: str, problem: str) -> Finding:
    return Finding(
        step=Step.COPY,
        component=Component.LOG_COPY,
        subject=f"records/{PREFIX}{path}",
        problem=problem,
    )
