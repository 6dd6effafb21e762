"""Versions of dossiers: the index into the vault first, then its digest into the log.

A person makes one, and closing a case does: the last version and ``case.close`` are one
transaction, so that a closed case always has a dossier of what it had when it was closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from archive.catalogue import cases, closings, dossiers, retentions
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.dossiers import Draft
from archive.originals import dossier_key, keep_record
from evidence.clock import Clock
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.dossier import Index
from evidence.errors import DigestMismatch, OutOfTurn
from evidence.law.rulebook import Rulebook
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.wire import DossierShown


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossiers:
    """Makes versions of dossiers, and closes cases with one."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    agency: str
    rulebook: Rulebook

    async def make(self, person: str, number: str) -> DossierShown:
        """The next version for case *number*, on record.

        NotKnown without the case; OutOfTurn if nothing has changed since the last version, or
        something changes while it is made.
        """
        before, draft = await self._drafted(number)
        if not draft.is_new:
            raise OutOfTurn(
                f"nothing in case {number[:80]} has changed since version"
                f" {draft.index.number - 1} of its dossier"
            )
        return await self.catalogue.run(dossiers.record, person, draft, before)

    async def close(self, person: str, number: str, reason: str) -> None:
        """Put on record that case *number* is closed, with a version of all that it has.

        Errors as :func:`closings.close` and :meth:`make`; without the vault nothing is closed.
        """
        await self.catalogue.run(closings.must_be_open, number)  # before anything is stored
        before, draft = await self._drafted(number)
        wanted = draft if draft.is_new else None
        told = person, number, reason
        await self.catalogue.run(_close, *told, draft=wanted, before=before, book=self.rulebook)

    async def _drafted(self, number: str) -> tuple[Index | None, Draft]:
        """The newest version and what comes behind it, which the vault holds then if it is new."""
        row = await self.catalogue.run(_newest, number)
        before = None if row is None else await asyncio.to_thread(self._read, row)
        opening = Opening.fresh(number)
        draft = await self.catalogue.run(dossiers.draft, number, before, opening)
        if draft.is_new:
            await asyncio.to_thread(self._keep, draft.index)
        return before, draft

    def _keep(self, index: Index) -> None:
        until = self.rulebook.first_lease(self.clock.now())
        lock = Lock(mode=LockMode.COMPLIANCE, until=until)
        key = dossier_key(self.agency, index.digest.hex)
        keep_record(self.vault, key, index.to_bytes(), lock)
        self.vault.barrier()

    def _read(self, sha256: str) -> Index:
        """The index with that digest; DigestMismatch if the vault has it no more."""
        key = dossier_key(self.agency, sha256)
        for version in self.vault.versions(Bucket.RECORDS, key):
            if version.key == key:
                data = b"".join(self.vault.read(version.bucket, key, version.version_id))
                if Sha256.of(data).hex == sha256:
                    return Index.from_bytes(data)
        raise DigestMismatch(
            f"records/{key} is not there, or is not the version on record",
            advice="No version is made behind one that is lost. Run `evidock fsck`.",
        )


def _newest(tx: Transaction, number: str) -> str | None:
    cases.must_be_known(tx, number)
    row = dossiers.newest(tx, number)
    return None if row is None else row.sha256


def _close(
    tx: Transaction,
    person: str,
    number: str,
    reason: str,
    *,
    draft: Draft | None,
    before: Index | None,
    book: Rulebook,
) -> None:
    if draft is not None:
        dossiers.record(tx, person, draft, before)
    closings.close(tx, person, number, reason)
    clips = cases.clips_of(tx, number)
    retentions.follow(tx, clips, book)
    retentions.tell_anew(tx, clips)
