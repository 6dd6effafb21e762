"""Pull: read a file from the card once, hashing while it is copied into staging.

One rule: a copy gets its final name only if the card gave exactly the listed length and the file
did not change meanwhile.  A card that leaves early never looks like a shorter file: what was read
is kept with a mark (length and digest of the synced bytes), and copying goes on there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evidence import durable
from evidence.digest import BLOCK, Sha256
from evidence.digests import Digests, Hashing, Maker, Sm3
from evidence.errors import CardGone, CardReadFailed, FileStillChanging
from ingest.source import ClipSource, Listed, Original
from ingest.staging import Mark, Staging
from ingest.stretch import Stretch
from ingest.watch import PullCancelled, Watch

MARK_EVERY = 64 * 1024**2
"""Bytes between two marks: all that a power cut can cost.  The end has none: there it lands."""

OTHER_BYTES = "the card gives other bytes than before; what was kept of those is set aside"
_ZEROS = bytes(BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A whole copy lies in staging under its final name."""

    sha256: Sha256
    size: int
    sm3: Sm3 | None = None
    """Taken in the same pass, if it was asked for."""
    resumed_at: int = 0
    """Byte at which copying went on; 0 if it began at the start."""
    restarted: str | None = None
    """Why an earlier beginning was not continued, if there was one that was not."""

    @property
    def digests(self) -> Digests:
        return Digests(sha256=self.sha256, sm3=self.sm3)


def pull(
    source: ClipSource,
    listed: Listed,
    staging: Staging,
    clip: str,
    watch: Watch,
    *,
    sm3: Maker | None = None,
) -> Pulled:
    """Copy *listed* into staging as *clip*; safe to repeat at any point.

    Its SHA-256 is taken while it passes, and its SM3 where *sm3* is given.
    Raises FileStillChanging (nothing is kept of it); CardGone, CardReadFailed, PullCancelled or
    DiskFull (the beginning is kept, marked, and continued next time).
    """
    with source.open(listed) as original:
        copy = _Copy(original=original, listed=listed, staging=staging, clip=clip, sm3=sm3)
        resumed_at = copy.begin()
        if copy.landed:
            durable.sync_folder(staging.folder)  # it may have landed in the moment of a failure
        else:
            staging.check_room(listed.size - resumed_at)
            try:
                copy.run(watch)
            except OSError as error:
                raise durable.translate(error, staging.part(clip)) from error
    watch.copied(listed.size, last=True)
    taken = copy.hash.digests
    return Pulled(
        sha256=taken.sha256,
        sm3=taken.sm3,
        size=listed.size,
        resumed_at=resumed_at,
        restarted=copy.restarted,
    )


@dataclass(slots=True, kw_only=True)
class _Copy:
    """The copy of one original into staging, and the hash over what is there of it."""

    original: Original
    listed: Listed
    staging: Staging
    clip: str
    sm3: Maker | None
    length: int = 0
    hash: Hashing = field(init=False)
    restarted: str | None = None

    def __post_init__(self) -> None:
        self.hash = Hashing(self.sm3)

    @property
    def landed(self) -> bool:
        """Whether the whole copy has its final name."""
        return self.staging.whole(self.clip).exists()

    def begin(self) -> int:
        """Take up what staging holds, if it still fits the camera's file; the bytes taken up."""
        held = self.staging.whole(self.clip) if self.landed else self.staging.part(self.clip)
        self.restarted = self._take_up(held)
        if self.restarted is None and (self.length or self.landed):
            return self.length
        self.length, self.hash = 0, Hashing(self.sm3)
        if self.restarted == OTHER_BYTES:
            self.staging.set_aside(self.clip)
        self.staging.free(self.clip)
        return 0

    def run(self, watch: Watch) -> None:
        """Copy the rest, see that it is the whole unchanged file, and land it."""
        with self.staging.part(self.clip).open("r+b" if self.length else "wb", buffering=0) as part:
            part.truncate(self.length)
            part.seek(self.length)
            try:
                self._append(part, watch)
                self._check_whole()
            except FileStillChanging:
                self.staging.clear_part(self.clip)
                raise
            except (CardGone, CardReadFailed, PullCancelled):
                self._mark(part)
                raise
            part.truncate(self.length)
        durable.land(self.staging.part(self.clip), self.staging.whole(self.clip), self.length)
        self.staging.clear_mark(self.clip)

    def _take_up(self, held: Path) -> str | None:
        """Hash what *held* has; why it cannot be continued, or None."""
        mark = self.staging.mark(self.clip)
        if self.landed:
            wanted, digest = self.listed.size, None
        elif held.exists() and mark is not None:
            wanted, digest = mark.length, mark.sha256
        else:
            return None
        for block in Stretch(path=held, size=wanted).blocks():
            self.hash.update(block)
            self.length += len(block)
        if digest is not None and (self.length, self.hash.sha256) != (wanted, digest):
            return "the staged beginning is not what was marked"
        if wanted > self.listed.size or (self.landed and held.stat().st_size != wanted):
            return OTHER_BYTES
        return self._differs(held)

    def _differs(self, held: Path) -> str | None:
        """Why the camera's file does not begin with what is *held*, or None.

        Of a beginning its first and last MiB are compared, for the sake of which it was kept.  A
        whole copy is compared throughout, since nothing of the file would be read otherwise: only
        a crash right after landing leaves one here.
        """
        first, last = (0, min(self.length, BLOCK)), (max(0, self.length - BLOCK), self.length)
        for start, end in ((0, self.length),) if self.landed else (first, last):
            for offset in range(start, end, BLOCK):
                size = min(BLOCK, end - offset)
                staged = Stretch(path=held, offset=offset, size=size)
                if b"".join(_range(self.original, offset, size)) != b"".join(staged.blocks()):
                    return OTHER_BYTES
        return None

    def _append(self, part: BinaryIO, watch: Watch) -> None:
        for block in _range(self.original, self.length, self.listed.size - self.length):
            _write(part, block)
            self.hash.update(block)
            self.length += len(block)
            if self.length % MARK_EVERY < len(block) and self.length < self.listed.size:
                self._mark(part)
            watch.copied(self.length)

    def _check_whole(self) -> None:
        """Return if all listed bytes came and the file is still as it was listed."""
        grown = self.length == self.listed.size and self.original.read_at(self.length, 1)
        if grown or not self.original.stat().fits(self.listed):
            raise FileStillChanging(f"{self.listed.path!r} changed while it was copied")
        if self.length < self.listed.size:
            # A raw device that was pulled out may answer "end of file" instead of an error.
            raise CardGone(
                f"the card gave {self.length:,} of the {self.listed.size:,} bytes "
                f"of {self.listed.path!r}"
            )

    def _mark(self, part: BinaryIO) -> None:
        """Sync what is copied and note its length and digest, to continue from."""
        part.truncate(self.length)
        os.fsync(part.fileno())
        self.staging.set_mark(self.clip, Mark(length=self.length, sha256=self.hash.sha256))


def _range(original: Original, offset: int, size: int) -> Iterator[bytes]:
    while size and (block := original.read_at(offset, min(BLOCK, size))):
        yield block
        offset, size = offset + len(block), size - len(block)


def _write(part: BinaryIO, block: bytes) -> None:
    """Write all of *block*; a block of zeros stays a hole, which reads the same."""
    if block == _ZEROS:
        part.seek(len(block), 1)
        return
    view = memoryview(block)
    while view:
        view = view[part.write(view) :]
