"""What a forger might do to a receipt: changes of what it *says*, not of how it is spelt.

One rule: after each of them the claim is another one, and false.  Lenient readers accept unused
bits of base64; that changes no claim, so it is no mutation here.  (Our own reader refuses it, too.)
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A receipt taken apart, and the entry that it is said to be of."""

    index: int
    path: tuple[bytes, ...]
    origin: str
    size: int
    root: bytes
    signer: str
    key_id: bytes
    signature: bytes
    entry: bytes

    @classmethod
    def of(cls, receipt: bytes, entry: bytes) -> Claim:
        head, _, note = receipt.decode().partition("\n\n")
        _, index, *path = head.split("\n")
        text, _, line = note.partition("\n\n")
        origin, size, root = text.split("\n")
        _, signer, signature = line.strip().split(" ")
        raw = base64.b64decode(signature)
        return cls(
            index=int(index.removeprefix("index ")),
            path=tuple(map(base64.b64decode, path)),
            origin=origin,
            size=int(size),
            root=base64.b64decode(root),
            signer=signer,
            key_id=raw[:4],
            signature=raw[4:],
            entry=entry,
        )

    @property
    def receipt(self) -> bytes:
        """The claim as a file."""
        lines = ["c2sp.org/tlog-proof@v1", f"index {self.index}", *map(_text, self.path), ""]
        note = [self.origin, str(self.size), _text(self.root), ""]
        signed = f"— {self.signer} {_text(self.key_id + self.signature)}"
        return "\n".join([*lines, *note, signed, ""]).encode()


Change = Callable[[Random, Claim], Claim]


def mutated(claim: Claim, seed: int, count: int) -> Iterator[Claim]:
    """*count* false claims made of the true *claim*, in turn by each of :data:`CHANGES`."""
    chance, made = Random(seed), 0
    while made < count:
        for change in CHANGES:
            false = change(chance, claim)
            if false != claim and made < count:
                made += 1
                yield false


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _flipped(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def _in_path(change: Callable[[Random, list[bytes]], Sequence[bytes]]) -> Change:
    def changed(chance: Random, claim: Claim) -> Claim:
        return replace(claim, path=tuple(change(chance, list(claim.path)))) if claim.path else claim

    return changed


def _flip_one(chance: Random, path: list[bytes]) -> Sequence[bytes]:
    at = chance.randrange(len(path))
    return [*path[:at], _flipped(chance, path[at]), *path[at + 1 :]]


def _drop_one(chance: Random, path: list[bytes]) -> Sequence[bytes]:
    path.pop(chance.randrange(len(path)))
    return path


def _double_one(chance: Random, path: list[bytes]) -> Sequence[bytes]:
    at = chance.randrange(len(path))
    return [*path[:at], path[at], *path[at:]]


def _swap_two(chance: Random, path: list[bytes]) -> Sequence[bytes]:
    chance.shuffle(path)
    return path


CHANGES: Sequence[Change] = (
    lambda chance, claim: replace(claim, entry=_flipped(chance, claim.entry)),
    lambda chance, claim: replace(claim, entry=claim.entry[: chance.randrange(len(claim.entry))]),
    lambda chance, claim: replace(claim, entry=claim.entry + chance.randbytes(3)),
    lambda chance, claim: replace(claim, index=chance.randrange(claim.size + 2)),
    _in_path(_flip_one),
    _in_path(_drop_one),
    _in_path(_double_one),
    _in_path(_swap_two),
    _in_path(lambda _, path: path[::-1]),
    _in_path(lambda chance, path: [*path, chance.randbytes(32)]),
    lambda chance, claim: replace(claim, size=claim.size + chance.randrange(1, 5)),
    lambda chance, claim: replace(claim, size=chance.randrange(claim.size + 1)),
    lambda chance, claim: replace(claim, root=_flipped(chance, claim.root)),
    lambda _, claim: replace(claim, origin=claim.origin + "x", signer=claim.signer + "x"),
    lambda _, claim: replace(claim, origin="example.org/other"),
    lambda _, claim: replace(claim, signer="example.org/other"),
    lambda chance, claim: replace(claim, key_id=_flipped(chance, claim.key_id)),
    lambda chance, claim: replace(claim, signature=_flipped(chance, claim.signature)),
    lambda chance, claim: replace(claim, signature=chance.randbytes(64)),
    lambda chance, claim: replace(claim, signature=claim.signature[: chance.randrange(64)]),
)
"""Every kind of mutation."""
