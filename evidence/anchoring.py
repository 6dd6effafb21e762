"""Anchors: roots over all entries of the log by other hashes than SHA-256, put into the log itself.

One rule: an anchor is made from the bytes of the entries, and held against them again, and nothing
that SHA-256 says is used in between.  The tree is that of RFC 6962 section 2.1 (leaf and node told
apart by their first byte) with the other hash in its place, so whoever brings an anchor that was
kept elsewhere finds any entry that was changed since, whatever SHA-256 is worth by then.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from evidence.canonical import canonical
from evidence.digests import Maker
from evidence.errors import DigestMismatch
from evidence.merkle import CompactRange, leaf_hash
from evidence.note import Checkpoint

FORMAT = "evidock-anchor/v1"

Hash = Callable[[bytes], bytes]
_NAME = re.compile(r"[a-z0-9-]{1,20}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){32,64}")
_Size = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


def hashes_here(sm3: Maker | None) -> dict[str, Hash]:
    """The hashes that anchors use, as far as this machine has them: name -> digest of bytes."""
    found: dict[str, Hash] = {"sha512": lambda data: hashlib.sha512(data).digest()}
    if sm3 is not None:
        found["sm3"] = _one_shot(sm3)
    return found


def _one_shot(maker: Maker) -> Hash:
    def digest(data: bytes) -> bytes:
        state = maker()
        state.update(data)
        return state.digest()

    return digest


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """What an anchor says, in a ``log.anchor`` entry or in a file that was kept elsewhere."""

    size: _Size
    """It is over the first so many entries."""
    checkpoint: dict[str, str]
    """Name of a hash -> digest of the text of the checkpoint (origin, size, SHA-256 root)."""
    roots: dict[str, str]
    """Name of a hash -> root, hexadecimal."""

    def __post_init__(self) -> None:
        if not self.roots or self.roots.keys() != self.checkpoint.keys():
            raise ValueError("an anchor has roots, and a digest of the checkpoint by each hash")
        for name, value in (*self.roots.items(), *self.checkpoint.items()):
            if not _NAME.fullmatch(name) or not _HEX.fullmatch(value):
                raise ValueError(f"{name!a} is no hash of an anchor, or {value!a} is no digest")

    @classmethod
    def of_entry(cls, raw: bytes) -> Anchor:
        """The anchor in the ``log.anchor`` entry *raw*; DigestMismatch if it is none."""
        try:
            return msgspec.json.decode(raw, type=cls)
        except (msgspec.MsgspecError, ValueError) as error:
            raise DigestMismatch(f"it is no anchor: {error}") from error

    def fields(self) -> dict[str, object]:
        """What an entry says of it."""
        return {"size": self.size, "checkpoint": self.checkpoint, "roots": self.roots}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnchor:
    """An anchor as it is handed to others: a file, canonical JSON."""

    origin: str
    entry: int
    """Log index of the entry that says the same."""
    anchor: Anchor

    def to_bytes(self) -> bytes:
        fields = {"format": FORMAT, "origin": self.origin, "entry": self.entry}
        return canonical(fields | self.anchor.fields())

    @classmethod
    def from_bytes(cls, data: bytes) -> KeptAnchor:
        """What :meth:`to_bytes` wrote, with or without a newline; DigestMismatch if it is not."""
        try:
            parsed = json.loads(data)
            kept = cls(
                origin=str(parsed["origin"]),
                entry=int(parsed["entry"]),
                anchor=Anchor.of_entry(data),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DigestMismatch(f"it is no anchor of a log: {error}") from error
        if kept.to_bytes() != data.rstrip(b"\n"):
            raise DigestMismatch(f"it is no anchor of a log, as {FORMAT} writes it")
        return kept


class Roots:
    """The roots over entries that pass by in the order of the log, by several hashes at once.

    It holds one hash for each bit of the number of entries, and none of the entries.
    """

    def __init__(self, hashes: Mapping[str, Hash]) -> None:
        self._hashes = dict(hashes)
        self._peaks: dict[str, list[bytes]] = {name: [] for name in hashes}
        self.size = 0

    def add(self, entries: Sequence[bytes]) -> None:
        """The next *entries*."""
        for name, digest in self._hashes.items():
            _extend(self._peaks[name], self.size, entries, digest)
        self.size += len(entries)

    def roots(self) -> dict[str, bytes]:
        """Name -> root over the entries so far; ValueError before the first."""
        if not self.size:
            raise ValueError("there is no root to anchor before the first entry")
        return {name: _folded(self._peaks[name], self._hashes[name]) for name in self._hashes}

    def anchor(self, checkpoint: Checkpoint) -> Anchor:
        """The anchor over the entries so far, whose signed head is *checkpoint*."""
        text = checkpoint.text.encode("utf-8")
        return Anchor(
            size=self.size,
            checkpoint={name: digest(text).hex() for name, digest in self._hashes.items()},
            roots={name: root.hex() for name, root in self.roots().items()},
        )


class AnchorsAt:
    """What anchors over the first so many entries must say, for some sizes, in one pass."""

    def __init__(self, origin: str, ends: Iterable[int], hashes: Mapping[str, Hash]) -> None:
        self._origin = origin
        self._ends = sorted(set(ends))
        self._roots = Roots(hashes)
        self._tree = CompactRange()
        self.found: dict[int, Anchor] = {}
        """Size -> the anchor over so many entries."""

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._roots.size

    @property
    def is_done(self) -> bool:
        """Whether no entry is needed any more."""
        return not self._ends or self.size >= self._ends[-1]

    def add(self, entries: Sequence[bytes]) -> None:
        """The next *entries* in the order of the log."""
        start, done = self.size, 0
        for end in self._ends:
            if start < end <= start + len(entries):
                self._add(entries[done : end - start])
                done = end - start
                head = Checkpoint(origin=self._origin, size=end, root=self._tree.root)
                self.found[end] = self._roots.anchor(head)
        self._add(entries[done:])

    def _add(self, entries: Sequence[bytes]) -> None:
        self._roots.add(entries)
        self._tree = self._tree.extended(map(leaf_hash, entries))


def differences(said: Anchor, found: Anchor) -> Iterable[str]:
    """How what an anchor *said* differs from what was *found*, by the hashes that both have."""
    for name in sorted(said.roots.keys() & found.roots.keys()):
        if said.roots[name] != found.roots[name]:
            yield (
                f"the first {said.size} entries have the {name} root {found.roots[name]};"
                f" the anchor says {said.roots[name]}: one of them was changed since"
            )
        if said.checkpoint[name] != found.checkpoint[name]:
            yield (
                f"the checkpoint of {said.size} entries has {name} {found.checkpoint[name]};"
                f" the anchor says {said.checkpoint[name]}"
            )


def _extend(peaks: list[bytes], size: int, entries: Sequence[bytes], digest: Hash) -> None:
    for entry in entries:
        peaks.append(digest(b"\x00" + entry))
        full = size
        while full & 1:
            right = peaks.pop()
            peaks[-1] = digest(b"\x01" + peaks[-1] + right)
            full >>= 1
        size += 1


def _folded(peaks: Sequence[bytes], digest: Hash) -> bytes:
    *rest, reached = peaks
    for left in reversed(rest):
        reached = digest(b"\x01" + left + reached)
    return reached
