"""A card that is read raw until its medium fails, and then copied as an image before all else.

One rule: from the first failing read on, nothing is asked of the medium but by the image that is
made of it (:mod:`station.disk.rescue`); files are read from there, and none is erased.
"""

from __future__ import annotations

import logging
from pathlib import Path

from evidence.clock import Clock
from evidence.erase_proof import EraseProof
from evidence.errors import CardReadFailed, CardWriteFailed, DiskFull, TemporaryError
from ingest.source import Listed, Original
from ingest.staging import Staging
from station.disk.medium import BY_THE_KERNEL, Access
from station.disk.raw_card import RawCard
from station.disk.rescue import Rescue
from station.disk.rescue_map import Fate

_log = logging.getLogger(__name__)
SLICE = 8.0
"""Seconds for which a medium is read before whoever waits for the card hears of it."""
_LEAVE_IT = "Leave the camera docked: what can be read of its card is copied before it gets worse."


class CarefulCard:
    """The card on *disk*; if its medium fails, an image of it is made in the folder of *images*.

    *life* tells this docking from another of the same card.  While the image is made, listing and
    opening raise TemporaryError, which says how far it is.  It is kept, beside its map, until a
    person removes it; one whose card left too early is removed.  Raises as :class:`RawCard`.
    """

    def __init__(
        self,
        disk: Path,
        *,
        life: str,
        images: Staging,
        clock: Clock,
        access: Access = BY_THE_KERNEL,
        seconds: float = SLICE,
    ) -> None:
        self._card = RawCard(disk, life=life, access=access)
        self._seconds = seconds
        self._images = images
        self._clock = clock
        self._rescue: Rescue | None = None
        self._image: RawCard | None = None
        self._is_hopeless = False
        """The medium fails, and there is no room for its image."""

    @property
    def serial(self) -> str:
        return self._card.serial

    @property
    def identity(self) -> str:
        return self._card.identity

    def listing(self) -> tuple[Listed, ...]:
        """As :meth:`RawCard.listing`; of a medium that fails, from its image, once that is made."""
        if self._image is None and not self._must_rescue:
            try:
                return self._card.listing()
            except CardReadFailed:
                if not self._must_rescue:
                    raise
        return self._rescued().listing()

    def open(self, listed: Listed) -> Original:
        if self._image is not None:
            return self._image.open(listed)
        if self._must_rescue:
            raise self._under_way()
        return self._card.open(listed)

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """As :meth:`RawCard.erase`; CardWriteFailed, with nothing changed, if the medium fails."""
        if self._card.medium.fails:
            raise CardWriteFailed(
                f"{listed.path!r} is not erased: its card is failing",
                advice="Take the card out of service, and keep it.",
            )
        return self._card.erase(listed, proof)

    def close(self) -> None:
        self._card.close()
        if self._image is not None:
            self._image.close()
        elif self._rescue is not None:
            self._rescue.discard()

    @property
    def _must_rescue(self) -> bool:
        return self._card.medium.fails and not self._is_hopeless

    def _rescued(self) -> RawCard:
        """The image, once all that can be read is in it; goes on with it for a while."""
        if self._image is not None:
            return self._image
        if self._rescue is None:
            try:
                self._rescue = self._begun()
            except DiskFull as error:
                self._give_up(error)
                return self._card
        until = self._clock.monotonic() + self._seconds
        if not self._rescue.run(lambda: self._clock.monotonic() > until):
            raise self._under_way()
        lost = self._rescue.map.count(Fate.LOST)
        _log.warning("%s: %s bytes are lost", self._rescue.image, f"{lost:,}")
        self._image = self._card.rescued(self._rescue.image, self._rescue.map)
        return self._image

    def _begun(self) -> Rescue:
        """An image of a name that is free.  DiskFull if it does not fit."""
        medium = self._card.medium
        self._images.check_room(medium.size)
        number, stem = 1, self._card.serial.replace("+", "-")
        while (image := self._images.folder / f"card-{stem}-{number}.img").exists():
            number += 1
        return Rescue(medium=medium, image=image)

    def _give_up(self, error: DiskFull) -> None:
        """Go on reading from the medium as if it were sound; each error tells what was missing."""
        self._is_hopeless = True
        self._card.medium.remark = f"; no image is made of the card: {error}"
        _log.error("%s%s", self.identity, self._card.medium.remark)

    def _under_way(self) -> TemporaryError:
        part = 0.0 if self._rescue is None else self._rescue.part_read
        return TemporaryError(
            f"the card is failing: it is copied as an image first, {part:.0%} so far",
            advice=_LEAVE_IT,
        )
