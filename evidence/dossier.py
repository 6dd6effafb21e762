"""Dossiers: a versioned index of what a case has, which grows and never changes.

A version lists *items* (incidents, links, clips, documents), each by its id and the log entry that
made it so, under a Merkle root (RFC 6962) over their canonical JSON.  One rule: a later version has
every item of the earlier ones, or names it among those that are gone, with the entry by which it
went.  No I/O; the archive keeps the index among the records and its digest in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.merkle import leaf_hash, root_of

FORMAT = "evidock-dossier/v1"
Kind = Literal["incident", "link", "clip", "document"]
Name = tuple[Kind, str]
"""Kind and id of an item."""


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that the case has."""

    kind: Kind
    id: str
    """Of a link: the clip, a blank, and the incident."""
    entry: int
    """Log index: ``archive.verified``, ``document.add``, ``incident.import`` or ``link``."""
    sha256: str | None = None
    """Of a clip's original, or of a document."""
    placed: int | None = None
    """Of a clip that a person placed in the case: log index of the ``case.clip`` entry."""

    @property
    def name(self) -> Name:
        return self.kind, self.id


class Gone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that an earlier version had and the case has no more."""

    kind: Kind
    id: str
    entry: int
    """Log index of the entry by which it went: a link withdrawn, a clip disposed of or taken out,
    or what a feed told since."""

    @property
    def name(self) -> Name:
        return self.kind, self.id


class Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a dossier, as it is kept."""

    format: str
    case: str
    """Commitment to the case's number, as in the ``dossier.made`` entry."""
    number: int
    """1 for the first version, and so on."""
    previous: str | None
    """SHA-256 of the version before it."""
    root: str
    """Merkle root over the items, hexadecimal."""
    items: list[Item]
    """By kind and id."""
    gone: list[Gone]

    def to_bytes(self) -> bytes:
        """The index as it is stored: canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @property
    def digest(self) -> Sha256:
        """What the ``dossier.made`` entry names, and the next version as its ``previous``."""
        return Sha256.of(self.to_bytes())

    @property
    def names(self) -> frozenset[Name]:
        """Everything that it speaks of."""
        return frozenset(_names(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> Index:
        """What :meth:`to_bytes` wrote; DigestMismatch for anything else, a wrong root too."""
        try:
            made = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise DigestMismatch(f"the dossier cannot be read: {error}") from error
        if made.format != FORMAT:
            raise DigestMismatch(f"the dossier has the unknown format {made.format!r}")
        if made.to_bytes() != data:
            raise DigestMismatch("the dossier is not canonical JSON")
        if made.root != root(made.items):
            raise DigestMismatch("the dossier's root is not over its items")
        return made


def root(items: Iterable[Item]) -> str:
    """Merkle root over *items* in the order in which they stand, hexadecimal."""
    return root_of([leaf_hash(canonical(msgspec.to_builtins(each))) for each in items]).hex()


def index(
    case: str, items: Iterable[Item], before: Index | None, went: Mapping[Name, int]
) -> Index:
    """The version behind *before* of a case that has these *items* now.

    *went* says by which entry each item of *before* went that is not there now; KeyError if it
    lacks one.
    """
    held = sorted(items, key=lambda each: each.name)
    there = {each.name for each in held}
    told = {} if before is None else {each.name: each.entry for each in before.gone}
    lost = sorted((frozenset() if before is None else before.names) - there)
    return Index(
        format=FORMAT,
        case=case,
        number=1 if before is None else before.number + 1,
        previous=None if before is None else before.digest.hex,
        root=root(held),
        items=held,
        gone=[
            Gone(kind=kind, id=of, entry=told[kind, of] if (kind, of) in told else went[kind, of])
            for kind, of in lost
        ],
    )


def problems(before: Index | None, after: Index) -> list[str]:
    """Why *after* cannot be the version behind *before*; empty if it can."""
    found = []
    number, previous = (1, None) if before is None else (before.number + 1, before.digest.hex)
    if (after.number, after.previous) != (number, previous):
        found.append(f"is version {after.number} and does not follow the one before")
    names = _names(after)
    if len(set(names)) != len(names):
        found.append("names an item twice")
    if [each.name for each in after.items] != sorted(each.name for each in after.items):
        found.append("does not list its items in order")
    if before is None:
        return found + (["names what is gone, and is the first"] if after.gone else [])
    found += [
        f"leaves out {kind} {of} without the entry by which it went"
        for kind, of in sorted(before.names - after.names)
    ]
    if strange := sorted({each.name for each in after.gone} - before.names):
        found.append(f"says that {' '.join(strange[0])} is gone, which was never there")
    return found + _altered(before, after)


def _names(of: Index) -> list[Name]:
    """What it speaks of, as often as it does."""
    return [each.name for each in of.items] + [each.name for each in of.gone]


def _altered(before: Index, after: Index) -> list[str]:
    """Clips and documents that have another digest than they had."""
    had = {each.name: each.sha256 for each in before.items}
    return [
        f"has another digest for {each.kind} {each.id}"
        for each in after.items
        if each.name in had and had[each.name] != each.sha256
    ]
