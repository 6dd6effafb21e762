"""Custody: the log's durable appends, its proofs, and its verification from the first entry on.

``python -m bench.custody --json``.  Verifying is the deciding case: ours derives every hash of the
log from its entries and compares it with every tile and the signed root, and so does the peer, the
reference code of the Go checksum database.  Appends have SQLite as peer (WAL, FULL: a commit for
each batch), proofs pymerkle, which holds its whole tree in memory.

Entries have 300 bytes; ``--megabytes 300`` is a million of them.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import InmemoryTree

from archive.log.log import Log
from archive.log.store import TileStore
from bench import reference
from bench.command import Choice, Tell, main
from bench.process import own
from bench.report import Comparison, Cost, Peak, Report
from bench.rounds import Contestant, WrongResult, race
from bench.supply import MEGABYTE
from bench.tools import version
from evidence.merkle import CompactRange, leaf_hash
from evidence.note import Checkpoint, FileSigner, open_checkpoint, sign_checkpoint
from evidence.receipt import verify_receipt
from evidence.tiles import CHECKPOINT, check_growth, grow

_ENTRY = 300
"""Bytes of an entry: about what those of the product have."""
_CHUNK = 1 << 18
_BATCHES, _BATCH = 40, 100
"""How many batches are appended, each of so many entries."""
_PROOFS = 500
_SMALLER = 4
_SIGNER = FileSigner("example.org/bench", Ed25519PrivateKey.from_private_bytes(bytes(32)))


@dataclass(slots=True, kw_only=True)
class Verifying:
    """Ours or the peer's look at every file of one log."""

    name: str
    verify: Callable[[], object]

    def prepare(self, number: int) -> None:
        """Nothing changes between rounds."""

    def run(self) -> None:
        self.verify()

    def check(self) -> None:
        """A false log would have ended the run; that it is found is for tests."""


@dataclass(slots=True, kw_only=True)
class Appending:
    """Ours: batch after batch in the log, synced and signed."""

    parent: Path
    name: str = "evidock: append"
    _folder: Path = Path()

    def prepare(self, number: int) -> None:
        self._folder = self.parent / f"growing-{number}"
        Log.open(TileStore(self._folder), _SIGNER)

    def run(self) -> None:
        log = Log.open(TileStore(self._folder), _SIGNER)
        for batch in _batches():
            log.integrate(batch)

    def check(self) -> None:
        if Log.open(TileStore(self._folder), _SIGNER).size != _BATCHES * _BATCH:
            raise WrongResult("entries are missing from the log")
        shutil.rmtree(self._folder)


@dataclass(slots=True, kw_only=True)
class Inserting:
    """The peer: batch after batch as rows of a table, each batch committed and synced."""

    parent: Path
    name: str = "SQLite, WAL, synchronous=FULL"
    _file: Path = Path()

    def prepare(self, number: int) -> None:
        self._file = self.parent / f"rows-{number}.db"
        with closing(sqlite3.connect(self._file)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, raw BLOB NOT NULL)")

    def run(self) -> None:
        with closing(sqlite3.connect(self._file)) as database:
            database.execute("PRAGMA synchronous = FULL")
            for batch in _batches():
                with database:
                    rows = ((entry,) for entry in batch)
                    database.executemany("INSERT INTO entry (raw) VALUES (?)", rows)

    def check(self) -> None:
        with closing(sqlite3.connect(self._file)) as database:
            if database.execute("SELECT count(*) FROM entry").fetchone() != (_BATCHES * _BATCH,):
                raise WrongResult("rows are missing from the table")
        self._file.unlink()


@dataclass(slots=True, kw_only=True)
class Proving:
    """Ours: receipts of random entries, each read from tiles, and verified before it is given."""

    log: Log
    name: str = "evidock: receipt"
    _made: dict[int, bytes] = field(default_factory=dict)

    def prepare(self, number: int) -> None:
        """The log is there."""

    def run(self) -> None:
        for index in _places(self.log.size):
            self._made[index] = self.log.receipt(index)

    def check(self) -> None:
        for index, receipt in self._made.items():
            verify_receipt(receipt, self.log.entry(index), [_SIGNER.key])
        self._made.clear()


@dataclass(slots=True, kw_only=True)
class ProvingInMemory:
    """The peer: proofs of the same entries, from a tree that is in memory already."""

    tree: InmemoryTree
    name: str = "pymerkle, in memory"

    def prepare(self, number: int) -> None:
        """The tree is there."""

    def run(self) -> None:
        for index in _places(self.tree.get_size()):
            self.tree.prove_inclusion(index + 1)

    def check(self) -> None:
        """What it proves is checked in tests."""


def measure(choice: Choice, tell: Tell) -> Report:
    """Race verification, appends and proofs; then memory at two sizes."""
    size = choice.megabytes * MEGABYTE // _ENTRY
    program = reference.built(choice.folder)
    folder = choice.folder / "log"
    tell(f"writing a log of {size:,} entries")
    _write(folder, size)
    small = choice.folder / "small"
    _write(small, size // _SMALLER)
    verified = [_verified(each) for each in (small, folder)]
    log = Log.open(TileStore(folder), _SIGNER)
    compare = _Racing(choice=choice, tell=tell)
    return Report(
        bench="custody",
        comparisons=[
            compare(f"verify {size:,} entries", _verifying(folder, program), size * _ENTRY),
            compare(f"{_BATCHES} x {_BATCH} durable appends", _appending(choice.folder)),
            compare(f"{_PROOFS} proofs in {size:,} entries", _proving(log)),
        ],
        deciding=1,
        cache="log warm",
        costs=[cost for cost, _ in verified[-1:]],
        peaks=[peak for _, peak in verified],
        facts={"peer_version": version("go", "version"), "entries": size},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Racing:
    """Races two contestants, ours first."""

    choice: Choice
    tell: Tell

    def __call__(self, case: str, pair: Sequence[Contestant], handled: int = 0) -> Comparison:
        ours, peer = pair
        times = race(pair, self.choice.rounds, self.tell)
        return Comparison(
            case=case,
            bytes=handled,
            ours_name=ours.name,
            ours=times[ours.name],
            peer_name=peer.name,
            peer=times[peer.name],
        )


def _verifying(folder: Path, program: Path) -> Sequence[Contestant]:
    key = str(_SIGNER.key)
    return (
        Verifying(name="evidock: verify", verify=lambda: _verify(folder)),
        Verifying(name=reference.NAME, verify=lambda: reference.see_true(program, key, folder)),
    )


def _appending(folder: Path) -> Sequence[Contestant]:
    return Appending(parent=folder), Inserting(parent=folder)


def _proving(log: Log) -> Sequence[Contestant]:
    tree = InmemoryTree(algorithm="sha256")
    for entry in _entries(0, log.size):
        tree.append_entry(entry)
    return Proving(log=log), ProvingInMemory(tree=tree)


def _verify(folder: Path) -> int:
    """Every file of the log in *folder* against its signed root; how many entries it has."""
    store = TileStore(folder)
    note = store.read(CHECKPOINT)
    head = open_checkpoint(note or b"", [_SIGNER.key])
    check_growth(0, head.size, head.root, store.read)
    return head.size


def _write(folder: Path, size: int) -> None:
    """A log of *size* entries, as the product writes it, not synced."""
    store, reached = TileStore(folder), CompactRange()
    for low in range(0, size, _CHUNK):
        fresh = list(_entries(low, min(size, low + _CHUNK)))
        for tile, data in grow(low, fresh, store.read):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        reached = reached.extended(map(leaf_hash, fresh))
    head = Checkpoint(origin=_SIGNER.name, size=reached.size, root=reached.root)
    (folder / CHECKPOINT).write_bytes(sign_checkpoint(head, _SIGNER))


def _verified(folder: Path) -> tuple[Cost, Peak]:
    """What it costs to verify the log in *folder*, alone."""
    own().forget_peak()
    started = time.process_time()
    handled = _verify(folder) * _ENTRY
    cost = Cost(step="verify", bytes=handled, ours=time.process_time() - started)
    return cost, Peak(bytes=handled, ours=own().peak)


def _entries(low: int, high: int) -> Iterator[bytes]:
    filling = "0" * (_ENTRY - 40)
    for number in range(low, high):
        yield b'{"kind":"test","n":%012d,"f":"%s"}' % (number, filling.encode())


def _batches() -> Iterator[Sequence[bytes]]:
    for number in range(_BATCHES):
        yield list(_entries(number * _BATCH, (number + 1) * _BATCH))


def _places(size: int) -> Sequence[int]:
    chance = Random(size)
    return [chance.randrange(size) for _ in range(_PROOFS)]


if __name__ == "__main__":
    sys.exit(main("custody", __doc__ or "", 300, measure, ("go",)))
