"""What a disk at a port is opened as.

One rule: our own reader comes first.  The kernel mounts what that does not know only where the
settings allow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.clock import Clock
from evidence.errors import CardReadFailed
from ingest.staging import Staging
from station.card import Card
from station.disk.careful_card import CarefulCard
from station.disk.medium import BY_THE_KERNEL, Access
from station.disk.mounted_card import MountedCard
from station.disk.raw_card import RawCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """How disks are opened."""

    clock: Clock
    images: Staging | None = None
    """Where images of failing cards are made; None if none are."""
    mounts: bool = False
    """Whether the kernel may mount what we do not read ourselves."""
    access: Access = BY_THE_KERNEL

    def open(self, disk: Path, *, life: str) -> Card:
        """The card that *disk* holds.  Blocks.

        *life* tells this docking from another of the same card.  Raises CardReadFailed if its file
        system is not known, CardGone if nothing stands there.
        """
        try:
            if self.images is None:
                return RawCard(disk, life=life, access=self.access)
            return CarefulCard(
                disk, life=life, images=self.images, clock=self.clock, access=self.access
            )
        except CardReadFailed as error:
            if self.mounts:
                return MountedCard(disk, life=life)
            raise CardReadFailed(
                str(error),
                advice="Have the clerk look at the card. If it holds ext4, NTFS or UDF, the station"
                " can mount it for reading: [station] mount_other_cards (docs/usb.md).",
            ) from error
