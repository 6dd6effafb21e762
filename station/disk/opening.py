"""What a disk at a port is opened as.

One rule: our own reader comes first.  The kernel mounts what that does not know only where the
settings allow it.
"""

from __future__ import annotations

from pathlib import Path

from evidence.errors import CardReadFailed
from station.card import Card
from station.disk.mounted_card import MountedCard
from station.disk.raw_card import RawCard


def open_disk(disk: Path, *, life: str, mounts: bool) -> Card:
    """The card that *disk* holds; *mounts*: the kernel may mount what we do not read ourselves.

    *life* tells this docking from another of the same card.  Raises CardReadFailed if its file
    system is not known, CardGone if nothing stands there.  Blocks.
    """
    try:
        return RawCard(disk, life=life)
    except CardReadFailed as error:
        if mounts:
            return MountedCard(disk, life=life)
        raise CardReadFailed(
            str(error),
            advice="Have the clerk look at the card. If it is one of ext4, NTFS or UDF, the station"
            " can mount it for reading: [station] mount_other_cards (docs/usb.md).",
        ) from error
