"""Send: hand a verified copy over to the archive, and hear that it vouches for it.

One rule: only the archive's answer after its own read-back counts; what the store said to us does
not.  Safe to repeat from the start at any point: an object that is there already is not sent twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import DigestMismatch
from evidence.wire import (
    Archived,
    ClipOffer,
    IntakeAnswer,
    PartSent,
    PartsGrant,
    PartWanted,
    UploadDone,
    WireRequest,
)
from ingest.archive_client import ArchiveClient
from ingest.pace import Pace
from ingest.stretch import Stretch
from ingest.vault_put import nobody, put


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One clip on its way to one archive."""

    archive: ArchiveClient
    staged: Path
    offer: ClipOffer
    sent: Callable[[int], None] = nobody
    """Hears the bytes sent so far."""
    turn: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    """Held while bytes are sent, and not while the archive reads them back: the next clip's bytes
    travel meanwhile.  It is taken before the offer, since what the archive signs expires."""

    pace: Pace | None = None
    """Shared by all that are sent; None: as fast as the line is."""

    async def run(self) -> Archived:
        """Offer the clip, send it if it is wanted, and return what the archive vouches for.

        ``Archived.clip`` is the archive's id of the clip, which may differ from the one offered.
        Raises TemporaryError to try again later; DigestMismatch, Refused or another IntegrityError
        when a person must look.
        """
        async with self.turn:
            answer = await self.archive.post("/v1/intake", self.offer, IntakeAnswer, read_back=True)
            if answer.archived is not None:
                return self._checked(answer.archived)
            done = await self._send(answer)
        path = f"/v1/intake/{answer.clip}/complete"
        return self._checked(await self.archive.post(path, done, Archived, read_back=True))

    async def _send(self, answer: IntakeAnswer) -> UploadDone:
        if answer.put is not None:
            whole = Stretch(path=self.staged, size=self.offer.size)
            await put(self.archive.session, answer.put, whole, self.sent, self.pace)
        elif answer.parts is not None:
            return await self._send_parts(answer.clip, answer.parts)
        return UploadDone()

    def _checked(self, archived: Archived) -> Archived:
        if not archived.vault.version_id:
            raise DigestMismatch(f"the archive names no stored version of {archived.clip}")
        return archived

    async def _send_parts(self, clip: str, grant: PartsGrant) -> UploadDone:
        parts = []
        for number, part in enumerate(self._stretches(grant.part_size), start=1):
            sha256 = await asyncio.to_thread(part.digest)
            wanted = PartWanted(
                upload=grant.upload, number=number, size=part.size, sha256=sha256.hex
            )
            request = await self.archive.post(f"/v1/intake/{clip}/parts", wanted, WireRequest)
            sent = self._sent_after(part.offset)
            done = await put(self.archive.session, request, part, sent, self.pace)
            if done.upload_unknown:
                # The archive finds it finished, or forgets it: then the next offer begins anew.
                return UploadDone(upload=grant.upload)
            parts.append(PartSent(number=number, etag=done.etag, sha256=sha256.hex))
        return UploadDone(upload=grant.upload, parts=parts)

    def _sent_after(self, offset: int) -> Callable[[int], None]:
        return lambda sent: self.sent(offset + sent)

    def _stretches(self, part_size: int) -> Iterator[Stretch]:
        for offset in range(0, self.offer.size, part_size):
            size = min(part_size, self.offer.size - offset)
            yield Stretch(path=self.staged, offset=offset, size=size)
