"""A simulated camera that has become a disk: the bytes of an image, and the place where it breaks.

One rule: it gives out bytes and takes none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from station.simulator.cameras import Model, Unplugged
from station.simulator.descriptors import STORAGE, descriptors


@dataclass(slots=True, kw_only=True)
class CardModel(Model):
    """A disk that holds *image*; its protocol is not simulated, only what is read of it."""

    image: Path
    raw: bytes = field(default_factory=lambda: descriptors(0x4255, 0x1000, [STORAGE]))
    cut_at: int | None = None
    """Byte of the image at whose reading its cable is pulled out."""

    @property
    def size(self) -> int:
        """Bytes of the medium."""
        return self.image.stat().st_size

    def read(self, offset: int, size: int) -> bytes:
        """As pread(2).  Unplugged if that is where the cable is pulled.  Blocks."""
        if self.cut_at is not None and offset <= self.cut_at < offset + size:
            self.pull()
            raise Unplugged
        with self.image.open("rb", buffering=0) as image:
            return os.pread(image.fileno(), size, offset)
