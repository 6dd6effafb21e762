"""Releasing: a docked card forgets what the archive holds, file by file, each on its own proof.

One rule: everything that speaks for an erase is gathered anew for each file of each docking, and
the journal holds the permission before anything is erased (``docs/release.md``):

1. the camera's file is read again, cold and whole;
2. the archive is asked to read its copy back whole, and puts that in the log;
3. both receipts are checked with the pinned key, and the proof is made;
4. ``clip.released`` is written, durably;
5. the end of the file is read once more, and the file is erased;
6. ``erase.done`` is written; after a crash the next look at the card does it.

A card that leaves meanwhile owes the rest at its next docking, with fresh reads.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.erase_proof import Claimed, EraseProof, Fact, LoggedEntry, SecondRead, Terms, prove
from evidence.errors import (
    CameraError,
    CardGone,
    EraseForbidden,
    IntegrityError,
    TemporaryError,
)
from evidence.wire import ReleaseGranted, ReleaseWanted
from ingest.archive_client import ArchiveClient
from ingest.release import on_card, read_again, release
from ingest.watch import PullCancelled, Watch
from station.card import Card
from station.card_thread import CardThread, to_its_end
from station.desk import Desk
from station.journal.records import ClipRecord
from station.patience import FIRST, LONGEST
from station.receipts import Receipts
from station.shelf import ATTEMPTS, Place
from station.supervision import in_words

_CHALLENGE_BYTES = 16
_THE_ARCHIVES = frozenset({Fact.ARCHIVED, Fact.HELD_NOW, Fact.LOCKED, Fact.DURABLE})
"""Facts that are missing only if something is wrong with the archive's copy or its word."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMeans:
    """What it takes to let any camera forget; a station that never erases has none."""

    desk: Desk
    archive: ArchiveClient
    receipts: Receipts
    station: str
    clock: Clock


class Releaser:
    """Lets one docked card forget."""

    def __init__(self, means: ReleaseMeans, card: Card, thread: CardThread) -> None:
        self._means = means
        self._card = card
        self._thread = thread
        self._pause = FIRST
        self._not_before = -float("inf")
        self._watch: Watch | None = None

    def stop(self) -> None:
        """Let a read that is going on end at its next block."""
        if self._watch is not None:
            self._watch.stop()

    async def owed(self, places: Iterable[Place], docking: str) -> list[Place]:
        """Files on the card that it may forget as soon as the facts are gathered.

        What only accompanies recordings goes when nothing else stands there any more: it tells
        whose the recordings are.
        """
        clips = await self._means.desk.ask(lambda journal: journal.owed(docking))
        here = [place for place in places if not place.erased]
        only_companions = all(place.companion for place in here)
        return [
            place
            for place in here
            if place.clip is not None
            and place.clip.id in clips
            and place.refusals < ATTEMPTS
            and (only_companions or not place.companion)
        ]

    async def run(self, places: Iterable[Place], docking: str) -> bool:
        """Let the card forget one of *places*; whether that was tried.

        While the archive does not answer, nothing is tried for a while.
        """
        now = self._means.clock.monotonic()
        owed = await self.owed(places, docking) if now >= self._not_before else []
        if not owed:
            return False
        place = owed[0]
        try:
            await self._release(place, docking)
        except TemporaryError as error:
            _log.info("release waits: %s", error)
            self._not_before = self._means.clock.monotonic() + self._pause
            self._pause = min(2 * self._pause, LONGEST)
            return False
        except PullCancelled:
            return False  # whoever stopped the card knows why
        finally:
            self._watch = None
        self._pause = FIRST
        return True

    async def _release(self, place: Place, docking: str) -> None:
        """One file, through all the steps; what forbids it is on record and noted on it."""
        clip = place.clip
        if clip is None:
            raise ValueError(f"{place.listed.path!r} is released before it was examined")
        try:
            second = await self._read_again(place)
            if second.sha256 != clip.sha256:
                await self._differs(place, clip, second, docking)
                return
            proof = prove(*await self._claimed(place, clip.id, second))
            await to_its_end(self._erase(place, clip.id, proof, docking))
        except CardGone:
            place.refusals += 1  # whether the card left, or this file, the next look tells
        except EraseForbidden as error:
            await self._refuse(place, clip.id, docking, error)
        except CameraError as error:
            forbidden = EraseForbidden(Fact.SECOND_READ, in_words(error))
            await self._refuse(place, clip.id, docking, forbidden)

    async def _read_again(self, place: Place) -> SecondRead:
        clock = self._means.clock
        self._watch = Watch(lambda _read: None, clock)
        return await self._thread.do(read_again, self._card, place.listed, clock, self._watch)

    async def _claimed(
        self, place: Place, wanted: str, second: SecondRead
    ) -> tuple[Claimed, Terms]:
        """All that speaks for the erase, and what we insist on."""
        means = self._means
        clip = await means.desk.ask(lambda journal: journal.clip(wanted))
        if clip.archived is None or clip.sha256 is None:
            raise ValueError(f"{wanted} is released before it was archived")
        challenge = secrets.token_hex(_CHALLENGE_BYTES)
        granted, receipt = await self._ask(clip.name, challenge)
        granted_at = means.clock.monotonic()
        archived = LoggedEntry(
            raw=clip.archived.entry_text.encode("utf-8"), receipt=means.receipts.read(clip.name)
        )
        claimed = Claimed(
            listed=on_card(self._card, place.listed),
            first_read=clip.sha256,
            state=clip.state,
            second_read=second,
            station=means.station,
            clip=clip.name,
            archived=archived,
            granted=LoggedEntry(raw=granted.entry_text.encode("utf-8"), receipt=receipt),
            challenge=challenge,
            granted_at=granted_at,
        )
        now, monotonic = means.clock.now(), means.clock.monotonic()
        return claimed, Terms(log=means.receipts.log, now=now, monotonic=monotonic)

    async def _ask(self, clip: str, challenge: str) -> tuple[ReleaseGranted, bytes]:
        """The archive's grant and its receipt; EraseForbidden if it cannot vouch for its copy."""
        archive, path = self._means.archive, f"/v1/clips/{clip}"
        wanted = ReleaseWanted(challenge=challenge)
        try:
            granted = await archive.post(f"{path}/release", wanted, ReleaseGranted, read_back=True)
            return granted, await archive.get_bytes(f"{path}/receipts/{granted.entry}")
        except IntegrityError as error:
            raise EraseForbidden(Fact.HELD_NOW, str(error)) from error

    async def _erase(self, place: Place, clip: str, proof: EraseProof, docking: str) -> None:
        """The permission, the deed, the word; nobody cancels this half-way."""
        means, path = self._means, place.listed.path
        await means.desk.tell(lambda journal: journal.released(clip, docking, proof))
        await self._thread.do(release, self._card, place.listed, proof, means.clock)
        place.erased = True
        await means.desk.tell(lambda journal: journal.erased(docking, path))

    async def _differs(
        self, place: Place, clip: ClipRecord, second: SecondRead, docking: str
    ) -> None:
        """Other bytes than were pulled: the file is found anew, as a clip of its own."""
        key, found, place.refusals = place.key, second.sha256, place.refusals + 1
        if key is None:
            raise ValueError(f"{clip.id} is released before it was examined")
        _log.warning("read again, %s gives %s: it is pulled as another clip", clip.id, found)
        await self._means.desk.tell(lambda journal: journal.differs(clip.id, key, found, docking))
        place.clip = place.key = None

    async def _refuse(self, place: Place, clip: str, docking: str, error: EraseForbidden) -> None:
        place.refusals += 1
        place.guarded = error.fact in _THE_ARCHIVES
        problem = in_words(error)
        _log.warning("clip %s is not erased: %s", clip, problem)
        desk = self._means.desk
        await desk.tell(lambda journal: journal.erase_refused(clip, docking, error.fact, problem))
        place.clip = await desk.ask(lambda journal: journal.clip(clip))
