"""Documents of cases in the vault: taken in as they are read, given as they are on record.

A document lies in scratch while it comes or goes, so that a slow line holds up nobody and a large
file fills no memory.  It is hashed as its bytes come in; whatever can be refused is refused before
it is stored, write-once among the records under its digest, and read back before any entry speaks
of it.  One rule: none is given to anybody before that is on record, nor if what the vault holds is
something else.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path

from archive.catalogue import documents
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.documents import Handed
from archive.derive.fetch import Recorded, fetch, scratch
from archive.originals import document_key, keep_record
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, DiskFull, OutOfTurn, Refused
from evidence.law.rulebook import Rulebook
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.wire import DocumentShown

LARGEST = 64 * 1024**2
"""Bytes of a document: each is held in memory while it is stored."""
PATIENCE = 600.0
"""Seconds in which a document has come, or is gone out: some 100 kB/s for the largest."""
_STORED_AT_ONCE = 2
"""Documents that are in memory at a time."""
_OF_ONE = 4
"""Documents on their way from and to one person: no one fills the disk with what never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Takes documents in, and gives them out."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    agency: str
    rulebook: Rulebook
    folder: Path
    """Scratch: what lies there is on its way."""
    patience: float = PATIENCE
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_STORED_AT_ONCE))
    _under_way: Counter[str] = field(default_factory=Counter)
    """Person -> documents on their way."""

    async def add(
        self, person: str, case: str, title: str, name: str, blocks: AsyncIterable[bytes]
    ) -> DocumentShown:
        """Take a document in, and put that on record.

        NotKnown without the case; OutOfTurn if the case has it, or can take no more, or the person
        has too many on their way; Refused if it is empty, has more than :data:`LARGEST` bytes, or
        takes longer than :data:`PATIENCE`.
        """
        await self.catalogue.run(documents.may_come, case)
        with self._on_its_way(person), scratch(self.folder) as room:
            file = room / "document"
            sha256, size = await self._received(blocks, file)
            handed = Handed(case=case, title=title, name=name, sha256=sha256, size=size)
            await self.catalogue.run(documents.may_be_added, handed)
            async with self._turns:
                await asyncio.to_thread(self._keep, file, sha256)
                return await self.catalogue.run(documents.add, person, handed)

    @asynccontextmanager
    async def given(self, person: str, document: str) -> AsyncIterator[tuple[DocumentShown, Path]]:
        """A document, and a file with its bytes for as long as *person* is given them.

        That is on record before.  NotKnown without it; OutOfTurn if the person has too many on
        their way; DigestMismatch if the vault does not hold what is on record.
        """
        shown = await self.catalogue.run(documents.find, document)
        with self._on_its_way(person), scratch(self.folder) as room:
            file = room / "document"
            await asyncio.to_thread(self._fetch, shown, file)
            await self.catalogue.run(documents.give, person, document)
            yield shown, file

    @contextmanager
    def _on_its_way(self, person: str) -> Iterator[None]:
        if self._under_way[person] >= _OF_ONE:
            raise OutOfTurn(
                f"{_OF_ONE} documents are on their way from or to this person",
                advice="Wait until one of them has arrived, then ask again.",
            )
        self._under_way[person] += 1
        try:
            yield
        finally:
            self._under_way[person] -= 1
            if not self._under_way[person]:
                del self._under_way[person]

    async def _received(self, blocks: AsyncIterable[bytes], file: Path) -> tuple[Sha256, int]:
        """Digest and size of the *blocks*, which lie in *file* then."""
        try:
            async with asyncio.timeout(self.patience):
                return await _written(blocks, file)
        except TimeoutError as error:
            raise Refused(
                f"the document took longer than {self.patience:.0f} s to come",
                advice="Send it over a faster line, or split it. Nothing was kept.",
            ) from error

    def _keep(self, file: Path, sha256: Sha256) -> None:
        until = self.rulebook.first_lease(self.clock.now())
        lock = Lock(mode=LockMode.COMPLIANCE, until=until)
        key = document_key(self.agency, sha256.hex)
        kept = keep_record(
            self.vault, key, file.read_bytes(), lock, content_type="application/octet-stream"
        )
        if kept != sha256:
            raise DigestMismatch(f"{file} holds {kept} where {sha256} was written")
        self.vault.barrier()

    def _fetch(self, shown: DocumentShown, file: Path) -> None:
        key, sha256 = document_key(self.agency, shown.sha256), Sha256.from_hex(shown.sha256)
        for version in self.vault.versions(Bucket.RECORDS, key):
            if version.key == key and version.size == shown.size:
                wanted = Recorded(
                    bucket=Bucket.RECORDS,
                    key=key,
                    version_id=version.version_id,
                    size=shown.size,
                    sha256=sha256,
                )
                try:
                    return fetch(self.vault, wanted, file)
                except DigestMismatch:
                    continue  # another version may be right
        raise DigestMismatch(
            f"records/{key} is not there, or is not document {shown.id} as on record",
            advice="Nothing was given out. Run `evidock fsck`, and ask the second vault.",
        )


async def _written(blocks: AsyncIterable[bytes], file: Path) -> tuple[Sha256, int]:
    state, size = hashlib.sha256(), 0
    try:
        with await asyncio.to_thread(file.open, "wb") as stream:
            async for block in blocks:
                size += len(block)
                if size > LARGEST:
                    raise Refused(
                        f"the document has more than {LARGEST} bytes",
                        advice="Split it, or bring footage in with `evidock import`.",
                    )
                state.update(block)
                await asyncio.to_thread(stream.write, block)
    except OSError as error:
        if error.errno == ENOSPC:
            raise DiskFull(f"no room in {file.parent} for a document on its way") from error
        raise
    if not size:
        raise Refused("the document is empty", advice="Choose a file with something in it.")
    return Sha256(state.digest()), size
