"""The Merkle tree of the custody log: hashing and proofs of RFC 6962 section 2.1, and nothing else.

A tree is seen through a :class:`HashReader`, which gives the hash of any *full* subtree; every
other hash follows from those.  A verification returns nothing, or raises LogBroken saying what
does not hold: there is no answer to forget to look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from evidence.errors import LogBroken

Hash = NewType("Hash", bytes)
"""The 32-byte hash of a leaf or node.  Raw, unlike the digest of a clip: trees have millions."""

HASH_SIZE = hashlib.sha256().digest_size

EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())
"""The root of the tree without leaves (RFC 6962: the hash of an empty string)."""


class HashReader(Protocol):
    """A tree whose full subtrees can be asked for their hash."""

    def subtree(self, level: int, index: int) -> Hash:
        """The hash over leaves ``index * 2**level`` up to ``(index + 1) * 2**level``, exclusive."""
        ...


def leaf_hash(entry: bytes) -> Hash:
    """The hash of one log entry: SHA-256(0x00 || entry)."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash over two subtrees: SHA-256(0x01 || left || right)."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


def root_of(hashes: Sequence[Hash]) -> Hash:
    """The root of the tree whose leaves have these *hashes*."""
    if not hashes:
        return EMPTY_ROOT
    layer = list(hashes)
    while len(layer) > 1:
        above = [node_hash(*pair) for pair in zip(layer[::2], layer[1::2], strict=False)]
        layer = above + layer[-1:] if len(layer) % 2 else above
    return layer[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRange:
    """All of a tree that is needed to go on appending: the roots of its maximal full subtrees."""

    size: int = 0
    peaks: tuple[Hash, ...] = ()
    """Largest subtree first: one for each 1 in the binary form of *size*."""

    @classmethod
    def read(cls, tree: HashReader, size: int) -> CompactRange:
        """The compact range of the first *size* leaves of *tree*."""
        peaks = tuple(tree.subtree(level, index) for level, index in _full_subtrees(0, size))
        return cls(size=size, peaks=peaks)

    def extended(self, leaves: Iterable[Hash]) -> CompactRange:
        """The range after the leaf hashes *leaves* were appended in order."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            peaks.append(leaf)
            for _ in range(_trailing_ones(size)):
                right = peaks.pop()
                peaks[-1] = node_hash(peaks[-1], right)
            size += 1
        return CompactRange(size=size, peaks=tuple(peaks))

    @property
    def root(self) -> Hash:
        """The root of the whole tree."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT


def inclusion_proof(tree: HashReader, index: int, size: int) -> tuple[Hash, ...]:
    """The audit path of leaf *index* among the first *size*, the leaf's sibling first.

    ValueError if the tree has no such leaf.
    """
    path: list[Hash] = []
    low, high = 0, size
    for right in _turns(index, size):
        middle = low + _split(high - low)
        path.append(_range_root(tree, low, middle) if right else _range_root(tree, middle, high))
        low, high = (middle, high) if right else (low, middle)
    return tuple(reversed(path))


def verify_inclusion(
    *, leaf: Hash, index: int, size: int, path: Sequence[Hash], root: Hash
) -> None:
    """See that the tree of *size* leaves with this *root* holds *leaf* at *index*.

    LogBroken if it was not shown.
    """
    what = f"inclusion proof of entry {index} in a tree of {size}"
    if not 0 <= index < size:
        raise LogBroken(f"{what}: the tree has no such entry")
    turns = list(_turns(index, size))
    if len(path) != len(turns):
        raise LogBroken(f"{what}: it has {len(path)} hashes where {len(turns)} are needed")
    reached = leaf
    for right, sibling in zip(reversed(turns), path, strict=True):
        reached = node_hash(sibling, reached) if right else node_hash(reached, sibling)
    if reached != root:
        raise LogBroken(f"{what}: it leads to root {reached.hex()}, not to {root.hex()}")


def consistency_proof(tree: HashReader, old: int, new: int) -> tuple[Hash, ...]:
    """What shows that the tree of *new* leaves begins with that of *old* leaves.

    ValueError unless ``0 <= old <= new``.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} entries does not begin with one of {old}")
    if old in {0, new}:
        return ()
    path: list[Hash] = []
    low, high = 0, new
    for right in _turns_to_prefix(old, new):
        middle = low + _split(high - low)
        path.append(_range_root(tree, low, middle) if right else _range_root(tree, middle, high))
        low, high = (middle, high) if right else (low, middle)
    if low:  # otherwise this subtree is the whole old tree, whose root the verifier knows
        path.append(_range_root(tree, low, high))
    return tuple(reversed(path))


def verify_consistency(
    *, old: int, old_root: Hash, new: int, new_root: Hash, path: Sequence[Hash]
) -> None:
    """See that the tree (*new*, *new_root*) only appended to the tree (*old*, *old_root*).

    LogBroken if it was not shown.
    """
    what = f"consistency proof from {old} to {new} entries"
    if not 0 <= old <= new:
        raise LogBroken(f"{what}: a log never shrinks")
    turns = list(_turns_to_prefix(old, new)) if old else []
    seeded = any(turns)  # it went right somewhere, so the subtree it ends at is not the old tree
    if len(path) != len(turns) + seeded:
        raise LogBroken(f"{what}: it has {len(path)} hashes, not {len(turns) + seeded}")
    seed = path[0] if seeded else old_root
    old_reached, new_reached = _climb(seed, turns, path[seeded:])
    if old == 0:
        old_reached, new_reached = EMPTY_ROOT, new_root if new else EMPTY_ROOT
    if old_reached != old_root:
        raise LogBroken(f"{what}: the old root {old_root.hex()} is not part of the new tree")
    if new_reached != new_root:
        raise LogBroken(f"{what}: it leads to root {new_reached.hex()}, not to {new_root.hex()}")


def _climb(seed: Hash, turns: Sequence[bool], siblings: Sequence[Hash]) -> tuple[Hash, Hash]:
    """The roots of the old and the new tree, up from their common subtree *seed*."""
    old = new = seed
    for right, sibling in zip(reversed(turns), siblings, strict=True):
        if right:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    return old, new


def _split(size: int) -> int:
    """The largest power of two smaller than *size*: where RFC 6962 divides a tree."""
    return 1 << (size - 1).bit_length() - 1


def _turns(index: int, size: int) -> Iterator[bool]:
    """The way from the root of a tree of *size* down to leaf *index*: True where it goes right."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    while size > 1:
        middle = _split(size)
        right = index >= middle
        yield right
        index, size = (index - middle, size - middle) if right else (index, middle)


def _turns_to_prefix(old: int, new: int) -> Iterator[bool]:
    """The way from the root of *new* leaves to the subtree that ends with leaf *old* - 1."""
    while new != old:
        middle = _split(new)
        right = old > middle
        yield right
        old, new = (old - middle, new - middle) if right else (old, middle)


def _full_subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the full subtrees that together cover leaves *low* to *high*, exclusive."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _range_root(tree: HashReader, low: int, high: int) -> Hash:
    return _fold([tree.subtree(level, index) for level, index in _full_subtrees(low, high)])


def _fold(peaks: Sequence[Hash]) -> Hash:
    """The hash over neighbouring full subtrees, the largest first."""
    *others, reached = peaks
    for left in reversed(others):
        reached = node_hash(left, reached)
    return reached


def _trailing_ones(number: int) -> int:
    return (number ^ (number + 1)).bit_length() - 1
