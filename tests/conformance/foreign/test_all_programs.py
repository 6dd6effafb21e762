"""What verifiers that others wrote say of our log and receipts, true and false."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.errors import LogBroken
from evidence.merkle import CompactRange, leaf_hash
from evidence.note import Checkpoint, sign_checkpoint
from evidence.receipt import verify_receipt
from evidence.tiles import CHECKPOINT, TileTree, grow
from tests.archive.log.logs import ORIGIN, SIGNER, entries, flip_bit, grown
from tests.conformance.foreign import programs
from tests.conformance.foreign.mutations import Claim, mutated
from tests.conformance.foreign.programs import Program

KEY = SIGNER.key
MUTATIONS = 200
CHUNK = 1 << 18
"""Entries that are written at a time: whole tiles."""
Count = Callable[[str], None]


@pytest.fixture(scope="session")
def at_hand(go_verifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Program]:
    """Verifiers that need nothing but Debian and the locked packages."""
    folder: Path = tmp_path_factory.mktemp("openssl")
    return programs.go(go_verifier), programs.pymerkle(), programs.openssl(folder)


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Program]:
    """Verifiers that npm and pip fetch."""
    node: Path = tmp_path_factory.mktemp("node")
    venv: Path = tmp_path_factory.mktemp("venv")
    return programs.sigstore(node), programs.aics(venv)


def see_true(verifiers: Sequence[Program], folder: Path, log: Log, indexes: Sequence[int]) -> None:
    """The log in *folder* and the receipts at *indexes* are true to all *verifiers*."""
    files = folder.with_name("receipt"), folder.with_name("entry")
    for index in indexes:
        files[0].write_bytes(log.receipt(index))
        files[1].write_bytes(log.entry(index))
        for each in verifiers:
            assert each.objection("receipt", KEY, *files) == "", each.name
    for each in verifiers:
        if "log" in each.knows:
            assert each.objection("log", KEY, folder) == "", each.name


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 65_535, 65_536, 65_537])
def test_others_find_our_log_true(tmp_path: Path, at_hand: Sequence[Program], size: int) -> None:
    folder = tmp_path / "log"
    log = written(folder, [size])

    see_true(at_hand, folder, log, sorted({0, size // 2, size - 1}))


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 65_535, 65_536, 65_537])
def test_more_others_find_our_log_true(
    tmp_path: Path, fetched: Sequence[Program], size: int
) -> None:
    folder = tmp_path / "log"
    log = written(folder, [size])

    see_true(fetched, folder, log, sorted({0, size // 2, size - 1}))


@pytest.mark.slow
def test_others_find_a_log_of_sixteen_million_true(
    tmp_path: Path, fetched: Sequence[Program], at_hand: Sequence[Program]
) -> None:
    folder, full = tmp_path / "log", 256**3
    of_receipts = [each for each in (*at_hand, *fetched) if "log" not in each.knows]
    of_logs = [each for each in (*at_hand, *fetched) if "consistency" in each.knows]
    for size in (full - 1, full, full + 1):
        log = written(folder, [size])
        (tmp_path / str(size)).write_bytes(log.checkpoint())
        see_true(of_receipts, folder, log, [0, size - 1])

    see_true(of_logs, folder, written(folder, []), [full // 2, full])
    for each in of_logs:
        for before in (full - 1, full):
            files = tmp_path / str(before), folder
            assert each.objection("consistency", KEY, *files) == "", each.name


def test_no_false_receipt_is_taken(
    tmp_path: Path, at_hand: Sequence[Program], count: Count
) -> None:
    fast = at_hand[:1]  # the others take a second for a few
    see_false(tmp_path, fast, MUTATIONS)
    count(f"forged receipts: {MUTATIONS}, none taken by {names(fast)} or by us")


@pytest.mark.slow
def test_no_false_receipt_is_taken_by_any(
    tmp_path: Path, at_hand: Sequence[Program], fetched: Sequence[Program], count: Count
) -> None:
    others = [*at_hand, *fetched]
    see_false(tmp_path, others, MUTATIONS)
    count(f"forged receipts: {MUTATIONS}, none taken by {names(others)} or by us")


@pytest.mark.slow
def test_no_false_log_is_taken_by_any(
    tmp_path: Path, at_hand: Sequence[Program], fetched: Sequence[Program]
) -> None:
    folder, chance = tmp_path / "log", Random(4711)
    grown(folder, [700])
    files = sorted(path for path in folder.glob("tile/**/*") if path.is_file())
    for _ in range(50):
        path = chance.choice(files)
        true = path.read_bytes()
        flip_bit(path, chance.randrange(len(true)))
        for each in (*at_hand, *fetched):
            if {"log", "tiles"} <= each.knows or ("log" in each.knows and "entries" in path.parts):
                assert each.objection("log", KEY, folder) != "", (each.name, path)
        path.write_bytes(true)


def names(verifiers: Sequence[Program]) -> str:
    return ", ".join(each.name for each in verifiers)


def see_false(folder: Path, verifiers: Sequence[Program], count: int) -> None:
    """None of *count* false claims is taken by one of the *verifiers*, or by us."""
    log = grown(folder / "log", [700])
    true = Claim.of(log.receipt(299), log.entry(299))
    files = folder / "receipt", folder / "entry"
    for seed, claim in enumerate([true, *mutated(true, 947, count)]):
        files[0].write_bytes(claim.receipt)
        files[1].write_bytes(claim.entry)
        taken = [each.name for each in verifiers if not each.objection("receipt", KEY, *files)]
        try:
            verify_receipt(claim.receipt, claim.entry, [KEY])
            taken.append("us")
        except LogBroken:
            pass
        wanted = [*(each.name for each in verifiers), "us"] if claim == true else []
        assert taken == wanted, f"claim {seed}: {claim}"


def written(folder: Path, sizes: Sequence[int]) -> Log:
    """As :func:`grown`, for large sizes: what is written is the same, and not synced."""
    store = TileStore(folder)
    log = Log.open(store, SIGNER)
    log.sign_head()
    for size in sizes:
        reached = CompactRange.read(TileTree(log.size, store.read), log.size)
        for low, high in _chunks(reached.size, size):
            fresh = entries(low, high)
            for tile, data in grow(low, fresh, store.read):
                path = folder / tile.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            reached = reached.extended(map(leaf_hash, fresh))
        head = Checkpoint(origin=ORIGIN, size=reached.size, root=reached.root)
        (folder / CHECKPOINT).write_bytes(sign_checkpoint(head, SIGNER))
        log = Log.open(store, SIGNER)
    return log


def _chunks(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The way from *low* to *high* in steps that end at whole chunks."""
    while low < high:
        end = min(high, (low // CHUNK + 1) * CHUNK)
        yield low, end
        low = end
