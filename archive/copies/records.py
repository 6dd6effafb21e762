"""What belongs to no clip, copied to the second vault: the log, its openings and named records.

One rule: each is stored under the same key, and read back there.  Whoever removes openings so as to
forget names removes them in both vaults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archive.catalogue import copies
from archive.catalogue.copies import Recorded
from archive.catalogue.moves import Which
from archive.census import record_key
from archive.copies import Side
from archive.copies.carrying import Object
from archive.copies.proven import Means, digest_in, fields
from archive.openings import OpeningsKeeper
from archive.originals import document_key, dossier_key, export_record_key
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.vault import Bucket, Lock

AT_ONCE = 100
OPENINGS = "second vault: openings"
"""How far along the log they are copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCopies:
    """Copies records from the first vault, and the log from where it is kept."""

    means: Means
    copy_log: Callable[[Lock], None]
    """Brings the second vault's copy of the log up to date; blocks."""
    lease: Callable[[], Lock]
    """The lock of what comes in now."""

    async def __call__(self, second: Side) -> None:
        """Copy what is new, in an order that a cut harms nothing."""
        await asyncio.to_thread(self.copy_log, self.lease())
        means = self.means
        catalogue, log = means.catalogue, means.log
        keeper = OpeningsKeeper(catalogue, second.vault, means.agency, means.turns, work=OPENINGS)
        await keeper.run(log.size)
        while True:
            named, through = await catalogue.run(copies.records, log.size, AT_ONCE)
            for each in named:
                await asyncio.to_thread(self._copy, each, second)
            await catalogue.run(copies.recorded, through)
            if len(named) < AT_ONCE:
                return

    def _copy(self, each: Recorded, second: Side) -> None:
        what = self._object(each.kind, fields(self.means.log, each.entry))
        lock, carrying = self.lease(), self.means.carrying
        if carrying.held(second.vault, what, lock) is not None:
            return
        if carrying.carried(self.means.sides[Which.FIRST], second, what, lock) is None:
            raise DigestMismatch(
                f"the first vault holds no records/{what.key} that is what entry {each.entry} names"
            )

    def _object(self, kind: EntryKind, told: Mapping[str, object]) -> Object:
        agency = self.means.agency
        if kind is EntryKind.CENSUS:
            sha256 = digest_in(told, "openings")
            key = record_key(agency, sha256)
        elif kind is EntryKind.EXPORTED:
            sha256 = digest_in(told, "record")
            key = export_record_key(agency, sha256)
        else:
            sha256 = str(told["sha256"])
            document = kind is EntryKind.DOCUMENT_ADDED
            key = (document_key if document else dossier_key)(agency, sha256)
        return Object(bucket=Bucket.RECORDS, key=key, sha256=Sha256.from_hex(sha256))
