"""Releasing: a docked card forgets what the archive holds, file by file, each on its own proof.

One rule: everything that speaks for an erase is gathered anew for each file of each docking, and
the journal holds the permission before anything is erased (``docs/release.md``):

1. the archive is asked to read its copy back whole, and puts that in the log;
2. the camera's file is read again, cold and whole: last, since it is what may change;
3. both receipts are checked with the pinned key, and the proof is made;
4. ``clip.released`` is written, durably, and has arrived at the archive;
5. the end of the file is read once more, and the file is erased;
6. ``erase.done`` is written; after a crash the next look at the card does it.

A card that leaves meanwhile owes the rest at its next docking, with fresh reads.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.custody import Entry
from evidence.digests import Maker, maker_if
from evidence.erase_proof import (
    Claimed,
    EraseProof,
    Fact,
    FileOnCard,
    LoggedEntry,
    SecondRead,
    Terms,
    prove,
)
from evidence.errors import (
    CameraError,
    CardGone,
    CardWriteFailed,
    EraseForbidden,
    EvidenceError,
    IntegrityError,
    LogBroken,
    TemporaryError,
)
from evidence.wire import ReleaseGranted, ReleaseWanted
from ingest.archive_client import ArchiveClient
from ingest.release import read_again, release
from ingest.source import Sort
from ingest.watch import PullCancelled, Watch
from station.card import Card
from station.card_thread import CardThread, to_its_end
from station.desk import Desk
from station.journal.records import ClipRecord
from station.outbox import Outbox
from station.patience import FIRST, LONGEST
from station.receipts import Receipts
from station.shelf import ATTEMPTS, Place
from station.supervision import in_words, supervised
from station.turns import Turns

_CHALLENGE_BYTES = 16
_TELLING = 30.0
"""Seconds the archive, which answered a moment ago, may take for the entry before the deed."""

_LAST = (9,)
"""Files that are only here are read before any that may be erased."""

_THE_ARCHIVES = frozenset({Fact.ARCHIVED, Fact.HELD_NOW, Fact.LOCKED, Fact.DURABLE})
"""Facts that are missing only if something is wrong with the archive's copy or its word."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMeans:
    """What it takes to let any camera forget; a station that never erases has none."""

    desk: Desk
    archive: ArchiveClient
    receipts: Receipts
    outbox: Outbox
    turns: Turns
    station: str
    clock: Clock
    witnesses: int = 0
    """How many of the pinned witnesses must have seen an erase's grant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Granted:
    """The archive's grant as it came, and when."""

    challenge: str
    entry: LoggedEntry
    at: float


class Releaser:
    """Lets one docked card forget."""

    def __init__(self, means: ReleaseMeans, card: Card, thread: CardThread) -> None:
        self._means = means
        self._card = card
        self._identity = card.identity
        self._thread = thread
        self._watch: Watch | None = None
        self._clips: frozenset[str] = frozenset()
        self.is_erasing = False
        """Something is being removed right now: the card must not be taken."""
        self.is_unsure = True
        """Something may have been erased and not been told: the next look must say."""
        self._has_removed = False
        self._in_doubt = False
        """Of something that was erased here it is not certain that the card kept the removal."""

    def stop(self) -> None:
        """Let a read that is going on end at its next block."""
        if self._watch is not None:
            self._watch.stop()

    async def look(self, docking: str) -> None:
        """See anew which clips of this docking may be let go."""
        self._clips = await self._means.desk.ask(lambda journal: journal.owed(docking))

    def owed(self, places: Iterable[Place]) -> list[Place]:
        """Files on the card that it may forget as soon as the facts are gathered.

        What only accompanies recordings goes when nothing else stands there any more: it tells
        whose the recordings are.
        """
        here = [place for place in places if not place.erased]
        only_companions = all(place.companion for place in here)
        return [
            place
            for place in here
            if place.clip is not None
            and place.clip.id in self._clips
            and place.refusals < ATTEMPTS
            and (only_companions or not place.companion)
        ]

    def has_cleared(self, places: Iterable[Place]) -> bool:
        """Whether we removed what stood there, for certain, and only names without original stay.

        Not of a card that was empty when it came: it may only seem so, and we did nothing to it.
        """
        return (
            self._has_removed
            and not (self.is_unsure or self.is_erasing or self._in_doubt)
            and all(
                place.erased
                or (
                    place.clip is not None
                    and place.clip.is_refused
                    and place.listed.sort is not Sort.FILE  # that was left out, and stands there
                )
                for place in places
            )
        )

    async def run(self, places: Iterable[Place], docking: str) -> bool:
        """Let the card forget one of *places*; whether that was tried.

        While the archive does not answer for one of them, the others are tried meanwhile.
        """
        now = self._means.clock.monotonic()
        place = next((each for each in self.owed(places) if each.not_before <= now), None)
        if place is None:
            return False

        async def stop(problem: str) -> None:
            place.refusals = ATTEMPTS
            _log.error("nothing is erased of %r: %s", place.listed.path, problem)

        try:
            await supervised(self._release(place, docking), stop)
        except TemporaryError as error:
            _log.info("release waits: %s", error)
            pause = min(FIRST * 2**place.waits, LONGEST)
            place.waits, place.not_before = place.waits + 1, now + pause
            return False
        except PullCancelled:
            return False  # whoever stopped the card knows why
        finally:
            self._watch, self.is_erasing = None, False
        place.waits = 0
        return True

    async def _release(self, place: Place, docking: str) -> None:
        """One file, through all the steps; what forbids it is on record and noted on it."""
        clip = place.clip
        if clip is None:
            raise ValueError(f"{place.listed.path!r} is released before it was examined")
        try:
            granted = await self._ask(clip.name)
            second = await self._read_again(place, clip)
            if not (clip.digests and second.digests.agree(clip.digests)):
                await self._differs(place, clip, second, docking)
                return
            proof = prove(*await self._claimed(place, clip.id, granted, second))
            await self._permit(clip.id, proof, docking)
            await to_its_end(self._erase(place, proof, docking))
        except CardGone:
            place.refusals += 1  # whether the card left, or this file, the next look tells
        except CardWriteFailed as error:
            place.refusals = ATTEMPTS  # it will not change its mind in this docking
            await self._refuse(place, clip.id, docking, None, error)
        except EraseForbidden as error:
            await self._refuse(place, clip.id, docking, error.fact, error)
        except CameraError as error:
            await self._refuse(place, clip.id, docking, Fact.SECOND_READ, error)
        except IntegrityError as error:
            await self._refuse(place, clip.id, docking, Fact.ARCHIVED, error)

    async def _read_again(self, place: Place, clip: ClipRecord) -> SecondRead:
        clock = self._means.clock
        self._watch = Watch(lambda _read: None, clock)
        what = self._card, place.listed, clock, self._watch, _sm3_of(clip)
        async with self._means.turns.turn(_LAST):
            return await self._thread.do(read_again, *what)

    async def _claimed(
        self, place: Place, wanted: str, granted: _Granted, second: SecondRead
    ) -> tuple[Claimed, Terms]:
        """All that speaks for the erase, and what we insist on."""
        means, listed = self._means, place.listed
        clip = await means.desk.ask(lambda journal: journal.clip(wanted))
        if clip.archived is None or clip.sha256 is None:
            raise ValueError(f"{wanted} is released before it was archived")
        archived = LoggedEntry(
            raw=clip.archived.entry_text.encode("utf-8"), receipt=await self._receipt(clip)
        )
        claimed = Claimed(
            listed=FileOnCard(
                card=self._identity,
                path=listed.path,
                size=listed.size,
                mtime_ns=listed.mtime_ns,
                mark=listed.mark,
            ),
            first_read=clip.sha256,
            first_sm3=clip.sm3,
            state=clip.state,
            second_read=second,
            station=means.station,
            clip=clip.name,
            archived=archived,
            granted=granted.entry,
            challenge=granted.challenge,
            granted_at=granted.at,
        )
        now, monotonic = means.clock.now(), means.clock.monotonic()
        return claimed, Terms(
            log=means.receipts.log,
            now=now,
            monotonic=monotonic,
            witness_keys=means.receipts.witnesses,
            witnesses=means.witnesses,
        )

    async def _receipt(self, clip: ClipRecord) -> bytes:
        """The clip's receipt; from the archive where ours was carried away."""
        try:
            return await asyncio.to_thread(self._means.receipts.read, clip.name)
        except LogBroken:
            return await self._means.archive.get_bytes(f"/v1/clips/{clip.name}/receipt")

    async def _ask(self, clip: str) -> _Granted:
        """The archive's grant and its receipt; EraseForbidden if it cannot vouch for its copy."""
        archive, path = self._means.archive, f"/v1/clips/{clip}"
        challenge = secrets.token_hex(_CHALLENGE_BYTES)
        wanted = ReleaseWanted(challenge=challenge)
        try:
            told = await archive.post(f"{path}/release", wanted, ReleaseGranted, read_back=True)
            seen_by = f"?witnesses={self._means.witnesses}" if self._means.witnesses else ""
            receipt = await archive.get_bytes(f"{path}/receipts/{told.entry}{seen_by}")
        except IntegrityError as error:
            raise EraseForbidden(Fact.HELD_NOW, str(error)) from error
        return _Granted(
            challenge=challenge,
            entry=LoggedEntry(raw=told.entry_text.encode("utf-8"), receipt=receipt),
            at=self._means.clock.monotonic(),
        )

    async def _erase(self, place: Place, proof: EraseProof, docking: str) -> None:
        """The deed and the word; nobody cancels this half-way."""
        means, path = self._means, place.listed.path
        self.is_erasing = self.is_unsure = True
        doubted, self._in_doubt = self._in_doubt, True
        synced = await self._thread.do(release, self._card, place.listed, proof, means.clock)
        place.erased = self._has_removed = True
        self._in_doubt = doubted or not synced
        await means.desk.tell(lambda journal: journal.erased(docking, path, synced=synced))
        self.is_unsure = False

    async def _permit(self, clip: str, proof: EraseProof, docking: str) -> None:
        """Write the permission down, and see that it has arrived at the archive.

        TemporaryError, with nothing erased, if the archive does not take it in.
        """
        means = self._means
        number = await means.desk.tell(lambda journal: journal.released(clip, docking, proof))
        try:
            async with asyncio.timeout(_TELLING):
                await means.outbox.arrived(number)
        except TimeoutError as error:
            raise TemporaryError(
                f"the archive has not taken entry {number} of the journal in: nothing is erased"
            ) from error

    async def _differs(
        self, place: Place, clip: ClipRecord, second: SecondRead, docking: str
    ) -> None:
        """Other bytes than were pulled: the file is found anew, as a clip of its own."""
        key, found, place.refusals = place.key, second.digests, place.refusals + 1
        if key is None:
            raise ValueError(f"{clip.id} is released before it was examined")
        _log.warning("read again, %s gives %s: it is pulled as another clip", clip.id, found)
        await self._means.desk.tell(lambda journal: journal.differs(clip.id, key, found, docking))
        place.clip = place.key = None
        place.changing = True

    async def _refuse(
        self, place: Place, clip: str, docking: str, fact: int | None, error: EvidenceError
    ) -> None:
        place.refusals += 1
        place.guarded = fact in _THE_ARCHIVES
        problem = in_words(error)
        _log.warning("clip %s is not erased: %s", clip, problem)
        desk = self._means.desk
        await desk.tell(lambda journal: journal.erase_refused(clip, docking, fact, problem))
        place.clip = await desk.ask(lambda journal: journal.clip(clip))


def _sm3_of(clip: ClipRecord) -> Maker | None:
    """How SM3 is taken, if the first read or the archive has one that the second must give."""
    archived = None if clip.archived is None else Entry(clip.archived.entry_text.encode("utf-8"))
    told = None if archived is None else archived.fields.get("digests")
    is_told = isinstance(told, dict) and "sm3" in told
    return maker_if(clip.sm3 is not None or is_told, "what is to be erased has an SM3 on record")
