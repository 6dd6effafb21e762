"""The census: how many clips of whom on which day, told to nobody, and shown to whoever may know.

A ``census`` entry covers the log from one index to another, so that censuses tile the log without a
gap.  It holds the root of a Merkle tree (RFC 6962) whose leaves are sorted by *label*, one for each
(officer, day of recording) of whom an original came in within that range:

* the label is the VRF output (:mod:`evidence.vrf`) for officer and day under the archive's census
  key, so nobody can try officer numbers, and the archive cannot choose among labels;
* the leaf is label ‖ commitment (:mod:`evidence.commitment`) to the log indexes of their
  ``archive.verified`` entries, so neighbours that are shown tell nothing.

One rule: what a census leaves out is false, not missing.  ``docs/packages.md`` has the exact bytes,
and what a lying archive could still do.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from evidence import vrf
from evidence.canonical import canonical
from evidence.clock import unstamp
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.errors import LogBroken
from evidence.manifest import Manifest
from evidence.merkle import (
    HASH_SIZE,
    Hash,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_inclusion,
)
from evidence.names import folded

FORMAT: Final = "evidock-completeness/v1"
MOST_MINUTES: Final = 14 * 60
"""A day begins at most so far from that of UTC."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    """Whose clips of which day."""

    day: str
    """YYYY-MM-DD."""
    officer: str | None
    """The officer number, folded (:func:`evidence.names.folded`); None for clips of nobody."""

    @property
    def alpha(self) -> bytes:
        """What the label is the VRF output for."""
        who = "nobody\n" if self.officer is None else f"officer\n{self.officer}"
        return f"evidock-census/v1\n{self.day}\n{who}".encode()


def day_of(started: str | None, received: str, minutes: int) -> str:
    """The day on which a clip counts: of its claimed start, or else of its receipt.

    Days begin *minutes* before those of UTC.  Times as :func:`evidence.clock.stamp` writes them.
    """
    moment = unstamp(started if started is not None else received)
    try:
        return (moment + timedelta(minutes=minutes)).date().isoformat()
    except OverflowError:  # a claim of the calendar's last day
        return moment.date().isoformat()


def subject_of(manifest: Manifest, received: str, minutes: int) -> Subject:
    """Of whom and of which day the clip of *manifest* counts, as :func:`day_of` says."""
    held = {
        name: manifest.openings[name].value.decode("utf-8", errors="replace")
        for name in ("officer", "started")
        if name in manifest.openings
    }
    officer = held.get("officer")
    return Subject(
        officer=None if officer is None else folded(officer),
        day=day_of(held.get("started"), received, minutes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of a census's tree."""

    label: bytes
    commitment: Sha256
    """To :func:`listed` of the log indexes."""

    @property
    def hash(self) -> Hash:
        return leaf_hash(self.label + self.commitment.raw)


def listed(indexes: Sequence[int]) -> bytes:
    """What a leaf commits to: ``{"entries":[…]}``, sorted, as canonical JSON."""
    return canonical({"entries": sorted(indexes)})


class Census(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "end": "to"}):
    """What a ``census`` entry says."""

    first: int
    end: int
    """It covers the log's entries from *first* to *end*, exclusive."""
    clips: int
    """How many ``archive.verified`` entries there are in that range."""
    leaves: int
    root: str
    key: str
    """The public key of the VRF, hexadecimal."""
    utc_offset_minutes: int
    """How far its days begin before those of UTC."""

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Census:
        """That in the *fields* of an entry; LogBroken if they are no census."""
        try:
            made = msgspec.convert(fields, type=cls)
        except msgspec.ValidationError as error:
            raise LogBroken(f"a census entry cannot be read: {error}") from error
        sizes = (made.first, made.end - made.first, made.clips, made.leaves)
        if min(sizes) < 0 or abs(made.utc_offset_minutes) > MOST_MINUTES:
            raise LogBroken("a census entry has numbers that cannot be")
        for text in (made.root, made.key):
            _hex(text, HASH_SIZE)
        return made


def check_tiling(censuses: Sequence[Census]) -> int:
    """Up to which log index *censuses*, in the order of their entries, cover the log gaplessly."""
    reached = 0
    for each in censuses:
        if each.first != reached:
            raise LogBroken(
                f"censuses leave a gap: one begins at entry {each.first}, not {reached}"
            )
        reached = each.end
    return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A census's leaves in the order of their labels, with what opens them."""

    leaves: tuple[Leaf, ...]
    openings: tuple[Opening, ...]

    @classmethod
    def of(cls, secret: bytes, first: int, clips: Mapping[bytes, Sequence[int]]) -> Tree:
        """The tree over *clips* (label -> log indexes) of the range that begins at *first*.

        The same for the same *clips*: salts are made of *secret*, so a crash leaves no second tree.
        """
        labels = sorted(clips)
        openings = tuple(
            Opening(value=listed(clips[label]), salt=_salt(secret, first, label))
            for label in labels
        )
        leaves = tuple(
            Leaf(label=label, commitment=opening.commitment)
            for label, opening in zip(labels, openings, strict=True)
        )
        return cls(leaves=leaves, openings=openings)

    @property
    def root(self) -> Hash:
        return root_of([leaf.hash for leaf in self.leaves])

    def show(self, label: bytes) -> list[Shown]:
        """The leaf with *label*, opened; without one, its neighbours on both sides, closed."""
        place = bisect_left([leaf.label for leaf in self.leaves], label)
        if place < len(self.leaves) and self.leaves[place].label == label:
            return [self._shown(place, opened=True)]
        sides = (place - 1, place)
        return [self._shown(side, opened=False) for side in sides if 0 <= side < len(self.leaves)]

    def _shown(self, place: int, *, opened: bool) -> Shown:
        path = inclusion_proof(_Hashes([leaf.hash for leaf in self.leaves]), place, len(self))
        return Shown(
            place=place,
            label=self.leaves[place].label.hex(),
            commitment=self.leaves[place].commitment.hex,
            path=[each.hex() for each in path],
            opening=self.openings[place].to_wire() if opened else None,
        )

    def __len__(self) -> int:
        return len(self.leaves)


class Of(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose label one is, proven."""

    officer: str | None
    day: str
    proof: str
    """The VRF proof, hexadecimal."""

    @property
    def subject(self) -> Subject:
        return Subject(officer=self.officer, day=self.day)

    @classmethod
    def proven(cls, secret: bytes, subject: Subject) -> Of:
        """That of *subject* under the census key *secret*."""
        proof = vrf.prove(secret, subject.alpha).hex()
        return cls(officer=subject.officer, day=subject.day, proof=proof)

    def label(self, key: str) -> bytes:
        """The label that is proven under *key*; LogBroken if none is."""
        proof = _hex(self.proof, vrf.PROOF_BYTES)
        return vrf.verify(_hex(key, HASH_SIZE), self.subject.alpha, proof)


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leaf as a package shows it."""

    place: int
    label: str
    commitment: str
    path: list[str] | None = None
    """RFC 6962 audit path, the sibling first; None where all leaves are shown."""
    opening: dict[str, str] | None = None
    """Opens the commitment; None for a neighbour, or if it is not known any more."""
    of: Of | None = None
    """Whose it is, where all leaves are shown; None if that was forgotten with the clips."""

    @property
    def leaf(self) -> Leaf:
        commitment = Sha256(_hex(self.commitment, HASH_SIZE))
        return Leaf(label=_hex(self.label, vrf.OUTPUT_BYTES), commitment=commitment)

    @property
    def opened(self) -> Opening:
        """Its opening; LogBroken without one."""
        try:
            return Opening.from_wire(self.opening or {})
        except (ValueError, KeyError) as error:
            raise LogBroken(f"leaf {self.place} of a census is not opened: {error}") from error

    def indexes(self) -> list[int]:
        """The log indexes it opens; LogBroken if it does not open its commitment."""
        opening = self.opened
        try:
            found = msgspec.json.decode(opening.value, type=dict[str, list[int]])["entries"]
        except (KeyError, msgspec.MsgspecError) as error:
            raise LogBroken(f"leaf {self.place} of a census lists nothing: {error}") from error
        in_order = all(a < b for a, b in itertools.pairwise(found))
        if opening.commitment != self.leaf.commitment or listed(found) != opening.value:
            raise LogBroken(f"leaf {self.place} of a census: its opening does not open it")
        if not found or not in_order:
            raise LogBroken(f"leaf {self.place} of a census does not list entries in order")
        return found


class ShownCensus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file :func:`evidence.package.census_path`."""

    format: str
    asked: Of | None
    """Whose clips are shown to be there, or not to be; None: all leaves are shown."""
    leaves: list[Shown]

    def to_bytes(self) -> bytes:
        """The file: canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> ShownCensus:
        """What :meth:`to_bytes` wrote; LogBroken for anything else."""
        try:
            made = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise LogBroken(f"what is shown of a census cannot be read: {error}") from error
        if made.format != FORMAT:
            raise LogBroken(f"what is shown of a census has the unknown format {made.format!r}")
        return made


def check_one(census: Census, shown: ShownCensus) -> list[int]:
    """The ``archive.verified`` entries of whom was asked for, in the range of *census*.

    Empty if none of theirs is in it.  LogBroken if neither was shown.
    """
    if shown.asked is None:
        raise LogBroken("nobody was asked for in what is shown of a census")
    label = shown.asked.label(census.key)
    for each in shown.leaves:
        _check_path(census, each)
    match shown.leaves:
        case [only] if only.leaf.label == label:
            return _within(census, only.indexes())
        case [left, right]:
            between = left.leaf.label < label < right.leaf.label and left.place + 1 == right.place
        case [only]:
            first = only.place == 0 and label < only.leaf.label
            last = only.place == census.leaves - 1 and label > only.leaf.label
            between = first or last
        case []:
            between = census.leaves == 0
        case _:
            between = False
    if not between:
        raise LogBroken("a census shows neither the leaf that was asked for nor that there is none")
    return []


def check_all(census: Census, shown: ShownCensus) -> dict[int, Subject | None]:
    """Log index -> whose clip, for all of *census*; None where that was forgotten.

    LogBroken unless *shown* gives its root and lists its clips, each once.
    """
    leaves = [each.leaf for each in shown.leaves]
    labels = [leaf.label for leaf in leaves]
    if any(a >= b for a, b in itertools.pairwise(labels)):
        raise LogBroken("the leaves of a census are not in the order of their labels")
    reached = root_of([leaf.hash for leaf in leaves])
    if len(leaves) != census.leaves or reached.hex() != census.root:
        raise LogBroken(f"the leaves of a census give root {reached.hex()}, not {census.root}")
    found: dict[int, Subject | None] = {}
    for each in shown.leaves:
        if each.of is not None and each.of.label(census.key) != each.leaf.label:
            raise LogBroken(f"leaf {each.place} of a census is not of whom it is said to be")
        for index in _within(census, each.indexes()):
            if index in found:
                raise LogBroken(f"entry {index} is in a census twice")
            found[index] = None if each.of is None else each.of.subject
    if len(found) != census.clips:
        raise LogBroken(f"a census counts {census.clips} clips, and lists {len(found)}")
    return found


def _check_path(census: Census, each: Shown) -> None:
    if each.path is None:
        raise LogBroken(f"leaf {each.place} of a census has no path to its root")
    verify_inclusion(
        leaf=each.leaf.hash,
        index=each.place,
        size=census.leaves,
        path=[Hash(_hex(text, HASH_SIZE)) for text in each.path],
        root=Hash(_hex(census.root, HASH_SIZE)),
    )


def _within(census: Census, indexes: list[int]) -> list[int]:
    if outside := [index for index in indexes if not census.first <= index < census.end]:
        raise LogBroken(f"a census lists entry {outside[0]}, which it does not cover")
    return indexes


def _salt(secret: bytes, first: int, label: bytes) -> bytes:
    text = f"evidock-census-salt/v1\n{first}\n".encode() + label
    return hmac.new(secret, text, hashlib.sha256).digest()


def _hex(text: str, size: int) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise LogBroken(f"{text!r} is not hexadecimal") from error
    if len(found) != size or found.hex() != text:
        raise LogBroken(f"{text!r} are not {size} bytes in hexadecimal")
    return found


@dataclass(frozen=True, slots=True)
class _Hashes:
    """A small tree in memory."""

    hashes: Sequence[Hash]

    def subtree(self, level: int, index: int) -> Hash:
        return root_of(self.hashes[index << level : (index + 1) << level])
