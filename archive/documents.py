"""Documents of cases in the vault: taken in as they are read, given as they are on record.

A document is hashed as its bytes come in, stored write-once among the records under its digest and
read back before any entry speaks of it.  One rule: none is given to anybody before that is on
record, nor if what the vault holds is something else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass, field

from archive.catalogue import documents
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.documents import Handed
from archive.originals import document_key, keep_record
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, Refused
from evidence.law.rulebook import Rulebook
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.wire import DocumentShown

LARGEST = 64 * 1024**2
"""Bytes of a document: each is held in memory while it is stored, or read back."""
_AT_ONCE = 2
"""Documents that are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Takes documents in, and gives them out."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    agency: str
    rulebook: Rulebook
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def add(
        self, person: str, case: str, title: str, name: str, blocks: AsyncIterable[bytes]
    ) -> DocumentShown:
        """Take a document in, and put that on record.

        NotKnown without the case; Refused if it is empty or has more than :data:`LARGEST` bytes.
        """
        await self.catalogue.run(documents.may_come, case)
        async with self._turns:
            data = await _read(blocks)
            sha256 = await asyncio.to_thread(self._keep, data)
            handed = Handed(case=case, title=title, name=name, sha256=sha256, size=len(data))
            return await self.catalogue.run(documents.add, person, handed)

    async def give(self, person: str, document: str) -> tuple[DocumentShown, bytes]:
        """A document and its bytes, for *person*; that is on record before.

        NotKnown without it; DigestMismatch if the vault does not hold what is on record.
        """
        shown = await self.catalogue.run(documents.find, document)
        async with self._turns:
            await self.catalogue.run(documents.give, person, document)
            return shown, await asyncio.to_thread(self._bytes, shown)

    def _keep(self, data: bytes) -> Sha256:
        sha256 = Sha256.of(data)
        until = self.rulebook.first_lease(self.clock.now())
        lock = Lock(mode=LockMode.COMPLIANCE, until=until)
        key = document_key(self.agency, sha256.hex)
        keep_record(self.vault, key, data, lock, content_type="application/octet-stream")
        self.vault.barrier()
        return sha256

    def _bytes(self, shown: DocumentShown) -> bytes:
        key = document_key(self.agency, shown.sha256)
        for version in self.vault.versions(Bucket.RECORDS, key):
            if version.key == key and version.size == shown.size:
                data = b"".join(self.vault.read(version.bucket, key, version.version_id))
                if Sha256.of(data).hex == shown.sha256:
                    return data
        raise DigestMismatch(
            f"records/{key} is not there, or is not document {shown.id} as on record",
            advice="Nothing was given out. Run `evidock fsck`, and ask the second vault.",
        )


async def _read(blocks: AsyncIterable[bytes]) -> bytes:
    data = bytearray()
    async for block in blocks:
        data += block
        if len(data) > LARGEST:
            raise Refused(
                f"the document has more than {LARGEST} bytes",
                advice="Split it, or bring footage in with `evidock import`.",
            )
    if not data:
        raise Refused("the document is empty", advice="Choose a file with something in it.")
    return bytes(data)
