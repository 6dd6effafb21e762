"""In steps 7 and 8: the digests that entries tell beside SHA-256 are those of the files, too.

One rule: a digest that is told is checked, or it is said that it was not; none is passed over.
What this machine cannot take, or this version does not know, leaves its step open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from evidence.digest import blocks_of
from evidence.digests import Digests, Hashing, Maker, digests_of
from evidence.errors import DigestMismatch
from evidence.package import PackagedClip
from evidence.verification import facts
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, waits

_KNOWN = {"sha256", "sm3"}
_MOST_NAMES, _LONGEST = 5, 40


class Beside:
    """One step's look at such digests."""

    def __init__(self, case: Case, proven: Proven) -> None:
        self._case = case
        self._proven = proven
        self._unchecked: set[str] = set()
        self._read: dict[str, Digests] = {}
        """Path of an original -> its digests; clips may share one."""

    @property
    def ending(self) -> Ending:
        """How the step ends, if nothing else stops it."""
        if not self._unchecked:
            return DONE
        words = {"sm3": "SM3 (no library on this machine has it)"}
        named = sorted(self._unchecked)[:_MOST_NAMES]
        names = [words.get(name, f"{name[:_LONGEST]!a} (not known here)") for name in named]
        return waits(f"digests beside SHA-256 were not checked: {', '.join(names)}")

    def see_manifest(self, clip: PackagedClip) -> None:
        """The manifest of *clip*, whose SHA-256 is right; DigestMismatch if another is not."""
        told = self._named(clip).manifest
        sm3 = self._maker(told)
        if clip.manifest is not None and sm3 is not None:
            found = digests_of(read(self._case.files, DATA + clip.manifest), sm3)
            _must_be(clip.manifest, found, told["sm3"])

    def see_original(
        self, clip: PackagedClip, others: Sequence[tuple[int, Mapping[str, str]]]
    ) -> None:
        """The original of *clip*, whose SHA-256 is right; DigestMismatch if another is not.

        *others* are the digests that entries tell beside ``archive.verified``: of what its station
        read, of what the archive read later.  They count even where that tells none.
        """
        told = self._named(clip).digests
        for index, digests in others:
            for name, value in digests.items():
                if told.setdefault(name, value) != value:
                    raise DigestMismatch(
                        f"entry {index} tells {name!a} {value!a}, and another {told[name]!a}"
                    )
        sm3 = self._maker(told)
        if clip.original is None or sm3 is None:
            return
        found = self._digests(clip.original, sm3)
        if found.sha256.hex != told["sha256"]:
            raise DigestMismatch(f"{clip.original} changed while it was verified")
        _must_be(clip.original, found, told["sm3"])

    def _named(self, clip: PackagedClip) -> facts.Named:
        return msgspec.json.decode(self._proven.raw(clip.entry), type=facts.Named)

    def _maker(self, told: dict[str, str]) -> Maker | None:
        """How SM3 is taken, if *told* has one; what nobody here can check is noted."""
        self._unchecked |= told.keys() - _KNOWN
        if "sm3" in told and self._case.brought.sm3 is None:
            self._unchecked.add("sm3")
        return self._case.brought.sm3 if "sm3" in told else None

    def _digests(self, path: str, sm3: Maker) -> Digests:
        """Both digests of the same bytes, read once more: before, nobody knew that SM3 is told."""
        if path not in self._read:
            state, size = Hashing(sm3), self._case.files.size(DATA + path)
            with self._case.files.open(DATA + path) as stream:
                for block in blocks_of(stream):
                    state.update(block)
                    self._case.told("reading originals for SM3", state.size, size)
            self._read[path] = state.digests
        return self._read[path]


def _must_be(path: str, found: Digests, told: str) -> None:
    if found.sm3 is None or found.sm3.hex != told:
        raise DigestMismatch(f"{path} has SM3 {found.sm3}; the log says {told}")
