"""One file of a card is copied into staging, read again from there, and told to the journal.

One rule: what goes wrong with one file is noted on it, and stops no other.
"""

from __future__ import annotations

import logging
from pathlib import Path

from evidence.clip import ClipState
from evidence.errors import CameraError, CardReadFailed, FileStillChanging
from evidence.names import last_part
from ingest.classify import HEAD, classify
from ingest.pull import Pulled, pull
from ingest.verify import verify
from ingest.watch import PullCancelled, Watch
from station.card import Card
from station.card_thread import CardThread, to_its_end
from station.desk import Desk
from station.journal.records import ClipRecord, SameAs
from station.progress import Meter
from station.shelf import Place, Shelf
from station.shop import Shop
from station.supervision import in_words, supervised

_log = logging.getLogger(__name__)


class Copier:
    """Copies the files of one card, one after the other."""

    def __init__(self, shop: Shop, card: Card, thread: CardThread, shelf: Shelf) -> None:
        self._shop = shop
        self._card = card
        self._thread = thread
        self._shelf = shelf
        self._watch: Watch | None = None
        self.meter = Meter(shop.clock)
        """How fast the card is read."""
        self.is_checking = False
        """Whether a copy is being read again from the station's disk."""

    def stop(self) -> None:
        """The copy that is under way ends, and keeps what it has."""
        if self._watch is not None:
            self._watch.stop()

    async def copy(self, place: Place, clip: str) -> None:
        """Copy one file; what goes wrong with it is noted on it, and stops no other."""

        async def stop(problem: str) -> None:
            await self._shop.desk.tell(lambda journal: journal.stop(clip, problem))
            await ask_again(self._shop.desk, place, clip)

        try:
            await supervised(self._copy(place, clip), stop)
        except FileStillChanging:
            self._shelf.unsettle(place, self._shop.clock.monotonic())
        except CameraError as error:
            place.failures += 1
            await self._keep_part(place, clip, error)
        except PullCancelled:
            pass  # whoever cancelled says why
        finally:
            self._watch, self.is_checking = None, False
            self.meter.next_file()

    async def _copy(self, place: Place, clip: str) -> None:
        # A copy that landed is noted, even if the card leaves in that very moment.
        self._watch = Watch(self.meter.copied, self._shop.clock, self._shop.pace)
        copy = await to_its_end(self._pull(place, clip, self._watch))
        if copy is not None:
            await self._check(place, clip, copy)

    async def _pull(self, place: Place, clip: str, watch: Watch) -> Pulled | None:
        """Copy the file and tell the journal; None if the copy is not needed."""
        shop, key = self._shop, place.key
        if key is None:
            raise ValueError(f"{clip} is copied before it was examined")
        copy = await self._thread.do(
            pull, self._card, place.listed, shop.staging, clip, watch, sm3=shop.sm3
        )
        staged = shop.staging.whole(clip)
        head = await self._thread.do(_head, staged)
        kind = classify(head, last_part(place.listed.path), copy.size)
        kept = await shop.desk.tell(
            lambda journal: journal.pulled(clip, key, copy, kind.clip_class)
        )
        if isinstance(kept, SameAs):
            known = await ask_again(shop.desk, place, kept.clip)
            if known.state in {ClipState.PULLED, ClipState.VERIFIED}:
                # Its own copy may have rotted since; this one was read from the camera just now.
                await self._thread.do(shop.staging.hand_over, clip, known.id)
            await self._thread.do(shop.staging.free, clip)
            return None
        if kept.alarm is not None:
            _log.warning("alarm: %s", kept.alarm)
        return copy

    async def _check(self, place: Place, clip: str, copy: Pulled) -> None:
        shop = self._shop
        self.is_checking = True
        staged = shop.staging.whole(clip)
        await self._thread.do(verify, staged, digests=copy.digests, size=copy.size)
        await shop.desk.tell(lambda journal: journal.verified(clip))
        held = await ask_again(self._shop.desk, place, clip)
        shop.forward(held)

    async def _keep_part(self, place: Place, clip: str, error: CameraError) -> None:
        mark = self._shop.staging.mark(clip)
        got = 0 if mark is None else mark.length
        reason = "read-error" if isinstance(error, CardReadFailed) else "card-gone"
        problem = in_words(error)
        await self._shop.desk.tell(
            lambda journal: journal.partial(clip, reason=reason, problem=problem, got=got)
        )
        await ask_again(self._shop.desk, place, clip)


async def ask_again(desk: Desk, place: Place, clip: str) -> ClipRecord:
    """What the journal knows of *clip* by now, which is also what stands at *place*."""
    place.clip = await desk.ask(lambda journal: journal.clip(clip))
    return place.clip


def _head(staged: Path) -> bytes:
    with staged.open("rb") as stream:
        return stream.read(HEAD)
