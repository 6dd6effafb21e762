"""Logs to test with: entries, a signer that remembers, stores that lie or lose power."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.errors import DiskFull
from evidence.merkle import Hash, leaf_hash, root_of
from evidence.note import Checkpoint, FileSigner, VerifierKey, open_checkpoint
from evidence.tiles import Tile

ORIGIN = "example.org/custody"
SIGNER = FileSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def entries(low: int, high: int) -> list[bytes]:
    """The entries that every log here holds from *low* up to *high*, exclusive."""
    return [b'{"kind":"test","n":%d}' % number for number in range(low, high)]


def root_at(size: int) -> Hash:
    """The root that every log here has at *size*."""
    return root_of([leaf_hash(entry) for entry in entries(0, size)])


def grown(folder: Path, sizes: Iterable[int]) -> Log:
    """A log in *folder* that grew through *sizes*, signed at each."""
    log = Log.open(TileStore(folder), SIGNER)
    log.sign_head()
    for size in sizes:
        log.integrate(entries(log.size, size))
    return log


def flip_bit(path: Path, place: int = 20) -> None:
    """Change one bit in the file at *path*."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


class RememberingSigner:
    """Signs like :data:`SIGNER` and keeps every checkpoint it ever signed."""

    def __init__(self) -> None:
        self.signed: list[Checkpoint] = []

    @property
    def key(self) -> VerifierKey:
        return SIGNER.key

    def sign(self, message: bytes) -> bytes:
        self.signed.append(Checkpoint.parse(message.decode()))
        return SIGNER.sign(message)


class LyingStore(TileStore):
    """A store that keeps one file with a bit changed, and says nothing."""

    def __init__(self, folder: Path, path: str) -> None:
        super().__init__(folder)
        self._path = path

    def write(self, tile: Tile, data: bytes) -> None:
        super().write(tile, data)
        if tile.path == self._path:
            flip_bit(self.folder / tile.path)


class FullOnce(TileStore):
    """A store whose disk is full once, while a checkpoint is published."""

    def __init__(self, folder: Path, *, renamed: bool) -> None:
        """*renamed*: the checkpoint has its name already, which is not durable."""
        super().__init__(folder)
        self.is_full = False
        self.published: list[int] = []
        """Sizes, as often as a checkpoint got its name for the first time."""
        self._renamed = renamed

    def publish(self, note: bytes) -> None:
        failing, self.is_full = self.is_full, False
        if failing and not self._renamed:
            raise DiskFull("no room left")
        super().publish(note)
        size = open_checkpoint(note, [SIGNER.key]).size
        self.published += [size] * (size not in self.published)
        if failing:
            raise DiskFull("no room left")


class PowerCut(BaseException):
    """The machine stopped: nothing may catch this."""


class FailingStore(TileStore):
    """A store whose machine loses power at one of its durable steps."""

    def __init__(
        self, folder: Path, *, cut_at: int, done: bool, by: BaseException | None = None
    ) -> None:
        """Cut at step *cut_at* (from 0): after it was *done*, or half way through it.

        *by* is what ends that step; the machine goes on if it is no PowerCut.
        """
        super().__init__(folder)
        self.steps = 0
        self._cut_at = cut_at
        self._done = done
        self._by = by or PowerCut()

    def write(self, tile: Tile, data: bytes) -> None:
        self._step(self.folder / tile.path, lambda: super(FailingStore, self).write(tile, data))

    def publish(self, note: bytes) -> None:
        self._step(self.folder / "checkpoint", lambda: super(FailingStore, self).publish(note))

    def drop_partials(self, tile: Tile) -> None:
        path = self.folder / tile.path
        self._step(path, lambda: super(FailingStore, self).drop_partials(tile))

    def _step(self, path: Path, act: Callable[[], None]) -> None:
        self.steps += 1
        cut = self.steps - 1 == self._cut_at
        if cut and not self._done:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + ".part").write_bytes(b"torn")
            raise self._by
        act()
        if cut:
            raise self._by
