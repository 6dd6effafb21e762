"""Re-anchoring: roots over the whole log by other hashes than SHA-256, put on record.

1. Every entry under the published checkpoint is read from the log's own bundles.
2. In one pass its tree is made by SHA-256 and by each other hash that this machine has.
3. Only if SHA-256 gives the signed root, a ``log.anchor`` entry holds the other roots.

So an anchor is of just the entries that were signed for, and the next checkpoint, with who
cosigns and stamps it, covers the anchor.  Safe to repeat: each anchor is over the whole log anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading

from archive.books import Books
from archive.catalogue import entries
from archive.catalogue.clips import ARCHIVE
from archive.log.log import Log
from evidence.anchoring import Anchor, KeptAnchor, Roots, hashes_here
from evidence.custody import EntryKind
from evidence.digests import sm3_maker
from evidence.errors import LogBroken, OutOfTurn, TemporaryError
from evidence.note import open_checkpoint
from evidence.tiles import WIDTH, TileTree

_TREE = "sha256"


async def anchored(books: Books) -> KeptAnchor:
    """Anchor the log as it is now; what was put on record, and is signed for.

    LogBroken if the bundles do not give the signed root; OutOfTurn while the log is empty.
    """
    if committed := await books.catalogue.run(entries.count):
        await books.sequencer.sequenced(committed - 1)
    stop = threading.Event()
    try:
        anchor = await asyncio.to_thread(anchor_of, books.log, stop)
    finally:
        stop.set()  # whoever asked may have gone: no thread reads on for nobody
    entry = await books.record(EntryKind.LOG_ANCHORED, ARCHIVE, clip=None, **anchor.fields())
    return KeptAnchor(origin=books.log.key.name, entry=entry, anchor=anchor)


def anchor_of(log: Log, stop: threading.Event) -> Anchor:
    """The anchor over all entries under the published checkpoint of *log*.  Blocks.

    TemporaryError soon after *stop* is set.
    """
    head = open_checkpoint(log.checkpoint(), log.keys)
    if head.size == 0:
        raise OutOfTurn("the log is empty: there is nothing to anchor")
    others = hashes_here(sm3_maker())
    tree = TileTree(head.size, log.read)
    roots = Roots({_TREE: lambda data: hashlib.sha256(data).digest(), **others})
    for index in range(-(-head.size // WIDTH)):
        if stop.is_set():
            raise TemporaryError("the log was not anchored: whoever asked has gone")
        roots.add(tree.entries(index))
    found = roots.anchor(head)
    if found.roots[_TREE] != head.root.hex():
        raise LogBroken(
            f"the bundles of {head.size} entries give the root {found.roots[_TREE]}, and"
            f" {head.root.hex()} was signed for: nothing was anchored",
            advice="Run evidock fsck: it names the entry that was changed.",
        )
    return Anchor(
        size=found.size,
        checkpoint={name: found.checkpoint[name] for name in others},
        roots={name: found.roots[name] for name in others},
    )
