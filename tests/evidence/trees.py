"""Trees held in memory, for tests of proofs and tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.merkle import Hash, root_of


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """A HashReader that hashes every subtree anew from its leaves."""

    leaves: Sequence[Hash]

    def subtree(self, level: int, index: int) -> Hash:
        below = self.leaves[index << level : (index + 1) << level]
        assert len(below) == 1 << level, "asked for a subtree that is not full"
        return root_of(below)

    def root(self, size: int) -> Hash:
        return root_of(self.leaves[:size])
