"""SHA-256 as a value, and hashing while bytes pass by.

The digest of a clip is taken at the first read of its bytes and never again assumed: every later
step computes it anew and compares.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: Bytes per read.  Hashing speed is flat from 4 kB to 4 MB; one MiB keeps system calls few.
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class Sha256:
    """A SHA-256 digest (FIPS 180-4), compared by value."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != hashlib.sha256().digest_size:
            raise ValueError(f"a SHA-256 digest has 32 bytes, not {len(self.raw)}")

    @classmethod
    def from_hex(cls, text: str) -> Sha256:
        """The digest written as 64 hexadecimal digits."""
        return cls(bytes.fromhex(text))

    @classmethod
    def from_base64(cls, text: str) -> Sha256:
        """The digest as S3 writes it in ``x-amz-checksum-sha256``."""
        return cls(base64.b64decode(text, validate=True))

    @classmethod
    def of(cls, data: bytes) -> Sha256:
        """The digest of *data*."""
        return cls(hashlib.sha256(data).digest())

    @classmethod
    def of_blocks(cls, blocks: Iterable[bytes]) -> Sha256:
        """The digest of all *blocks* in order."""
        state = hashlib.sha256()
        for block in blocks:
            state.update(block)
        return cls(state.digest())

    @classmethod
    def of_file(cls, path: Path) -> Sha256:
        """The digest of the file's bytes as they are on disk now."""
        with path.open("rb") as stream:
            return cls.of_blocks(blocks_of(stream))

    @property
    def hex(self) -> str:
        return self.raw.hex()

    @property
    def base64(self) -> str:
        return base64.b64encode(self.raw).decode("ascii")

    def __str__(self) -> str:
        return self.hex


def blocks_of(stream: BinaryIO, size: int = BLOCK) -> Iterator[bytes]:
    """The rest of *stream* in blocks of at most *size* bytes."""
    while block := stream.read(size):
        yield block
