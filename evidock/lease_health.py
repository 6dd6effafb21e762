"""How the locks of a home's originals stand, as anybody who may read its log can see.

One rule: nothing is asked of the archive, since it may be the one that is dead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.leases import LATE_AFTER
from archive.log.store import TileStore
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.note import VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, WIDTH, TileTree
from evidock.home import Home

_MOST = 400
"""Bundles that are read back from the head; walks are written several times a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseHealth:
    """What there is to say of them, and whether all is well."""

    ok: bool
    detail: str


def lease_health(home: Home, now: datetime) -> LeaseHealth:
    """By the log of *home*; EvidenceError, OSError or ValueError if it cannot be read."""
    key = VerifierKey.parse((home.public / "log.vkey").read_text(encoding="utf-8").strip())
    store = TileStore(home.archive / "log")
    note = store.read(CHECKPOINT)
    size = 0 if note is None else open_checkpoint(note, [key]).size
    if size == 0:
        return LeaseHealth(ok=True, detail="the log has no entry yet")
    tree = TileTree(size, store.read)
    walk = next(_walks(tree, size), None)
    if walk is None:
        began = unstamp(str(Entry(tree.entries(0)[0]).fields["at"]))
        late = now - began > LATE_AFTER
        return LeaseHealth(ok=not late, detail="nobody has looked at the leases yet")
    return _of_walk(walk, now)


def _of_walk(walk: Mapping[str, object], now: datetime) -> LeaseHealth:
    at, earliest = unstamp(str(walk["at"])), walk.get("earliest")
    said = f"looked at {stamp(at)}: {walk['clips']} clips are needed"
    if earliest is not None:
        said += f", the first lock of them ends {earliest}"
    wrong = []
    if now - at > LATE_AFTER:
        wrong.append("nothing is renewed since: start the archive, and see its problems")
    if walk["short"] or walk["failed"]:
        wrong.append(f"{walk['short']} end too soon, {walk['failed']} could not be renewed")
    return LeaseHealth(ok=not wrong, detail="; ".join([said, *wrong]))


def _walks(tree: TileTree, size: int) -> Iterator[Mapping[str, object]]:
    """The entries that say how all leases stand, the newest first, as far back as is looked."""
    last = (size - 1) // WIDTH
    for bundle in range(last, max(-1, last - _MOST), -1):
        for raw in reversed(tree.entries(bundle)):
            fields = Entry(raw).fields
            if fields["kind"] == EntryKind.LEASES_LOOKED_AT.value:
                yield fields
