"""Digests beside SHA-256: SM3 (GB/T 32905-2016, ISO/IEC 10118-3) of the same bytes, in one pass.

One rule: SHA-256 always, and no other digest in its place.  What stands beside it is for the day
on which SHA-256 does not hold any more, and must hold, too, wherever it is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from evidence.digest import Sha256, blocks_of
from evidence.errors import SetupError

_SIZE = 32


class State(Protocol):
    """A digest under way."""

    def update(self, data: bytes, /) -> object: ...

    def digest(self) -> bytes:
        """The digest of all bytes so far; more may follow."""
        ...


Maker = Callable[[], State]


@dataclass(frozen=True, slots=True, order=True)
class Sm3:
    """An SM3 digest, compared by value."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _SIZE:
            raise ValueError(f"an SM3 digest has 32 bytes, not {len(self.raw)}")

    @classmethod
    def from_hex(cls, text: str) -> Sm3:
        """The digest written as 64 hexadecimal digits."""
        return cls(bytes.fromhex(text))

    @property
    def hex(self) -> str:
        return self.raw.hex()

    def __str__(self) -> str:
        return self.hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What the bytes of one thing hash to; ``sm3`` where it was taken."""

    sha256: Sha256
    sm3: Sm3 | None = None

    @classmethod
    def told(cls, sha256: str, sm3: str | None) -> Digests:
        """The digests written as 64 hexadecimal digits each."""
        beside = None if sm3 is None else Sm3.from_hex(sm3)
        return cls(sha256=Sha256.from_hex(sha256), sm3=beside)

    @classmethod
    def from_wire(cls, held: object) -> Digests:
        """The map of digests of an entry; names that are not known are passed over."""
        found = cast("Mapping[str, str]", held)
        return cls.told(str(found["sha256"]), found.get("sm3"))

    def to_wire(self) -> dict[str, str]:
        """The map of digests that entries hold: one name for each that was taken."""
        beside = {} if self.sm3 is None else {"sm3": self.sm3.hex}
        return {"sha256": self.sha256.hex, **beside}

    def agree(self, other: Digests) -> bool:
        """Whether both can be of the same bytes: no digest that both have differs."""
        known = None not in {self.sm3, other.sm3}
        return self.sha256 == other.sha256 and (not known or self.sm3 == other.sm3)

    def are(self, told: object) -> bool:
        """Whether the map of digests *told* is of these bytes, and names no digest unknown here.

        Either may lack SM3: a station may take it since, and an archive have the clip of another.
        """
        try:
            said = Digests.from_wire(told)
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        return said.to_wire() == told and self.agree(said)

    def __str__(self) -> str:
        return f"{self.sha256}" if self.sm3 is None else f"{self.sha256} (SM3 {self.sm3})"


class Hashing:
    """Takes the digests of bytes that pass by, each in the same pass.

    SM3 where *sm3* is given, as :func:`sm3_maker` gives it.
    """

    def __init__(self, sm3: Maker | None = None) -> None:
        self._sha256 = hashlib.sha256()
        self._sm3 = None if sm3 is None else sm3()
        self.size = 0
        """Bytes so far."""

    def update(self, data: bytes) -> None:
        self._sha256.update(data)
        if self._sm3 is not None:
            self._sm3.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> Sha256:
        """SHA-256 of all bytes so far."""
        return Sha256(self._sha256.digest())

    @property
    def digests(self) -> Digests:
        """The digests of all bytes so far."""
        beside = None if self._sm3 is None else Sm3(self._sm3.digest())
        return Digests(sha256=self.sha256, sm3=beside)


def digests_of(data: bytes, sm3: Maker | None = None) -> Digests:
    """The digests of *data*."""
    return digests_of_blocks([data], sm3)


def digests_of_blocks(blocks: Iterable[bytes], sm3: Maker | None = None) -> Digests:
    """The digests of all *blocks* in order."""
    state = Hashing(sm3)
    for block in blocks:
        state.update(block)
    return state.digests


def digests_of_file(path: Path, sm3: Maker | None = None) -> Digests:
    """The digests of the file's bytes as they are on disk now."""
    with path.open("rb") as stream:
        return digests_of_blocks(blocks_of(stream), sm3)


class _Finalized:
    """A digest of the ``cryptography`` library, which brings an OpenSSL of its own."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()


def by_hashlib() -> State:
    """SM3 by the OpenSSL that Python was built with; ValueError if that has none."""
    return cast("State", hashlib.new("sm3"))


def by_cryptography() -> State:
    """SM3 by the OpenSSL in the ``cryptography`` package; UnsupportedAlgorithm if that has none."""
    return _Finalized()


def first_that_works(makers: Iterable[Maker]) -> Maker | None:
    """The first of *makers* that this machine can run; None if it can run none."""
    for maker in makers:
        try:
            maker()
        except (ValueError, UnsupportedAlgorithm):
            continue
        return maker
    return None


@cache
def sm3_maker() -> Maker | None:
    """How SM3 is taken on this machine; None if it cannot be."""
    return first_that_works((by_hashlib, by_cryptography))


def maker_for(wanted: Digests) -> Maker | None:
    """What comparing with *wanted* takes; SetupError if that is SM3, and it is not here."""
    why = "a digest on record is an SM3"
    return None if wanted.sm3 is None else must_have_sm3(why, sm3_maker())


def maker_if(is_wanted: bool, why: str) -> Maker | None:  # noqa: FBT001  a setting's value
    """How SM3 is taken, if it *is_wanted*; SetupError saying *why* it is where it cannot be."""
    return must_have_sm3(why, sm3_maker()) if is_wanted else None


def must_have_sm3(why: str, maker: Maker | None) -> Maker:
    """*maker*; SetupError saying *why* SM3 is wanted if there is none."""
    if maker is None:
        raise SetupError(
            f"{why}, and no library on this machine has SM3",
            advice="Use a Python whose OpenSSL has SM3 (`openssl dgst -sm3 /dev/null` answers), or"
            " the cryptography package as it is published (its wheels have it).",
        )
    return maker
