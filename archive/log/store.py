"""The log's files in a local folder, laid out as C2SP tlog-tiles serves them.

A tile is written once and never changed; only the two heads are ever replaced: the log's own, and
the one that witnesses cosigned.
"""

from __future__ import annotations

from pathlib import Path

from evidence import durable
from evidence.tiles import CHECKPOINT, WITNESSED, Tile


class TileStore:
    """One log's folder.  Its writes are durable when they return, and safe to repeat."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def has_tiles(self) -> bool:
        """Whether any tile or bundle was ever written here."""
        return (self.folder / "tile").exists()

    def read(self, path: str) -> bytes | None:
        """The file at *path*, or None if the log has no such file.

        *path* may come from anyone: only exact names of log files reach the disk.
        """
        if path not in {CHECKPOINT, WITNESSED} and Tile.parse(path) is None:
            return None
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, tile: Tile, data: bytes) -> None:
        """Keep *data* as *tile*; DigestMismatch if the store holds other bytes under that name."""
        path = self.folder / tile.path
        durable.make_folder(path.parent)
        durable.create_same(path, data)

    def publish(self, note: bytes) -> None:
        """Make *note* the log's checkpoint."""
        durable.make_folder(self.folder)
        durable.replace(self.folder / CHECKPOINT, note)

    def publish_witnessed(self, note: bytes) -> None:
        """Make *note* the head that witnesses cosigned."""
        durable.replace(self.folder / WITNESSED, note)

    def drop_partials(self, tile: Tile) -> None:
        """Remove the partial tiles that the full *tile* took the place of."""
        folder = self.folder / tile.partials
        if not folder.is_dir():
            return
        for partial in folder.iterdir():
            durable.discard(partial)
        folder.rmdir()
