"""A disk that forgets: what a file system holds now, and what of it a power cut would leave.

Every node has its present state and its durable one.  A recorded list of operations applied to a
disk gives, after each operation, the very state that a power cut in that moment leaves behind.

Two models, and one option:

* ``STRICT``, the least that POSIX promises: ``fsync(file)`` keeps the bytes of the file and not its
  name; ``fsync(folder)`` keeps the names in that folder.
* ``NAMED``: as many journalling file systems do, ``fsync(file)`` keeps the names that lead to it as
  well.
* torn, with a seed: of what is not synced, each 4 KiB page survives with one half, a file has its
  old or its new length, and the name changes made first survive while the later ones do not (a
  journal keeps their order).

Folders marked eager (cameras' cards) forget nothing: the worst case for a file that was erased.
"""

from __future__ import annotations

import copy
import os
import random
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ATTRIBUTE = "user.power"
"""How the mounted disk is spoken to."""

PAGE = 4096
ROOT = 1

Operation = tuple[Any, ...]
"""(verb of :class:`Disk`, its arguments), as the mounted file system writes them down."""


class Model(StrEnum):
    """What a sync keeps."""

    STRICT = "strict"
    NAMED = "named"


@dataclass(slots=True, kw_only=True)
class Node:
    """A file, folder or link; ``durable`` and ``kept`` are what a power cut leaves."""

    mode: int
    owner: int = field(default_factory=os.getuid)
    """Its user, and the group of the same number."""
    mtime_ns: int = 0
    eager: bool = False
    target: str = ""
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    dirty: bool = False
    synced: int = 0
    """The moment of its last sync."""
    names: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


Change = tuple[int, str, int | None]
"""In this folder, this name leads to this node from now on, or nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Covered:
    """What a syncfs that is under way will have kept."""

    since: int
    files: dict[int, bytes]
    names: dict[tuple[int, str], int | None]


class Disk:
    """One file system.  Verbs are the mutating operations, by node number, never by path."""

    def __init__(self, model: Model = Model.STRICT) -> None:
        self.model = model
        self.nodes: dict[int, Node] = {ROOT: Node(mode=stat.S_IFDIR | 0o755)}
        self.generation = 0
        """Moves whenever what a power cut would leave has changed."""
        self._now = 0
        self._pending: list[tuple[Change, ...]] = []
        self._syncing: dict[str, _Covered] = {}

    def apply(self, operation: Operation) -> None:
        verb, *arguments = operation
        self._now += 1
        getattr(self, verb)(*arguments)

    # --- what changes the present

    def new(self, number: int, mode: int, target: str, parent: int) -> None:
        eager = self.nodes[parent].eager
        self.nodes[number] = Node(mode=mode, target=target, eager=eager)

    def change(self, changes: Sequence[Change]) -> None:
        """Change names, all of them in one moment (a rename is two changes)."""
        for folder, name, number in changes:
            _set(self.nodes[folder].names, name, number)
        self._pending.append(tuple(changes))
        if any(self.nodes[folder].eager for folder, _, _ in changes):
            for folder, _, _ in changes:
                self.sync_folder(folder)

    def write(self, number: int, offset: int, data: bytes) -> None:
        node = self.nodes[number]
        if offset > len(node.data):
            node.data.extend(bytes(offset - len(node.data)))
        node.data[offset : offset + len(data)] = data
        self._touched(number, node)

    def truncate(self, number: int, length: int) -> None:
        node = self.nodes[number]
        del node.data[length:]
        node.data.extend(bytes(length - len(node.data)))
        self._touched(number, node)

    def describe(self, number: int, mode: int, mtime_ns: int) -> None:
        node = self.nodes[number]
        node.mode, node.mtime_ns = mode, mtime_ns

    def own(self, number: int, owner: int) -> None:
        self.nodes[number].owner = owner

    def _touched(self, number: int, node: Node) -> None:
        node.dirty = True
        if node.eager:
            self.sync_file(number)

    # --- what makes it durable

    def sync_file(self, number: int) -> None:
        node = self.nodes[number]
        self._keep(node, bytes(node.data))
        if self.model is Model.NAMED:
            self._keep_names_of(number)

    def sync_folder(self, folder: int) -> None:
        changed = {name for each in self._pending for where, name, _ in each if where == folder}
        names = self.nodes[folder].names
        self._settle({(folder, name): names.get(name) for name in changed})
        if self.model is Model.NAMED:
            self._keep_names_of(folder)

    def sync_begins(self, token: str) -> None:
        """syncfs was called: it covers everything up to now."""
        self._syncing[token] = _Covered(
            since=self._now,
            files={n: bytes(node.data) for n, node in self.nodes.items() if node.dirty},
            names={
                (where, name): self.nodes[where].names.get(name)
                for each in self._pending
                for where, name, _ in each
            },
        )

    def sync_ended(self, token: str) -> None:
        """syncfs returned: what it covers is durable, and nothing that came later."""
        covered = self._syncing.pop(token)
        for number, data in covered.files.items():
            if self.nodes[number].synced < covered.since:
                self._keep(self.nodes[number], data)
        still = {(where, name) for each in self._pending for where, name, _ in each}
        self._settle({place: to for place, to in covered.names.items() if place in still})

    def sync_all(self) -> None:
        """An orderly unmount."""
        self.sync_begins("all")
        self.sync_ended("all")

    def mark(self, _text: str) -> None:
        """Something happened beside this disk."""

    def _keep(self, node: Node, data: bytes) -> None:
        if node.dirty and node.durable != data:
            self.generation += 1
        node.durable, node.synced = data, self._now
        node.dirty = node.data != data

    def _settle(self, places: dict[tuple[int, str], int | None]) -> None:
        """Let the names at *places* durably lead where it is said."""
        for (folder, name), number in places.items():
            node = self.nodes[folder]
            if node.kept.get(name) != number:
                self.generation += 1
            _set(node.kept, name, number)
        self._pending = [
            left
            for each in self._pending
            if (left := tuple(change for change in each if self._is_open(change, places)))
        ]

    def _is_open(self, change: Change, settled: dict[tuple[int, str], int | None]) -> bool:
        folder, name, _ = change
        if (folder, name) not in settled:
            return True
        node = self.nodes[folder]
        return node.kept.get(name) != node.names.get(name)

    def _keep_names_of(self, number: int) -> None:
        """Make the names that lead to a node durable, up to the root."""
        for folder, node in self.nodes.items():
            for name in [name for name, held in node.names.items() if held == number]:
                self._settle({(folder, name): number})
                self._keep_names_of(folder)

    # --- what a power cut leaves

    def after_power(self, seed: int | None = None) -> Disk:
        """The disk as it is found after a power cut now; torn if a *seed* is given."""
        chance = None if seed is None else random.Random(seed)
        kept = {n: dict(node.kept) for n, node in self.nodes.items() if node.is_folder}
        if chance is not None:
            for changes in self._pending[: chance.randint(0, len(self._pending))]:
                for folder, name, number in changes:
                    _set(kept[folder], name, number)
        left = Disk(self.model)
        left.nodes = {}
        for number in _reached(kept):
            old = self.nodes[number]
            data = _torn(old, chance) if chance and old.dirty else old.durable
            left.nodes[number] = Node(
                mode=old.mode,
                owner=old.owner,
                mtime_ns=old.mtime_ns,
                eager=old.eager,
                target=old.target,
                data=bytearray(data),
                durable=data,
                names=dict(kept.get(number, {})),
                kept=dict(kept.get(number, {})),
            )
        return left

    def copied(self) -> Disk:
        """A copy that goes its own way."""
        return copy.deepcopy(self)


def _reached(kept: dict[int, dict[str, int]]) -> Iterator[int]:
    """Every node that a durable name leads to from the root."""
    waiting, seen = [ROOT], {ROOT}
    while waiting:
        number = waiting.pop()
        yield number
        for below in kept.get(number, {}).values():
            if below not in seen:
                seen.add(below)
                waiting.append(below)


def _torn(node: Node, chance: random.Random) -> bytes:
    """Some of the pages that were not synced, and the old or the new length."""
    length = chance.choice([len(node.durable), len(node.data)])
    old, new = node.durable.ljust(length, b"\0"), bytes(node.data).ljust(length, b"\0")
    pages = range(0, length, PAGE)
    return b"".join((new if chance.random() < 0.5 else old)[at : at + PAGE] for at in pages)[
        :length
    ]


def _set(names: dict[str, int], name: str, number: int | None) -> None:
    if number is None:
        names.pop(name, None)
    else:
        names[name] = number
