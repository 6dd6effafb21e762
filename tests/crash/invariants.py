"""The invariants that hold at every instant, whatever was cut off, and what holds in the end.

They are those of ``notes/reliability.md`` 5.0, as far as a home at rest can show them (I4 and I8
are about acts of people, and are tested where people act):

* I1 a camera's file is gone => its bytes are read back from the vault by version id, and row and
  log entry say so;
* I2 a receipt was handed out => its entry is in the log;
* I3 no two signed heads contradict one another;
* I5 no original is unlocked or gone before its time;
* I6 no object is missing without a word;
* I7 staging was freed => the staged copy had been verified, and the archive held it;
* I9 a camera's file is gone => it had been read twice, and the archive had vouched for its copy.

:func:`violations` may be asked of a home that was killed or lost power a moment ago and was not
started since; :func:`unfinished` of one that has run until everything was settled.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from archive.log.store import TileStore
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import EvidenceError, LogBroken
from evidence.merkle import CompactRange, leaf_hash
from evidence.note import VerifierKey, open_checkpoint
from evidence.receipt import ENTRY_SUFFIX, SUFFIX, Receipt, verify_receipt
from evidence.tiles import CHECKPOINT, WIDTH, TileTree
from evidence.vault import Bucket, Lock, LockMode, Vault
from tests.crash.written import Written

_GONE_ON = {"ARCHIVED", "RELEASED"}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A home at rest with the cards that stand at its dock, and what the world outside knows."""

    home: Path
    docks: Path
    put: Mapping[str, bytes]
    """Every file ever put on a card: its path below the dock root, and its bytes."""
    vault: Vault
    log_key: VerifierKey
    heads: Collection[bytes] = ()
    """Every checkpoint that anybody may have been shown."""

    @cached_property
    def journal(self) -> Written:
        return Written.of(self.home / "station" / "journal.sqlite")

    @cached_property
    def catalogue(self) -> Written:
        return Written.of(self.home / "archive" / "catalogue.sqlite")

    @cached_property
    def told(self) -> list[bytes]:
        """The acts of this station that the archive holds, in the order in which it has them."""
        station = {entry.fields["by"] for entry in map(Entry, self.journal.leaves)}
        acts = [
            Entry(str(entry.fields["act"]).encode())
            for entry in self.catalogue.entries(EntryKind.STATION_ACT)
        ]
        return [act.raw for act in acts if not station or act.fields["by"] in station]

    @cached_property
    def gone(self) -> Mapping[str, Sha256]:
        """The files that are not on their cards any more."""
        return {
            path: Sha256.of(data)
            for path, data in self.put.items()
            if not os.path.lexists(self.docks / path)
        }

    @cached_property
    def tree(self) -> TileTree:
        """The log as it lies on disk, under its own checkpoint."""
        store = TileStore(self.home / "archive" / "log")
        note = store.read(CHECKPOINT)
        try:
            size = 0 if note is None else open_checkpoint(note, [self.log_key]).size
        except LogBroken:
            size = 0  # _log tells
        return TileTree(size, store.read)

    def leaf(self, index: int) -> bytes | None:
        """Entry *index* of the log; None if it does not reach so far, or has lost it."""
        if index >= self.tree.size:
            return None
        try:
            return self.tree.entries(index // WIDTH)[index % WIDTH]
        except LogBroken:
            return None


def violations(scene: Scene) -> list[str]:
    """Every invariant that does not hold, in words; empty is what they all must be."""
    checks = (_databases, _cards, _archived, _released, _receipts, _heads, _log, _staging, _numbers)
    return [problem for check in checks for problem in check(scene)]


def unfinished(scene: Scene, *, erased: bool) -> list[str]:
    """What is missing after everything ran to its end; *erased*: cards were to be emptied."""
    checks = (_all_archived, _stored_once, _all_told)
    found = [problem for check in checks for problem in check(scene)]
    return found + (list(_all_erased(scene)) if erased else [])


def _databases(scene: Scene) -> Iterator[str]:
    for name, book in (("journal", scene.journal), ("catalogue", scene.catalogue)):
        if book.damage is not None:
            yield f"I1: the {name} is damaged: {book.damage}"


def _cards(scene: Scene) -> Iterator[str]:
    """What stands on a card is what was put there."""
    for path, data in scene.put.items():
        file = scene.docks / path
        if file.exists() and file.read_bytes() != data:
            yield f"I1: {path} was altered on its card"


def _archived(scene: Scene) -> Iterator[str]:
    """I5, I6: every clip of the catalogue is in the vault, whole and locked."""
    for row in scene.catalogue["clip"]:
        found = scene.vault.find(Bucket.ORIGINALS, row["key"], row["version_id"])
        if found is None:
            yield f"I6: {row['id']} is in the catalogue and not in the vault"
            continue
        wanted = Lock(mode=LockMode(row["lock_mode"]), until=unstamp(row["lock_until"]))
        if found.lock is None or not found.lock.covers(wanted):
            yield f"I5: {row['id']} is locked by {found.lock}, not {wanted}"
        if _digest(scene.vault, row["key"], row["version_id"]) != row["sha256"]:
            yield f"I6: {row['id']} reads back as other bytes"


def _digest(vault: Vault, key: str, version: str) -> str:
    try:
        return Sha256.of_blocks(vault.read(Bucket.ORIGINALS, key, version)).hex
    except EvidenceError as error:
        return str(error)


def _released(scene: Scene) -> Iterator[str]:
    """I1, I9: what is gone from a card is archived, on record and was proven."""
    granted = {
        str(entry.fields["digests"]) for entry in scene.catalogue.entries(EntryKind.RELEASE_GRANTED)
    }
    let_go = {
        str(entry.fields["sha256"]) for entry in scene.journal.entries(EntryKind.CLIP_RELEASED)
    }
    for path, digest in scene.gone.items():
        below = path.partition("/")[2].encode().hex()
        rows = [
            row
            for row in scene.catalogue["clip"]
            if (row["sha256"], row["path_hex"]) == (digest.hex, below)
        ]
        if not rows:
            yield f"I1: {path} is gone from its card and not archived"
            continue
        entries = [scene.catalogue["entry"][row["archived_entry"]] for row in rows]
        if not any(
            entry["kind"] == EntryKind.ARCHIVED and scene.leaf(entry["seq"]) == entry["raw"]
            for entry in entries
        ):
            yield f"I1: {path} is gone and no archive entry of it is in the log"
        if digest.hex not in let_go:
            yield f"I9: {path} is gone and no clip.released stands in the journal"
        if str({"sha256": digest.hex}) not in granted:
            yield f"I9: {path} is gone and the archive never granted it"


def _receipts(scene: Scene) -> Iterator[str]:
    """I2: whatever a receipt proves is in the log of today, or about to be again."""
    for file in (scene.home / "receipts").glob(f"*{SUFFIX}"):
        entry = file.with_name(file.name.removesuffix(SUFFIX) + ENTRY_SUFFIX)
        try:
            index = verify_receipt(file.read_bytes(), entry.read_bytes(), [scene.log_key]).index
        except (OSError, LogBroken) as error:
            yield f"I2: receipt {file.name} proves nothing: {error}"
            continue
        if entry.read_bytes() not in scene.catalogue.leaves[index : index + 1]:
            yield f"I2: receipt {file.name} is about entry {index}, which is not there"


def _heads(scene: Scene) -> Iterator[str]:
    """I3: every head that was ever shown is one of the tree that grows from the record."""
    notes = set(scene.heads)
    for file in (scene.home / "receipts").glob(f"*{SUFFIX}"):
        with suppress(LogBroken):  # what is no receipt is told of above
            notes.add(Receipt.parse(file.read_bytes()).note)
    leaves = [leaf_hash(leaf) for leaf in scene.catalogue.leaves]
    for note in notes:
        try:
            head = open_checkpoint(note, [scene.log_key])
        except LogBroken as error:
            yield f"I3: a head that was shown is not signed by today's key: {error}"
            continue
        if CompactRange().extended(leaves[: head.size]).root != head.root:
            yield f"I3: the head at {head.size} that was shown is of no tree of {len(leaves)}"


def _log(scene: Scene) -> Iterator[str]:
    """The log is the beginning of the record."""
    leaves = scene.catalogue.leaves
    note = TileStore(scene.home / "archive" / "log").read(CHECKPOINT)
    try:
        if note is not None:
            open_checkpoint(note, [scene.log_key])
    except LogBroken as error:
        yield f"I3: the log's checkpoint is none: {error}"
    if scene.tree.size > len(leaves):
        yield f"I3: the log has {scene.tree.size} entries, the record only {len(leaves)}"
    for index, leaf in enumerate(leaves[: scene.tree.size]):
        if scene.leaf(index) != leaf:
            yield f"I3: entry {index} of the log is not that of the record"


def _staging(scene: Scene) -> Iterator[str]:
    """I7: room was given back only after the copy was verified; what is due is still there."""
    seen = {entry.clip for entry in scene.journal.entries(EntryKind.CLIP_VERIFIED)}
    for clip in scene.journal["clip"]:
        if clip["freed"] and (clip["id"] not in seen or clip["state"] not in _GONE_ON):
            yield f"I7: the staged copy of {clip['id']} was freed in state {clip['state']}"
        staged = scene.home / "station" / "staging" / clip["id"]
        if clip["state"] in {"PULLED", "VERIFIED"} and (
            not staged.exists() or Sha256.of(staged.read_bytes()).hex != clip["sha256"]
        ):
            yield f"I7: {clip['id']} is {clip['state']}, and staging does not hold it"


def _numbers(scene: Scene) -> Iterator[str]:
    """Both records are gapless, and the archive has no act the station does not have."""
    for name, book, first in (("journal", scene.journal, 1), ("catalogue", scene.catalogue, 0)):
        numbers = [row["seq"] for row in book["entry"]]
        if numbers != list(range(first, first + len(numbers))):
            yield f"I3: the {name} has a gap"
    told = scene.told
    if told != scene.journal.leaves[: len(told)]:
        yield f"I2: the archive holds {len(told)} acts that are not the station's first ones"


def _all_archived(scene: Scene) -> Iterator[str]:
    held = {row["sha256"] for row in scene.catalogue["clip"]}
    for path, data in scene.put.items():
        if Sha256.of(data).hex not in held:
            yield f"{path} is not archived"
    for clip in scene.journal["clip"]:
        if clip["state"] in _GONE_ON and not clip["receipt"]:
            yield f"{clip['id']} has no receipt"
    left = list((scene.home / "station" / "staging").iterdir())
    if left:
        yield f"staging still holds {[file.name for file in left]}"


def _stored_once(scene: Scene) -> Iterator[str]:
    """No whole copy twice: one that a cut left damaged is never believed, and another is stored."""
    stored, whole = Counter[str](), Counter[str]()
    for version in scene.vault.versions(Bucket.ORIGINALS):
        if version.key.startswith("."):
            continue
        digest = version.key.rpartition("/")[2]
        stored[digest] += 1
        whole[digest] += _digest(scene.vault, version.key, version.version_id) == digest
    if wrong := {key: count for key, count in whole.items() if count > 1}:
        yield f"stored more than once: {wrong}"
    if strange := stored.keys() - {Sha256.of(data).hex for data in scene.put.values()}:
        yield f"stored, and never on a card: {sorted(strange)}"


def _all_told(scene: Scene) -> Iterator[str]:
    told, made = len(scene.told), len(scene.journal["entry"])
    if told != made:
        yield f"the archive has {told} of the station's {made} entries"
    if scene.tree.size != len(scene.catalogue.leaves):
        yield f"the log has {scene.tree.size} of {len(scene.catalogue.leaves)} entries"


def _all_erased(scene: Scene) -> Iterator[str]:
    for path in scene.put.keys() - scene.gone.keys():
        yield f"{path} is still on its card"
    for row in scene.journal["erasure"]:
        if not row["done"]:
            yield f"the erase of {row['path']!r} has no end in the journal"
    if scene.catalogue.entries(EntryKind.RELEASE_DISPUTED):
        yield "an erase is disputed"
