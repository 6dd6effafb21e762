"""Copies what comes in to the second vault, clip by clip and record by record.

One rule: a copy is known once it was read back from the second vault and is what the log says; the
entry and the row that say so come last, so what was cut off is simply done again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.catalogue import copies
from archive.catalogue.copies import Behind, Stored, Waiting
from archive.catalogue.moves import Which
from archive.catalogue.sealed import live_of
from archive.copies import Side
from archive.copies.carrying import Object, see_answers
from archive.copies.proven import Means
from archive.supervise import Supervised
from archive.turns import to_its_end
from evidence.clock import stamp
from evidence.errors import (
    ClockWrong,
    DigestMismatch,
    EvidenceError,
    IntegrityError,
    OutOfTurn,
    SetupError,
)
from evidence.vault import Bucket, Lock, StoredVersion

LOOK_AGAIN = 5.0
PROVE_AGAIN = timedelta(days=1)
AT_ONCE = 100
TRY_AGAIN = timedelta(hours=1)
"""Before a clip that could not be copied is tried again; twice as long each time, up to a day."""
_log = logging.getLogger(__name__)

Records = Callable[[Side], Awaitable[None]]
"""Copies what belongs to no clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRules:
    """What else is copied, and how late is too late."""

    behind: timedelta
    """A clip that waits longer for its copy is a problem."""
    records: Records
    """What belongs to no clip."""
    parallel: int = 1
    """Clips that are copied at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A clip that could not be copied."""

    why: str
    again: datetime
    pause: timedelta


class Replication:
    """Keeps the second vault up to date."""

    def __init__(self, means: Means, rules: CopyRules) -> None:
        self._means = means
        self._rules = rules
        self._catalogue = means.catalogue
        self._clock = means.clock
        self._first = means.sides[Which.FIRST]
        self._second = means.sides[Which.SECOND]
        self._bucket = self._second.vault.bucket_name(Bucket.ORIGINALS)
        self._failed: dict[str, _Failed] = {}
        self._unfit: str | None = None
        self._prove_at = 0.0
        """When to prove the store next, on the monotonic clock."""
        self._follow_at = 0.0
        """When to see next whether originals are locked for longer now."""
        self._late: str | None = None
        self._lacking: str | None = None
        self._copying = asyncio.Lock()
        self.work = Supervised("second vault", self._step, means.clock)

    @property
    def problems(self) -> list[str]:
        """What a person in charge should look at."""
        failed = [
            f"clip {clip} has no copy in the second vault: {each.why}"
            for clip, each in sorted(self._failed.items())
        ]
        unrecorded = self._means.unrecorded.problems
        return [*filter(None, [self._unfit, self._late, self._lacking]), *unrecorded, *failed]

    async def stop(self) -> None:
        """End the work, within a block of what it copies."""
        self._means.carrying.stop.set()
        await self.work.stop()

    async def behind(self) -> Behind:
        """How far the copies are behind."""
        return await self._catalogue.run(copies.behind, self._bucket)

    async def copy_now(self) -> int:
        """Copy what waits; how many clips were.  VaultUnreachable if a vault answers nothing."""
        async with self._copying:
            try:
                if not await self._is_fit():
                    return 0
                await asyncio.to_thread(self._means.unrecorded.look, self._means.sides)
                await self._copy_records()
                return await self._copy_clips()
            finally:
                self._late = _late(await self.behind(), self._rules.behind, self._clock.now())

    async def _copy_records(self) -> None:
        """Copy what belongs to no clip; what is wrong with it holds up no clip."""
        try:
            await self._rules.records(self._second)
            self._lacking = None
        except IntegrityError as error:
            self._lacking = f"the second vault lacks records: {error}"

    async def _copy_clips(self) -> int:
        size, done = self._means.log.size, 0
        after = await self._catalogue.run(copies.through, self._bucket)
        while waiting := await self._catalogue.run(
            copies.waiting, self._bucket, after, size, AT_ONCE
        ):
            done += await self._try_all(waiting)
            after = waiting[-1].entry
        await self._catalogue.run(copies.reached, self._bucket, size)
        if (now := self._clock.monotonic()) >= self._follow_at:
            done += await self._follow_locks()
            self._follow_at = now + TRY_AGAIN.total_seconds()
        return done

    async def _follow_locks(self) -> int:
        """Verify and lock anew the copies whose original was locked for longer meanwhile."""
        after, done = -1, 0
        while longer := await self._catalogue.run(copies.shorter, self._bucket, after, AT_ONCE):
            done += await self._try_all(longer)
            after = longer[-1].entry
        return done

    async def _try_all(self, waiting: Sequence[Waiting]) -> int:
        """Copy these, some at the same time; how many were.  Raises what ended one of them."""
        done = 0
        for group in _apart(waiting, self._rules.parallel):
            tried = await asyncio.gather(*map(self._try, group), return_exceptions=True)
            for each in tried:
                if isinstance(each, BaseException):
                    raise each
                done += each
        return done

    async def _try(self, each: Waiting) -> bool:
        before = self._failed.get(each.clip)
        if before is not None and self._clock.now() < before.again:
            return False
        async with self._means.turns.at(each.place.key):
            if not await self._catalogue.run(live_of, [each.clip]):
                self._failed.pop(each.clip, None)  # it goes, or went: there is nothing to copy
                return False
            try:
                original, manifest = await to_its_end(self._copy, each)
            except ClockWrong:
                raise
            except (EvidenceError, ValueError, KeyError) as error:
                await asyncio.to_thread(self._see_both_answer)  # else it is not for this clip
                self._fail(each.clip, before, str(error))
                return False
            return await self._keep(each.clip, original, manifest)

    async def _keep(self, clip: str, original: Stored, manifest: Stored) -> bool:
        """Put on record where the copy of *clip* lies; False if it may not be, which alarms."""
        self._failed.pop(clip, None)
        try:
            await self._catalogue.run(copies.keep, clip, original, manifest)
        except OutOfTurn as error:
            there = {
                (bucket, each.key, each.version): f"a copy was made, and {error}"
                for bucket, each in ((Bucket.ORIGINALS, original), (Bucket.RECORDS, manifest))
            }
            self._means.unrecorded.keep(Which.SECOND, there)
            return False
        return True

    def _fail(self, clip: str, before: _Failed | None, why: str) -> None:
        """Once more later: what a store that lies was sent stays there under its lock."""
        _log.critical("clip %s was not copied to the second vault: %s", clip, why)
        pause = TRY_AGAIN if before is None else min(2 * before.pause, timedelta(days=1))
        self._failed[clip] = _Failed(why=why, again=self._clock.now() + pause, pause=pause)

    def _copy(self, each: Waiting) -> tuple[Stored, Stored]:
        """Original and manifest of one clip as the second vault holds them; blocks."""
        told = self._means.said(each.entry, each.clip)
        original = replace(told.original, known=each.place.version)
        there = self._means.carrying.known(self._first.vault, original)
        shown = None if there is None else self._means.at_most(there.lock)
        lock = self._means.lock(each.place.lock, shown)
        copied = [self._copied(what, lock) for what in (original, told.manifest)]
        durability = self._second.vault.barrier()
        stored, manifest = (
            self._stored(version, what, lock, durability)
            for version, what in zip(copied, (original, told.manifest), strict=True)
        )
        return stored, manifest

    def _see_both_answer(self) -> None:
        for side in (self._first, self._second):
            see_answers(side.vault)

    def _copied(self, what: Object, lock: Lock) -> StoredVersion:
        """*what* in the second vault; what an earlier try stored there will do if it is right."""
        carrying = self._means.carrying
        found = carrying.held(self._second.vault, what, lock)
        found = found or carrying.carried(self._first, self._second, what, lock)
        if found is None:
            raise DigestMismatch(
                f"the first vault holds no {what.bucket.value}/{what.key} that is what the log says"
            )
        return found

    def _stored(self, version: StoredVersion, what: Object, lock: Lock, durability: str) -> Stored:
        return Stored(
            bucket=self._second.vault.bucket_name(what.bucket),
            key=what.key,
            version=version.version_id,
            lock=lock,
            sha256=what.sha256.hex,
            size=version.size,
            durability=durability,
        )

    async def _is_fit(self) -> bool:
        """Whether the second vault keeps what it must; asked anew once a day."""
        now = self._clock.monotonic()
        if now < self._prove_at:
            return self._unfit is None
        try:
            await asyncio.to_thread(self._second.prove)
            self._unfit, again = None, PROVE_AGAIN
        except (IntegrityError, SetupError) as error:
            self._unfit, again = f"nothing is copied to the second vault: {error}", TRY_AGAIN
        self._prove_at = now + again.total_seconds()
        return self._unfit is None

    async def _step(self) -> None:
        await self.copy_now()
        await asyncio.sleep(LOOK_AGAIN)


def _apart(waiting: Sequence[Waiting], most: int) -> Iterator[list[Waiting]]:
    """*waiting* in groups: of clips that share an original each is in another one."""
    left = list(waiting)
    while left:
        group = dict[str, Waiting]()
        for each in left:
            if len(group) < most:
                group.setdefault(each.place.key, each)
        taken = {each.clip for each in group.values()}
        left = [each for each in left if each.clip not in taken]
        yield list(group.values())


def _late(behind: Behind, allowed: timedelta, now: datetime) -> str | None:
    if behind.since is None or now - behind.since <= allowed:
        return None
    return (
        f"the second vault is behind: {behind.clips} clips have no copy there, the oldest came in"
        f" at {stamp(behind.since)}"
    )
