"""Shortening: what the law in force would keep for less, once two persons agreed and have waited.

1. a list of the clips, with both dates, is worked out and shown: nothing has changed;
2. who proposes it names the digest of the list that they saw; it lies in the vault, locked;
3. another person approves it, having seen the same list, and then it cools off;
4. once both clocks are past that, each clip of the list is looked at anew, and gets the date if it
   is still the one that the law gives; an entry ends the proposal, whatever was left.

Single clips go the same way, with what they are to be instead of a list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from archive.catalogue import retentions, shortenings
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.shortenings import Cut, Due, Listed
from archive.impact import Impact, Shorter, impact_key
from archive.originals import keep_record
from archive.retaining import Change, changes
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, OutOfTurn, TemporaryError
from evidence.law.rulebook import Rulebook
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.wire import ProposalShown

AT_ONCE = 200
LOOK_AGAIN = 60.0
_LATE = "waits until somebody outside tells the time"


@dataclass(slots=True, kw_only=True)
class Shortening:
    """Keeps footage of one *agency* for less, when two persons want what the *rulebook* allows."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    watch: ClockWatch
    agency: str
    rulebook: Rulebook
    outside: Callable[[], datetime | None]
    """The newest time that anybody outside told, None: nobody did; it blocks."""
    work: Supervised = field(init=False)
    _waits: Mapping[str, str] = field(default_factory=dict)
    """Proposal -> why it does not take effect though it is due by our own clock."""

    def __post_init__(self) -> None:
        self.work = Supervised("shorter dates", self._step, self.clock)

    @property
    def problems(self) -> list[str]:
        """What was agreed to, and does not take effect."""
        return [f"shorter dates: proposal {each} {why}" for each, why in self._waits.items()]

    async def impact_now(self) -> Impact:
        """What the law in force would keep for less.  TemporaryError until it is published."""
        law = await self.catalogue.run(retentions.published, self.rulebook)
        if law is None:
            raise TemporaryError("the rules in force are not published yet: try again in a moment")
        found: list[Shorter] = []
        async for part in changes(self.catalogue, self.rulebook, self.clock.now()):
            shorter = [each for each in part if each.is_shorter]
            free = await self.catalogue.run(shortenings.free_of, [each.clip for each in shorter])
            found += [_shorter(each) for each in shorter if each.clip in free]
        return Impact(law=law, clips=found)

    async def propose(self, person: str, sha256: str, reason: str) -> ProposalShown:
        """Put on record that *person* wants just the list with that digest.

        OutOfTurn if the list is another by now, holds no clip, or one is open already.
        """
        impact = await self.impact_now()
        data = await asyncio.to_thread(impact.to_bytes)
        if Sha256.of(data).hex != sha256:
            raise OutOfTurn(
                f"the list of shorter dates is not {sha256[:80]} any more",
                advice="Look at it again: clips, rules or dates have changed since.",
            )
        if not impact.clips:
            raise OutOfTurn("no clip would be kept for less: there is nothing to propose")
        await asyncio.to_thread(self._keep, data, sha256)
        told = Listed(sha256=sha256, law=impact.law, clips=len(impact.clips))
        return await self.catalogue.run(shortenings.propose_list, person, told, reason)

    async def impact_of(self, proposal: str) -> Impact:
        """The list that *proposal* is about; NotKnown if it is about none."""
        subject = await self.catalogue.run(shortenings.subject_of, proposal)
        return await asyncio.to_thread(self._impact, subject)

    async def apply_due_now(self) -> int:
        """Let take effect what is due by both clocks; how many proposals ended."""
        self.watch.must_be_right(None)
        now, told = self.clock.now(), await asyncio.to_thread(self.outside)
        due = await self.catalogue.run(shortenings.due, now)
        ready = await self.catalogue.run(shortenings.due, min(now, told)) if told else []
        going = {each.proposal for each in ready}
        waits = {each.proposal: _LATE for each in due if each.proposal not in going}
        count = 0
        if await self.catalogue.run(retentions.published, self.rulebook) is not None:
            for each in ready:
                try:
                    await self._apply(each)
                    count += 1
                except OutOfTurn:
                    continue  # it was withdrawn meanwhile
                except DigestMismatch as error:
                    waits[each.proposal] = f"cannot take effect: {error}"
        self._waits = waits
        return count

    async def _apply(self, what: Due) -> None:
        if what.clip is not None:
            await self.catalogue.run(shortenings.reclassify, what, self.rulebook)
            return
        impact, done = await asyncio.to_thread(self._impact, what.subject), 0
        for part in _parts(impact):
            await self.catalogue.run(shortenings.shorten, what, part, self.rulebook)
            done += await self.catalogue.run(shortenings.shortened, what, part)
        left = len(impact.clips) - done

        def finish(tx: Transaction) -> None:
            shortenings.finish(tx, what, shortened=done, left=left)

        await self.catalogue.run(finish)

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        await self.apply_due_now()

    def _keep(self, data: bytes, sha256: str) -> None:
        lock = Lock(mode=LockMode.COMPLIANCE, until=self.rulebook.first_lease(self.clock.now()))
        keep_record(self.vault, impact_key(self.agency, sha256), data, lock)

    def _impact(self, subject: Mapping[str, object]) -> Impact:
        sha256 = str(cast("dict[str, object]", subject.get("impact") or {}).get("sha256"))
        key = impact_key(self.agency, sha256)
        found = self.vault.find(Bucket.RECORDS, key)
        if found is None:
            raise DigestMismatch(f"records/{key}, to which two persons agreed, is not there")
        data = b"".join(self.vault.read(found.bucket, found.key, found.version_id))
        return Impact.from_bytes(data, sha256)


def _shorter(change: Change) -> Shorter:
    return Shorter(
        clip=change.clip,
        now=stamp(change.now.until),
        now_rule=change.now.rule,
        then=stamp(change.then.until),
        then_rule=change.then.rule,
    )


def _parts(impact: Impact) -> Iterator[list[Cut]]:
    cuts = [Cut(clip=each.clip, now=each.now, then=each.then) for each in impact.clips]
    for first in range(0, len(cuts), AT_ONCE):
        yield cuts[first : first + AT_ONCE]
