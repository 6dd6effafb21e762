"""The second wall around what is held: an S3 legal hold on original and manifest, in each vault.

A hold on record protects by the archive's own rules at once.  Within a minute the stores are told:
what is held or kept for ever gets a legal hold, and what no longer is loses it, unless another clip
shares the original and needs it.  Each is read back before an entry says so.

Soon after each act only the clips it is about are looked at; all of them at the start and several
times a day.  Every step is safe to repeat.  What one vault cannot do holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from archive import originals
from archive.catalogue import legal_holds
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.legal_holds import Carrier, Relieved
from archive.catalogue.moves import Which
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.errors import EvidenceError, LockMissing, TemporaryError
from evidence.vault import Bucket, StoredVersion, Vault

LOOK_AGAIN = 5.0
"""Seconds between two looks at what has happened."""
EVERY = timedelta(hours=6)
"""Between two looks at all clips."""
AT_ONCE = 100
"""Clips whose objects are dealt with before entries say so."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look came to."""

    put_on: int
    """Clips that carry a legal hold since."""
    taken_off: int
    """Clips that do not any more."""
    failed: int
    """Clips of which one of both could not be done."""


@dataclass(slots=True, kw_only=True)
class LegalHolds:
    """Keeps the legal holds in *which* vault of an *agency* in step with the record."""

    catalogue: Catalogue
    vault: Vault
    which: Which
    clock: Clock
    agency: str
    work: Supervised = field(init=False)
    _failed: dict[str, str] = field(default_factory=dict)
    """Clip -> why its legal hold could not be put on or lifted at the last try."""
    _all_at: float | None = None
    """When to look at all clips next, on the monotonic clock; None: now."""

    def __post_init__(self) -> None:
        name = "legal holds" if self.which is Which.FIRST else "legal holds of the second vault"
        self.work = Supervised(name, self._step, self.clock)

    @property
    def problems(self) -> list[str]:
        """What could not be done at the last look."""
        where = "" if self.which is Which.FIRST else " in the second vault"
        failed = sorted(self._failed.items())
        return [f"legal hold of clip {clip}{where}: {why}" for clip, why in failed]

    async def look_now(self, *, at_all: bool = True) -> Looked:
        """Bring the vault in step; VaultUnreachable if it does not answer.

        Without *at_all* only the clips with which something happened since, or that failed.
        """
        touched = await self.catalogue.run(legal_holds.touched, self.which)
        failed = dict[str, str]()
        put_on = taken_off = 0
        for among in _parts(None if at_all else sorted(touched.clips | self._failed.keys())):
            put_on += await self._put_on(among, failed)
            taken_off += await self._take_off(among, failed)
        await self.catalogue.run(legal_holds.seen_to, self.which, touched.through)
        self._failed = failed
        return Looked(put_on=put_on, taken_off=taken_off, failed=len(failed))

    async def _step(self) -> None:
        now = self.clock.monotonic()
        at_all = self._all_at is None or now >= self._all_at
        await self.look_now(at_all=at_all)
        if at_all:
            self._all_at = now + EVERY.total_seconds()
        await asyncio.sleep(LOOK_AGAIN)

    async def _put_on(self, among: Sequence[str] | None, failed: dict[str, str]) -> int:
        after, count = "", 0
        while part := await self.catalogue.run(
            legal_holds.lacking, self.which, among, after, AT_ONCE
        ):
            each = [(carrier, partial(self._hold, carrier)) for carrier in part]
            done = await asyncio.to_thread(self._done, each, failed)
            await self.catalogue.run(legal_holds.put_on, self.which, done)
            after, count = part[-1].clip, count + len(done)
        return count

    async def _take_off(self, among: Sequence[str] | None, failed: dict[str, str]) -> int:
        last, count = None, 0
        while part := await self.catalogue.run(
            legal_holds.relieved, self.which, among, last, AT_ONCE
        ):
            each = [(relieved.carrier, partial(self._lift, relieved)) for relieved in part]
            done = await asyncio.to_thread(self._done, each, failed)
            await self.catalogue.run(legal_holds.taken_off, self.which, done)
            last, count = part[-1], count + len(done)
        return count

    def _done(
        self, acts: Sequence[tuple[Carrier, Callable[[], None]]], failed: dict[str, str]
    ) -> list[Carrier]:
        """Those whose act was done, durably; why the others were not, by clip, into *failed*."""
        done = []
        for carrier, act in acts:
            try:
                act()
            except TemporaryError:
                raise
            except EvidenceError as error:
                if self._failed.get(carrier.clip) != str(error):
                    _log.critical("the legal hold of clip %s: %s", carrier.clip, error)
                failed[carrier.clip] = str(error)
            else:
                done.append(carrier)
        self.vault.barrier()
        return done

    def _hold(self, carrier: Carrier) -> None:
        """The original first; LockMissing if one of both is not there, or does not show it."""
        original = self._original(carrier)
        if original is None:
            raise LockMissing(f"its original {carrier.key} {carrier.version_id} is not there")
        manifest = self._manifest(carrier)
        if manifest is None:
            raise LockMissing("its manifest is not there, or not the one on record")
        for version in (original, manifest):
            originals.set_legal_hold(self.vault, version, on=True)

    def _lift(self, relieved: Relieved) -> None:
        """What is not there any more carries none."""
        original = self._original(relieved.carrier) if relieved.original else None
        manifest = self._manifest(relieved.carrier) if relieved.manifest else None
        for version in (original, manifest):
            if version is not None:
                originals.set_legal_hold(self.vault, version, on=False)

    def _original(self, carrier: Carrier) -> StoredVersion | None:
        return self.vault.find(Bucket.ORIGINALS, carrier.key, carrier.version_id)

    def _manifest(self, carrier: Carrier) -> StoredVersion | None:
        found = carrier.clip, carrier.manifest
        return originals.find_manifest(self.vault, self.agency, *found)


def _parts(clips: Sequence[str] | None) -> list[Sequence[str] | None]:
    """*clips* in parts that one question can name; None stands for all that there are."""
    if clips is None:
        return [None]
    return [clips[first : first + AT_ONCE] for first in range(0, len(clips), AT_ONCE)]
