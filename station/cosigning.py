"""What the witnesses have seen, as far as this station can prove it: its receipts, and the log.

One rule: nobody is believed that a witness has seen something; its signature is.  A receipt that
too few of them had seen is asked for anew until enough have, and then takes the other's place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evidence.clock import Clock, unstamp
from evidence.custody import Entry
from evidence.errors import EvidenceError, IntegrityError, TemporaryError
from evidence.note import open_checkpoint
from evidence.policy import NONE, Policy
from evidence.receipt import Receipt
from ingest.archive_client import ArchiveClient
from station.journal.records import ClipRecord
from station.receipts import Receipts
from station.supervision import in_words, supervised

EVERY = 15.0
"""Seconds between two rounds."""
LONG = timedelta(hours=1)
"""A receipt that too few have seen for so long is told of."""
OLDEST = timedelta(hours=24)
"""So old may be the newest word of the witnesses: it bounds how old a log we can be shown."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Cosigning:
    """Asks until cancelled; others ask it."""

    receipts: Receipts
    policy: Policy
    archive: ArchiveClient
    clock: Clock
    problem: str | None = None
    """What the archive gave for a receipt, and is none."""
    _seen: set[str] = field(default_factory=set)
    """Clips whose receipts enough witnesses have seen."""
    _waiting: dict[str, ClipRecord] = field(default_factory=dict)
    _newest: datetime | None = None
    """When the witnesses saw the log last, by their own clocks."""
    _heard_first: datetime | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether witnesses must have seen anything at all."""
        return self.policy.quorum != NONE

    async def pending(self, clips: Iterable[ClipRecord]) -> datetime | None:
        """Since when the receipt of one of *clips* waits to be seen; None if none does.

        All of *clips* are archived and have receipts here.
        """
        if not self.is_wanted:
            return None
        waiting = [clip for clip in clips if clip.name not in self._seen]
        if new := [clip for clip in waiting if clip.name not in self._waiting]:
            self._sort(await asyncio.to_thread(self._seen_of, new), new)
        left = [clip for clip in waiting if clip.name in self._waiting]
        return min(map(archived_at, left), default=None)

    def is_long(self, since: datetime | None) -> bool:
        """Whether what has waited *since* then has waited too long."""
        return since is not None and self.clock.now() - since >= LONG

    def heard(self, note: str) -> None:
        """The archive told the newest checkpoint that its witnesses cosigned; empty: none."""
        self._heard_first = self._heard_first or self.clock.now()
        if not (note and self.is_wanted):
            return
        try:
            open_checkpoint(note.encode("utf-8"), [self.receipts.log])
            said = self.policy.said(note.encode("utf-8"))
        except EvidenceError as error:
            _log.warning("what the archive tells of the witnesses does not hold: %s", error)
            return
        if self.policy.is_met(said):
            last = max(each.at for each in said)
            self._newest = last if self._newest is None else max(last, self._newest)

    @property
    def silence(self) -> datetime | str | None:
        """When enough witnesses saw the log last, if that is too long ago; empty: never.

        None while all is well, none is wanted, or it is too early to say.
        """
        now = self.clock.now()
        if not self.is_wanted or self._heard_first is None:
            return None
        if self._newest is None:
            return "" if now - self._heard_first >= LONG else None
        return self._newest if now - self._newest > OLDEST else None

    async def run(self) -> None:
        """Ask for what waits, again and again."""
        while True:
            await self.clock.sleep(EVERY)
            try:
                await supervised(self.ask(), self._broke)
            except TemporaryError as error:
                _log.info("receipts that too few witnesses have seen yet: %s", error)

    async def ask(self) -> None:
        """Ask for what waits, the oldest entry first: what covers a newer one covers it, too.

        TemporaryError if the archive does not answer.  What is no receipt becomes a problem.
        """
        problem = None
        for clip in sorted(self._waiting.values(), key=_index):
            try:
                if not await self._ask_for(clip):
                    break
            except IntegrityError as error:  # the others' are asked for all the same
                problem = f"the receipt of {clip.name}: {in_words(error)}"
        self.problem = problem

    async def _ask_for(self, clip: ClipRecord) -> bool:
        """Ask for the receipt of *clip*, and keep it if enough have seen it; whether they have."""
        if clip.archived is None or clip.digests is None:
            raise ValueError(f"{clip.id} is not archived yet")
        text = await self.archive.get_bytes(f"/v1/clips/{clip.name}/receipt?witnesses=1")
        if not self._is_seen(text):
            return False
        await asyncio.to_thread(self.receipts.renew, text, clip.archived, clip.digests)
        self._sort({clip.name}, [clip])
        return True

    async def _broke(self, why: str) -> None:
        self.problem = f"receipts cannot be renewed: {why}"

    def _sort(self, seen: set[str], clips: Iterable[ClipRecord]) -> None:
        for clip in clips:
            if clip.name in seen:
                self._seen.add(clip.name)
                self._waiting.pop(clip.name, None)
            else:
                self._waiting[clip.name] = clip

    def _seen_of(self, clips: Iterable[ClipRecord]) -> set[str]:
        """Which of *clips* have receipts in our folder that enough have seen.  Blocks."""
        found = set()
        for clip in clips:
            try:
                if self._is_seen(self.receipts.read(clip.name)):
                    found.add(clip.name)
            except IntegrityError as error:
                _log.warning("the receipt of %s: %s", clip.name, error)
        return found

    def _is_seen(self, text: bytes) -> bool:
        """Whether enough witnesses say so in the receipt *text*; LogBroken if one of them lies."""
        return self.policy.is_met(self.policy.said(Receipt.parse(text).note))


def archived_at(clip: ClipRecord) -> datetime:
    """When *clip* was archived, by the archive's clock, as its entry says."""
    if clip.archived is None:
        raise ValueError(f"{clip.id} is not archived yet")
    return unstamp(str(Entry(clip.archived.entry_text.encode("utf-8")).fields["at"]))


def _index(clip: ClipRecord) -> int:
    return -1 if clip.archived is None else clip.archived.entry
