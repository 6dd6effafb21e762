"""Receipts: that an entry is in the log, checkable without the log (C2SP tlog-proof@v1).

A receipt is the entry's index, its Merkle path and the signed checkpoint the path leads to.  Its
``extra`` line would not be covered by any signature, so we never write it and refuse to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence.cosignature import Cosignature
from evidence.errors import LogBroken
from evidence.merkle import Hash, leaf_hash, verify_inclusion
from evidence.note import (
    Checkpoint,
    VerifierKey,
    hash_text,
    open_checkpoint,
    read_hash,
    read_number,
)
from evidence.policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
INDEX = "index "
SUFFIX = ".tlog-proof"
"""The file name ending that C2SP recommends."""
ENTRY_SUFFIX = ".entry.json"
"""The ending of the entry's file beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One tlog-proof, as written: nothing in it is trusted before :func:`verify_receipt`."""

    index: int
    path: tuple[Hash, ...]
    """From the leaf's sibling up to the child of the root."""
    note: bytes
    """The signed checkpoint, verbatim."""

    @property
    def text(self) -> bytes:
        """The receipt as a file."""
        lines = [HEADER, f"{INDEX}{self.index}", *map(hash_text, self.path), "", ""]
        return "\n".join(lines).encode("ascii") + self.note

    @classmethod
    def parse(cls, text: bytes) -> Receipt:
        """The receipt whose :attr:`text` is exactly *text*; LogBroken for any other."""
        head, _, note = text.partition(b"\n\n")
        match head.decode("ascii", errors="replace").split("\n"):
            case [header, index, *path] if header == HEADER and index.startswith(INDEX):
                number = read_number(index.removeprefix(INDEX))
                return cls(index=number, path=tuple(map(read_hash, path)), note=note)
            case [header, *_] if header == HEADER:
                raise LogBroken("no receipt of ours: its second line must be its index")
            case _:
                raise LogBroken(f"no receipt: it must begin with {HEADER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a receipt proved: the entry stands at this index under this checkpoint."""

    index: int
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()
    """Of the witnesses of the policy it was held against; none where it was held against keys."""


def verify_receipt(text: bytes, entry: bytes, trusted: Sequence[VerifierKey]) -> Proven:
    """See that the receipt *text* proves *entry* to be in the log of a *trusted* key.

    LogBroken names what does not hold.
    """
    receipt = Receipt.parse(text)
    checkpoint = open_checkpoint(receipt.note, trusted)
    verify_inclusion(
        leaf=leaf_hash(entry),
        index=receipt.index,
        size=checkpoint.size,
        path=receipt.path,
        root=checkpoint.root,
    )
    return Proven(index=receipt.index, checkpoint=checkpoint)


def believe_receipt(text: bytes, entry: bytes, policy: Policy) -> Proven:
    """As :func:`verify_receipt`, by a log of *policy* whose checkpoint its quorum has seen.

    LogBroken names what does not hold.
    """
    believed = policy.believe(Receipt.parse(text).note)
    proven = verify_receipt(text, entry, policy.logs)
    return replace(proven, cosignatures=believed.cosignatures)
