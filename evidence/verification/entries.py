"""Step 4: each entry is in the log under the checkpoint.

One rule: of a selection each entry brings a receipt under the very checkpoint of the package; of a
whole log every tile and bundle is hashed up to the root.  What fails is named, and not looked at
again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from evidence.errors import LogBroken
from evidence.merkle import CompactRange, Hash, leaf_hash, root_of, verify_inclusion
from evidence.note import Checkpoint
from evidence.receipt import Receipt
from evidence.tiles import (
    ENTRIES,
    MAX_ENTRY,
    WIDTH,
    WITNESSED,
    Tile,
    TileTree,
    growth,
    split_bundle,
    split_hashes,
)
from evidence.verification.anchors import NO_LOG, check_anchors
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.checkpoint import unbelieved
from evidence.verification.files import below, read
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, impossible

_PATH = re.compile(r"data/entries/(0|[1-9][0-9]{0,17})\.json", re.ASCII)
_SMALL = 1 << 20
_HELD_BUNDLES = 8
"""Steps go through the log in order, so that few bundles are read twice."""
_LARGEST_BUNDLE = WIDTH * (MAX_ENTRY + 2)


def check_entries(case: Case, step: Open) -> Ending:
    """Step 4 of a package."""
    case.is_whole = any(below(case.files.names, f"{case.log}tile"))
    if case.is_whole:
        return check_log(case, step)
    return _check_receipts(case, step)


def check_log(case: Case, step: Open) -> Ending:
    """Step 4 of a whole log."""
    case.is_whole = True
    if case.checkpoint is None:
        return impossible("without a checkpoint there is nothing to hold the log against")
    head = case.checkpoint
    if head.size > len(case.files.names) * WIDTH:
        step.found(f"{case.log}tile", f"{head.size} entries cannot lie in so few files")
        return DONE
    tree = TileTree(head.size, _reader(case))
    bundle = lru_cache(_HELD_BUNDLES)(tree.entries)
    holds = False
    with step.about(f"{case.log}checkpoint"):
        _check_root(tree, head)
        holds = True
    if not holds:
        return impossible("the tiles are not those of this checkpoint: nothing in them is proven")
    case.proven = Proven(fetch=lambda index: bundle(index // WIDTH)[index % WIDTH])
    true: set[tuple[int, int]] = set()
    for tile in sorted(growth(0, head.size), key=lambda tile: (-tile.level, tile.index)):
        case.told("reading the log", step.checked, head.size)
        with step.about(f"{case.log}{tile.path}"):
            if tile.level != ENTRIES:
                _check_tile(tree, tile, true)
                true.add((tile.level, tile.index))
                continue
            _must_be_true(true, 0, tile.index)
            for index, raw in _true_entries(tree, tile, step):
                _take(case.proven, index, raw, step)
    if head.size == 0:
        step.found("log", "it holds no entry")
    return check_anchors(case, bundle, step)


def check_belongs(case: Case, name: str) -> None:
    """See that the file *name* of a bare log is a true part of it, or LogBroken.

    A log that grows leaves older partial tiles behind; they must be how the later ones begin.  The
    head that witnesses cosigned must be of this log, and believed by the reader's policy.
    """
    if name == WITNESSED and case.checkpoint is not None:
        _check_witnessed(case, case.checkpoint)
        return
    tile = Tile.parse(name)
    if tile is None or case.checkpoint is None:
        raise LogBroken("is no file of a log")
    tree = TileTree(case.checkpoint.size, _reader(case))
    whole = tree.tile(tile.level, tile.index)
    if tile.width > whole.width:
        raise LogBroken(f"is no file of this log at {tree.size} entries")
    if tile.width < whole.width and tree.file(whole)[: case.files.size(name)] != read(
        case.files, name, _LARGEST_BUNDLE
    ):
        raise LogBroken(f"is not how {whole.path} begins")
    parse = split_bundle if tile.level == ENTRIES else split_hashes
    parse(tile, read(case.files, name, _LARGEST_BUNDLE))


def _check_witnessed(case: Case, newest: Checkpoint) -> None:
    note = read(case.files, WITNESSED, _LARGEST_BUNDLE)
    head = unbelieved(note) if case.policy is None else case.policy.believe(note).checkpoint
    must_be_of_log(case, head, newest)


def must_be_of_log(case: Case, head: Checkpoint, newest: Checkpoint) -> None:
    """See that the log of *case* at its *newest* grew out of *head*, or LogBroken."""
    if head.origin != newest.origin:
        raise LogBroken(f"is of the log {head.origin}")
    if head.size > newest.size:
        raise LogBroken(f"is of {head.size} entries; the checkpoint is an old one")
    _check_root(TileTree(newest.size, _reader(case)), head)


def _reader(case: Case) -> Callable[[str], bytes | None]:
    def fetch(path: str) -> bytes | None:
        name = f"{case.log}{path}"
        return read(case.files, name, _LARGEST_BUNDLE) if name in case.files.names else None

    return fetch


def _check_root(tree: TileTree, head: Checkpoint) -> None:
    reached = CompactRange.read(tree, head.size).root
    if reached != head.root:
        raise LogBroken(f"the tiles give root {reached.hex()}; it says {head.root.hex()}")


def _check_tile(tree: TileTree, tile: Tile, true: set[tuple[int, int]]) -> None:
    """A full tile hashes to its place in a *true* one; the root was made of those at the edge."""
    hashes = tree.hashes(tile.level, tile.index)
    if tile.is_full:
        above, place = divmod(tile.index, WIDTH)
        _must_be_true(true, tile.level + 1, above)
        if root_of(hashes) != tree.hashes(tile.level + 1, above)[place]:
            raise LogBroken("does not hash to its place in the level above")


def _must_be_true(true: set[tuple[int, int]], level: int, index: int) -> None:
    if (level, index) not in true:
        raise LogBroken(f"tile {index} of level {level}, which it must hash to, is not true")


def _true_entries(tree: TileTree, bundle: Tile, step: Open) -> Iterator[tuple[int, bytes]]:
    hashes: tuple[Hash, ...] = tree.hashes(0, bundle.index)
    for place, raw in enumerate(tree.entries(bundle.index)):
        index = bundle.index * WIDTH + place
        if leaf_hash(raw) == hashes[place]:
            yield index, raw
        else:
            step.found(f"entry {index}", "is not the one whose hash is in the log")


def _check_receipts(case: Case, step: Open) -> Ending:
    if case.checkpoint is None:
        return impossible("without a checkpoint there is nothing to hold receipts against")
    held: dict[int, bytes] = {}
    case.proven = Proven(fetch=held.__getitem__)
    found = (_PATH.fullmatch(name) for name in below(case.files.names, f"{DATA}entries"))
    indexes = sorted(int(each[1]) for each in found if each is not None)
    for index in indexes:
        with step.about(f"entry {index}"):
            case.told("reading entries", step.checked, len(indexes))
            raw = read(case.files, f"{DATA}entries/{index}.json", MAX_ENTRY)
            receipt = read(case.files, f"{DATA}entries/{index}.tlog-proof", _SMALL)
            check_receipt(receipt, raw, index, case)
            held[index] = raw
            _take(case.proven, index, raw, step)
    if not indexes:
        step.found(f"{DATA}entries", "there is neither an entry nor a log")
    if case.brought.anchor is not None:
        return NO_LOG
    return DONE


def check_receipt(text: bytes, raw: bytes, index: int, case: Case) -> None:
    """See that the receipt *text* proves entry *index* to be *raw* under the case's checkpoint.

    LogBroken says what does not hold.
    """
    receipt, head = Receipt.parse(text), case.checkpoint
    if receipt.text != text:
        raise LogBroken("its receipt is not written as receipts are")
    if receipt.note != case.note or head is None:
        raise LogBroken("its receipt is not under the checkpoint of this package")
    if receipt.index != index:
        raise LogBroken(f"its receipt is of entry {receipt.index}")
    verify_inclusion(
        leaf=leaf_hash(raw), index=index, size=head.size, path=receipt.path, root=head.root
    )


def _take(proven: Proven, index: int, raw: bytes, step: Open) -> None:
    with step.about(f"entry {index}"):
        proven.take(index, raw)
        step.checked += 1
