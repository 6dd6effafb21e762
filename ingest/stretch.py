"""A run of bytes of one staged file, read for hashing or for sending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.passing import blocks_once
from ingest.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """*size* bytes from *offset* of the file at *path*."""

    path: Path
    offset: int = 0
    size: int

    def check(self) -> None:
        """Return if the file holds these bytes; DigestMismatch if it is gone or ends before."""
        try:
            held = self.path.stat().st_size
        except FileNotFoundError as error:
            raise DigestMismatch(f"the staged copy {self.path} is gone") from error
        if held < self.offset + self.size:
            raise DigestMismatch(f"the staged copy {self.path} ends after {held:,} bytes")

    def blocks(self) -> Iterator[bytes]:
        """The bytes in blocks; fewer than *size* if the file ends early."""
        with self.path.open("rb", buffering=0) as stream:
            stream.seek(self.offset)
            yield from blocks_once(stream, self.size)

    def digest(self) -> Sha256:
        """The digest of the bytes.  Raises DigestMismatch if the file is gone or too short."""
        self.check()
        return Sha256.of_blocks(self.blocks())

    async def body(
        self, sent: Callable[[int], None], pace: Pace | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes as the body of a request, read in a thread, at *pace* if there is one.

        *sent* hears how many were given out so far.
        """
        blocks, given = self.blocks(), 0
        while block := await asyncio.to_thread(next, blocks, b""):
            yield block
            given += len(block)
            sent(given)
            if pace is not None:
                await pace.rest(len(block))
