"""Intake: how a clip becomes ARCHIVED (``DESIGN.md`` 2, step 4).

1. A station offers a clip; the archive signs one PUT that binds length, digest and lock.
2. The station sends the bytes straight to the vault.
3. The archive sees that the lock covers the lease and reads the bytes back by version id.
4. The manifest is stored and read back, and everything passes the durability barrier.
5. State and entry are committed together.

Only step 5 changes the record and every earlier one is safe to repeat, so after a crash the
station simply offers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from archive import offered, originals
from archive.catalogue import choices, clips, fixities, links, offers
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.offers import Offer
from archive.fitness import Fitness
from archive.originals import Bytes
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.digests import digests_of, maker_for, sm3_maker
from evidence.errors import (
    ClockWrong,
    DigestMismatch,
    IntakeStopped,
    IntegrityError,
    LockMissing,
    OutOfTurn,
    Refused,
)
from evidence.law.decision import ClipFacts
from evidence.law.rulebook import Rulebook
from evidence.retention import whole_seconds
from evidence.vault import (
    OBJECT_MAX,
    SINGLE_PUT_MAX,
    Bucket,
    Lock,
    LockMode,
    PartReceipt,
    StoredVersion,
    Vault,
)
from evidence.vault.encryption import Encryption
from evidence.wire import (
    Archived,
    ClipOffer,
    IntakeAnswer,
    PartsGrant,
    PartWanted,
    UploadDone,
    WireRequest,
)

#: Seconds within which a signed PUT must begin.
PUT_LIFE = 900
#: A multipart upload is taken up again this long; stores may tidy older ones away.
UPLOAD_LIFE = timedelta(hours=12)
#: Read-backs at the same time: each keeps a core and a disk busy.
READ_BACKS = 2
_LEAST = timedelta(days=1)
MOST_PARTS = 10_000
"""S3 numbers the parts of an upload up to this."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRules:
    """What the agency decided about intake."""

    agency: str
    rulebook: Rulebook
    link_buffer: timedelta
    single_put_max: int = SINGLE_PUT_MAX
    part_size: int = 64 * 1024**2
    """Bytes per part; S3 takes no less than 5 MiB, but for the last."""
    encryption: Encryption = Encryption.NONE
    """How what comes in lies in the vault at rest."""


class Intake:
    """The way into the archive; one instance per archive, since it lets one clip in at a time."""

    def __init__(
        self,
        catalogue: Catalogue,
        vault: Vault,
        clock: Clock,
        rules: IntakeRules,
        fitness: Fitness,
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self._rules = rules
        self._fitness = fitness
        self._reading = asyncio.Semaphore(READ_BACKS)
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def offer(self, station: str, told: ClipOffer) -> IntakeAnswer:
        """What *station* must send of the clip it *told* of; nothing if the bytes are here.

        Refused if the openings are not those the station committed to; IntakeStopped or ClockWrong
        while nothing may be taken in.
        """
        await self.must_be_open()
        if told.size > OBJECT_MAX:
            raise Refused(
                f"clip {told.clip} has {told.size:,} bytes, and one object of the vault at most"
                f" {OBJECT_MAX:,}",
                advice="Have it cut by the tool that wrote it, and import the pieces.",
            )
        if told.sm3 is not None and sm3_maker() is None:
            raise IntakeStopped(
                f"the station tells an SM3 of clip {told.clip}, and this archive cannot compare it",
                advice="Give the archive a library that has SM3: evidock doctor says what is here.",
            )
        taken = await self._catalogue.run(_take, station, told)
        if isinstance(taken, Archived):
            return IntakeAnswer(clip=taken.clip, archived=taken)
        async with self._alone(taken):
            taken = await self._catalogue.run(offers.held, station, taken.clip)
            if isinstance(taken, Archived):
                return IntakeAnswer(clip=taken.clip, archived=taken)
            version = await self._find(taken)
            if version is not None:
                done = await self._archive(taken, version)
                return IntakeAnswer(clip=taken.clip, archived=done)
            if taken.told.size > self._rules.single_put_max:
                return IntakeAnswer(clip=taken.clip, parts=await self._parts(taken))
            return IntakeAnswer(clip=taken.clip, put=await self._put(taken))

    async def problems(self) -> list[str]:
        """Why nothing is taken in, if so."""
        try:
            await self.must_be_open()
        except (IntakeStopped, ClockWrong) as error:
            return [str(error)]
        return []

    async def must_be_open(self) -> None:
        """Return if the vault may be given evidence and the clock can be right; else raise."""
        self._fitness.must_hold(await self._catalogue.run(fixities.last_archived))

    async def part(self, station: str, clip: str, wanted: PartWanted) -> WireRequest:
        """The PUT of one part; OutOfTurn unless this upload is under way."""
        offer = await self._catalogue.run(offers.held, station, clip)
        if isinstance(offer, Archived) or _upload(offer) != wanted.upload:
            raise OutOfTurn(f"clip {clip} has no upload {wanted.upload} under way")
        signed = await asyncio.to_thread(
            self._vault.sign_part,
            Bucket.ORIGINALS,
            self._key(offer),
            wanted.upload,
            number=wanted.number,
            size=wanted.size,
            sha256=Sha256.from_hex(wanted.sha256),
            seconds=PUT_LIFE,
        )
        return WireRequest.of(signed)

    async def complete(self, station: str, clip: str, done: UploadDone) -> Archived:
        """See that the bytes are in the vault and archive the clip; safe to repeat.

        OutOfTurn if nothing was sent, DigestMismatch if something else was: then nothing is
        committed and the finding stays with the offer.
        """
        offer = await self._catalogue.run(offers.held, station, clip)
        if isinstance(offer, Archived):
            return offer
        await self.must_be_open()
        async with self._alone(offer):
            offer = await self._catalogue.run(offers.held, station, clip)
            if isinstance(offer, Archived):
                return offer
            version = await self._find(offer)
            if version is None and done.upload is not None:
                version = await self._join(offer, done)
            if version is None:
                raise OutOfTurn(
                    f"clip {clip} is not in the vault: nothing was sent",
                    advice="Offer the clip again and send its bytes.",
                )
            return await self._archive(offer, version)

    @asynccontextmanager
    async def _alone(self, offer: Offer) -> AsyncIterator[None]:
        """One step at a time for these bytes, whoever brings them."""
        lock = self._busy.setdefault(offer.told.sha256, asyncio.Lock())
        try:
            async with lock:
                yield
        except OutOfTurn:
            raise
        except IntegrityError as error:
            _log.error("clip %s was not archived: %s", offer.clip, error)
            await self._catalogue.run(offers.blame, offer.clip, str(error))
            raise

    async def _find(self, offer: Offer) -> StoredVersion | None:
        """The version to be archived: the one another clip vouches for, else the newest not bad."""
        known = await self._catalogue.run(clips.version_of, offer.sha256)
        bad = await self._catalogue.run(offers.rejected, offer.sha256)
        return await asyncio.to_thread(
            originals.find_good, self._vault, self._key(offer), known, bad
        )

    async def _put(self, offer: Offer) -> WireRequest:
        signed = await asyncio.to_thread(
            self._vault.sign_put,
            Bucket.ORIGINALS,
            self._key(offer),
            size=offer.told.size,
            sha256=offer.sha256,
            lock=self._lock(offer),
            create_only=not await self._catalogue.run(offers.rejected, offer.sha256),
            content_type="application/octet-stream",
            seconds=PUT_LIFE,
        )
        return WireRequest.of(signed)

    async def _parts(self, offer: Offer) -> PartsGrant:
        """The upload that is under way, unless it is too old; else a new one."""
        size = max(self._rules.part_size, -(-offer.told.size // MOST_PARTS))
        if offer.upload is not None and self._clock.now() - offer.upload.begun < UPLOAD_LIFE:
            return PartsGrant(upload=offer.upload.id, part_size=size)
        upload = await asyncio.to_thread(
            self._vault.start_parts, Bucket.ORIGINALS, self._key(offer), lock=self._lock(offer)
        )
        await self._catalogue.run(offers.begin_upload, offer.clip, upload)
        return PartsGrant(upload=upload, part_size=size)

    async def _join(self, offer: Offer, done: UploadDone) -> StoredVersion:
        if done.upload != _upload(offer) or done.upload is None:
            raise OutOfTurn(f"clip {offer.clip} has no upload {done.upload} under way")
        parts = [
            PartReceipt(number=part.number, etag=part.etag, sha256=Sha256.from_hex(part.sha256))
            for part in done.parts
        ]
        try:
            return await asyncio.to_thread(
                self._vault.finish_parts,
                Bucket.ORIGINALS,
                self._key(offer),
                done.upload,
                parts,
                lock=self._lock(offer),
            )
        except DigestMismatch as error:
            await self._catalogue.run(offers.forget_upload, offer.clip)
            raise OutOfTurn(str(error), advice="Offer the clip again and send it anew.") from error

    async def _archive(self, offer: Offer, version: StoredVersion) -> Archived:
        manifest = offered.manifest(offer)
        async with self._reading:
            kept = await self._seen(offer, version)
            digest = await asyncio.to_thread(
                originals.keep_manifest,
                self._vault,
                self._rules.agency,
                manifest,
                self._lock(offer),
            )
            durability = await asyncio.to_thread(self._vault.barrier)
        await self.must_be_open()  # reading back may have taken hours
        held = clips.Kept(
            clip=offer.clip,
            station=offer.station,
            told=offer.told,
            received=offer.received,
            version=kept,
            bucket=self._vault.bucket_name(kept.bucket),
            lock=kept.lock or self._lock(offer),
            retention=self._rules.rulebook.retention(
                ClipFacts(archived=offer.received), self._clock.now()
            ),
            durability=durability,
            manifest=digest,
            manifest_sm3=digests_of(manifest.to_bytes(), maker_for(offer.digests)).sm3,
            openings=manifest.openings,
            encryption=self._rules.encryption,
        )
        return await self._catalogue.run(_commit, held, self._rules.link_buffer)

    async def _seen(self, offer: Offer, version: StoredVersion) -> StoredVersion:
        """*version* seen to be locked and right; one that twice is not is never looked at again.

        A first look may be wrong by an accident of the line.  Whoever holds the true bytes can
        still bring them: they become another version.
        """
        try:
            return await asyncio.to_thread(self._see, offer, version)
        except (DigestMismatch, LockMissing) as error:
            _log.warning("looking again: %s", error)
        try:
            return await asyncio.to_thread(self._see, offer, version)
        except (DigestMismatch, LockMissing):
            await self._catalogue.run(offers.reject, offer.sha256, version.version_id)
            raise

    def _see(self, offer: Offer, version: StoredVersion) -> StoredVersion:
        """The lock first: bytes that were read while locked cannot be gone afterwards.

        Where SHA-256 is right and SM3 is not, nothing is wrong with the version: Refused.
        """
        locked = originals.see_locked(self._vault, version, self._lock(offer))
        wanted = Bytes.of(offer.digests, offer.told.size)
        found = originals.see_bytes(self._vault, locked, wanted)
        if found != wanted.digests:
            raise Refused(
                f"the vault's copy of clip {offer.clip} has SHA-256 and size as told, and"
                f" SM3 {found.sm3}, not {wanted.sm3}",
                advice="Either the station hashed wrongly, or SHA-256 has fallen and these are two"
                " files: keep card and staged copy, and compare them byte for byte.",
            )
        return locked

    def _key(self, offer: Offer) -> str:
        return originals.original_key(self._rules.agency, offer.sha256)

    def _lock(self, offer: Offer) -> Lock:
        """The first lease; of an old offer at least a day more.

        What no lock holds while it is read back could go with another clip of the same bytes.
        """
        lease = self._rules.rulebook.first_lease(offer.received)
        least = whole_seconds(self._clock.now() + _LEAST)
        return Lock(mode=LockMode.COMPLIANCE, until=max(lease, least))


def _upload(offer: Offer) -> str | None:
    return None if offer.upload is None else offer.upload.id


def _take(tx: Transaction, station: str, told: ClipOffer) -> Offer | Archived:
    offered.check(tx, station, told)
    return offers.take(tx, station, told)


def _commit(tx: Transaction, kept: clips.Kept, buffer: timedelta) -> Archived:
    done = clips.archive(tx, kept)
    offers.close(tx, kept.clip)
    links.link_clip(tx, kept.clip, buffer)
    choices.settle_clip(tx, kept.clip)
    return done
