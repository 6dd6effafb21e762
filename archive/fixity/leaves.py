"""Steps 1 to 3: the leaves of the log, which are kept three times.

Bundles hold the entries, tiles of level 0 their hashes, the catalogue the entries again.  The
signed root decides which copy is true; if none is true as a whole, what two of three agree on may
be.  So one flipped bit is laid to the copy it is in, and never to the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.catalogue import stored
from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.outgrown import examine_outgrown
from archive.fixity.record import Record
from archive.fixity.told import entry_columns
from evidence.errors import LogBroken
from evidence.merkle import CompactRange, Hash, leaf_hash, root_of
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, ENTRIES, WIDTH, Read, Tile, TileTree

_LOOK_AGAIN = 0.1
_NOTHING = Hash(b"")
"""Stands for a leaf that a copy does not have or cannot give."""
BUNDLES, TILES, ROWS, MOST = "bundles", "tiles", "rows", "most"
"""Whose leaves give the signed root; ``most``: those on which two of the three agree."""
_COPIES = (BUNDLES, TILES, ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The leaves of one bundle, as each copy gives them."""

    index: int
    width: int
    hashes: Mapping[str, Sequence[Hash]]
    """Copy -> hash of each leaf."""
    entries: Sequence[bytes]
    """As the bundle holds them; none if it cannot be read."""
    problems: Mapping[str, str]
    """Copy -> why its file could not be read."""

    @property
    def agreed(self) -> bool:
        return self.hashes[BUNDLES] == self.hashes[TILES] == self.hashes[ROWS]

    def of(self, copy: str) -> Sequence[Hash]:
        """The leaves of one copy, or those that :data:`MOST` agree on."""
        if copy != MOST:
            return self.hashes[copy]
        threes = zip(*(self.hashes[name] for name in _COPIES), strict=True)
        return [a if a in {b, c} else b if b == c else _NOTHING for a, b, c in threes]


@dataclass(slots=True, kw_only=True)
class Leaves:
    """What steps 1 to 3 found, and the true entries for the steps after them."""

    size: int = 0
    end: int = 0
    """Behind the last entry, signed for or about to be."""
    findings: list[Finding] = field(default_factory=list)
    true: dict[int, bytes] = field(default_factory=dict)
    """Log index -> true bytes, for every entry whose row is wrong, or absent from it."""
    roots: list[Hash] = field(default_factory=list)
    """The root over each full bundle, as the truth has it."""

    @property
    def is_sound(self) -> bool:
        """Whether checkpoint and tiles are right, so that roots can be reckoned from them."""
        wrong = {Component.CHECKPOINT, Component.BUNDLE, Component.TILE, Component.LOG}
        return wrong.isdisjoint(finding.component for finding in self.findings)

    def add(self, step: Step, component: Component, subject: str, problem: str) -> None:
        self.findings.append(
            Finding(step=step, component=component, subject=subject, problem=problem)
        )


async def examine_leaves(
    record: Record, read: Read, key: VerifierKey, progress: Progress, signed_within: float = 0
) -> Leaves:
    """Take the steps 1 to 3 over the log that *read* gives files of.

    What is committed is given *signed_within* seconds to be signed for.
    """
    found = Leaves()
    committed = await record.size()
    checkpoint = await _signed(read, key, found, committed, signed_within)
    found.size = committed if checkpoint is None else checkpoint.size
    sums = {copy: CompactRange() for copy in (*_COPIES, MOST)}
    differing: list[Chunk] = []
    async for chunk in _chunks(record, read, found, progress):
        sums = {copy: reached.extended(chunk.of(copy)) for copy, reached in sums.items()}
        if not chunk.agreed:
            differing.append(chunk)
        if chunk.width == WIDTH:
            found.roots.append(root_of(chunk.hashes[BUNDLES]))
    truth = _truth(sums, checkpoint, found)
    if truth is not None:
        _lay_blame(differing, truth, found)
        await asyncio.to_thread(_upper_tiles, read, found)
        held = found.findings.copy()
        found.findings += await asyncio.to_thread(
            lambda: list(examine_outgrown(read, found.size, held))
        )
    await _see_tail(record, committed, found)
    return found


async def _see_tail(record: Record, committed: int, found: Leaves) -> None:
    """Rows after those that are signed for: the newest, if no row is missing; else moved there."""
    found.end = found.size
    if committed <= found.size:
        return
    if await record.catalogue.run(stored.gapless, committed):
        found.end = committed
    subject = f"entries from {found.size} on"
    problem = "stand in the catalogue and are not signed for; a start of the home signs for them"
    if found.end == found.size:
        problem = "stand where the log does not reach, and others are missing"
    found.add(Step.LOG, Component.ENTRY_ROW, subject, problem)


async def _signed(
    read: Read, key: VerifierKey, found: Leaves, committed: int, within: float
) -> Checkpoint | None:
    """The checkpoint, if need be the last one within so many seconds."""
    heard = Leaves()
    checkpoint = await asyncio.to_thread(_checkpoint, read, key, heard)
    for _ in range(round(within / _LOOK_AGAIN)):
        if checkpoint is None or checkpoint.size >= committed:
            break
        await asyncio.sleep(_LOOK_AGAIN)
        heard = Leaves()
        checkpoint = await asyncio.to_thread(_checkpoint, read, key, heard)
    found.findings += heard.findings
    return checkpoint


def _checkpoint(read: Read, key: VerifierKey, found: Leaves) -> Checkpoint | None:
    note = read(CHECKPOINT)
    if note is None:
        found.add(Step.CHECKPOINT, Component.CHECKPOINT, CHECKPOINT, "is missing")
        return None
    try:
        return open_checkpoint(note, [key])
    except LogBroken as error:
        found.add(Step.CHECKPOINT, Component.CHECKPOINT, CHECKPOINT, str(error))
        return None


async def _chunks(
    record: Record, read: Read, found: Leaves, progress: Progress
) -> AsyncIterator[Chunk]:
    tree = TileTree(found.size, read)
    for index in range(-(-found.size // WIDTH)):
        first = index * WIDTH
        width = min(WIDTH, found.size - first)
        progress(Step.LOG, first, found.size)
        rows, unreadable = await record.entries(first, first + width)
        found.findings += unreadable
        yield await asyncio.to_thread(_chunk, tree, index, width, rows, found)
    progress(Step.LOG, found.size, found.size)


def _chunk(
    tree: TileTree, index: int, width: int, rows: Mapping[int, Mapping[str, object]], found: Leaves
) -> Chunk:
    problems: dict[str, str] = {}
    entries: Sequence[bytes] = ()
    tiles: Sequence[Hash] = (_NOTHING,) * width
    try:
        entries = tree.entries(index)
    except LogBroken as error:
        problems[BUNDLES] = str(error)
    try:
        tiles = tree.hashes(0, index)
    except LogBroken as error:
        problems[TILES] = str(error)
    raws = [_raw(rows.get(index * WIDTH + place)) for place in range(width)]
    chunk = Chunk(
        index=index,
        width=width,
        hashes={
            BUNDLES: [leaf_hash(entry) for entry in entries] or [_NOTHING] * width,
            TILES: list(tiles),
            ROWS: [_NOTHING if raw is None else leaf_hash(raw) for raw in raws],
        },
        entries=entries,
        problems=problems,
    )
    for place, raw in enumerate(raws):
        if raw is not None and chunk.hashes[ROWS][place] == chunk.hashes[BUNDLES][place]:
            _see_columns(rows[index * WIDTH + place], raw, found)
    return chunk


def _raw(row: Mapping[str, object] | None) -> bytes | None:
    raw = None if row is None else row["raw"]
    return raw if isinstance(raw, bytes) else None


def _see_columns(row: Mapping[str, object], raw: bytes, found: Leaves) -> None:
    """Step 3: what the row says beside its bytes is what the bytes say."""
    wanted = entry_columns(raw)
    wrong = [name for name, value in wanted.items() if row[name] != value]
    if wrong:
        seq = int(str(row["seq"]))
        found.true[seq] = raw
        problem = f"{', '.join(wrong)} of the row is not what the entry itself says"
        found.add(Step.ENTRIES, Component.ENTRY_ROW, f"entry {seq}", problem)


def _truth(
    sums: Mapping[str, CompactRange], checkpoint: Checkpoint | None, found: Leaves
) -> str | None:
    """Whose leaves are true; without a signed root those that most agree on."""
    if checkpoint is None:
        return MOST
    for copy, reached in sums.items():
        if reached.root == checkpoint.root:
            return copy
    problem = (
        f"neither bundles, nor tiles, nor entry rows, nor what two of them agree on give the"
        f" signed root {checkpoint.root.hex()} at {checkpoint.size} entries"
    )
    found.add(Step.LOG, Component.LOG, CHECKPOINT, problem)
    return None


def _lay_blame(differing: Sequence[Chunk], truth: str, found: Leaves) -> None:
    """Name each copy that is not the true one, leaf by leaf."""
    for chunk in differing:
        true = chunk.of(truth)
        if chunk.width == WIDTH:
            found.roots[chunk.index] = root_of(true)
        for copy, component, level in (
            (BUNDLES, Component.BUNDLE, ENTRIES),
            (TILES, Component.TILE, 0),
        ):
            path = Tile(level=level, index=chunk.index, width=chunk.width).path
            wrong = _wrong(chunk, copy, true)
            if copy in chunk.problems:
                found.add(Step.LOG, component, path, chunk.problems[copy])
            elif wrong:
                found.add(Step.LOG, component, path, f"is not what was signed at entries {wrong}")
        for seq in _wrong(chunk, ROWS, true):
            _blame_row(chunk, seq, true[seq - chunk.index * WIDTH], found)


def _wrong(chunk: Chunk, copy: str, true: Sequence[Hash]) -> list[int]:
    held = chunk.hashes[copy]
    return [chunk.index * WIDTH + at for at, leaf in enumerate(true) if held[at] != leaf]


def _blame_row(chunk: Chunk, seq: int, true: Hash, found: Leaves) -> None:
    place = seq - chunk.index * WIDTH
    missing = chunk.hashes[ROWS][place] == _NOTHING
    problem = "is missing" if missing else "does not hold the bytes that were signed for"
    if not any(each.subject == f"entry {seq}" for each in found.findings):
        found.add(Step.LOG, Component.ENTRY_ROW, f"entry {seq}", problem)
    if chunk.entries and leaf_hash(chunk.entries[place]) == true:
        found.true[seq] = chunk.entries[place]


def _upper_tiles(read: Read, found: Leaves) -> None:
    """The tiles above level 0 hold the roots of the full tiles below them."""
    tree = TileTree(found.size, read)
    level, below = 1, found.roots
    while below:
        above: list[Hash] = []
        for index, wanted in enumerate(_tiles_of(below)):
            tile = Tile(level=level, index=index, width=len(wanted))
            try:
                held: Sequence[Hash] = tree.hashes(level, index)
            except LogBroken as error:
                found.add(Step.LOG, Component.TILE, tile.path, str(error))
            else:
                if list(held) != wanted:
                    problem = "does not hold the roots of the tiles below it"
                    found.add(Step.LOG, Component.TILE, tile.path, problem)
            if len(wanted) == WIDTH:
                above.append(root_of(wanted))
        level, below = level + 1, above


def _tiles_of(hashes: Sequence[Hash]) -> Iterator[list[Hash]]:
    for start in range(0, len(hashes), WIDTH):
        yield list(hashes[start : start + WIDTH])
