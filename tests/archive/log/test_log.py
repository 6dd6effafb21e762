from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.errors import DigestMismatch, DiskFull, LogBroken
from evidence.merkle import EMPTY_ROOT
from evidence.note import Checkpoint, FileSigner, open_checkpoint
from evidence.receipt import verify_receipt
from evidence.tiles import MAX_ENTRY, check_growth
from tests.archive.log.logs import (
    ORIGIN,
    SIGNER,
    FullOnce,
    LyingStore,
    RememberingSigner,
    entries,
    flip_bit,
    grown,
    root_at,
)

TRUSTED = [SIGNER.key]


def files_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_new_log_is_empty_and_signed(tmp_path: Path) -> None:
    log = Log.open(TileStore(tmp_path / "log"), SIGNER)

    head = open_checkpoint(log.checkpoint(), TRUSTED)

    assert head == Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)


def test_what_was_appended_is_under_the_signed_root(tmp_path: Path) -> None:
    log = Log.open(TileStore(tmp_path), SIGNER)

    head = log.integrate(entries(0, 600))

    assert head == Checkpoint(origin=ORIGIN, size=600, root=root_at(600))
    assert open_checkpoint(log.checkpoint(), TRUSTED) == head
    check_growth(0, 600, head.root, log.read)


def test_a_log_grown_one_by_one_is_the_log_grown_at_once(tmp_path: Path) -> None:
    grown(tmp_path / "slow", range(250, 262))
    grown(tmp_path / "fast", [261])

    slow, fast = files_in(tmp_path / "slow"), files_in(tmp_path / "fast")

    assert set(fast) <= set(slow)
    assert all(
        (tmp_path / "slow" / name).read_bytes() == (tmp_path / "fast" / name).read_bytes()
        for name in fast
    )


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_entry_has_a_receipt_that_verifies(tmp_path: Path, size: int) -> None:
    log = grown(tmp_path, [size // 2 + 1, size])

    for index in {0, size // 2, size - 1}:
        proven = verify_receipt(log.receipt(index), log.entry(index), TRUSTED)
        assert (proven.index, proven.checkpoint.size) == (index, size)
        assert [log.entry(index)] == entries(index, index + 1)


def test_a_log_goes_on_where_it_stopped(tmp_path: Path) -> None:
    grown(tmp_path, [100, 300])

    again = grown(tmp_path, [300, 310])

    assert open_checkpoint(again.checkpoint(), TRUSTED).root == root_at(310)


def test_nothing_to_append_changes_nothing(tmp_path: Path) -> None:
    log = grown(tmp_path, [5])
    before = log.checkpoint()

    assert log.integrate([]).size == 5
    assert log.checkpoint() == before


def test_an_entry_that_is_too_long_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    log = grown(tmp_path, [5])
    before = files_in(tmp_path)

    with pytest.raises(ValueError, match="65536 bytes exceeds"):
        log.integrate([b"fine", bytes(MAX_ENTRY + 1)])

    assert (log.size, files_in(tmp_path)) == (5, before)


@pytest.mark.parametrize("index", [-1, 5])
def test_there_is_no_entry_beyond_the_published_log(tmp_path: Path, index: int) -> None:
    log = grown(tmp_path, [5])

    with pytest.raises(IndexError, match="a log of 5 entries has no entry"):
        log.entry(index)
    with pytest.raises(IndexError, match="a log of 5 entries has no entry"):
        log.receipt(index)


def test_partial_tiles_leave_when_the_full_one_is_there(tmp_path: Path) -> None:
    grown(tmp_path, [100, 255, 300])

    assert files_in(tmp_path) == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]


def test_another_key_cannot_continue_the_log(tmp_path: Path) -> None:
    grown(tmp_path, [5])
    other = FileSigner(ORIGIN, Ed25519PrivateKey.generate())

    with pytest.raises(LogBroken, match=r"cannot be continued: .* no signature of a trusted key"):
        Log.open(TileStore(tmp_path), other)


@pytest.mark.parametrize(
    "path",
    ["checkpoint", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"],
)
def test_a_flipped_bit_at_the_edge_stops_the_start(tmp_path: Path, path: str) -> None:
    grown(tmp_path, [300])
    flip_bit(tmp_path / path)

    with pytest.raises(LogBroken, match=f"the log in {tmp_path} cannot be continued"):
        Log.open(TileStore(tmp_path), SIGNER)


def test_a_log_that_lost_its_checkpoint_is_not_begun_anew(tmp_path: Path) -> None:
    grown(tmp_path, [5])
    (tmp_path / "checkpoint").unlink()

    with pytest.raises(LogBroken, match="tiles but no checkpoint"):
        Log.open(TileStore(tmp_path), SIGNER)


def test_a_damaged_tile_gives_no_receipt(tmp_path: Path) -> None:
    log = grown(tmp_path, [300])
    flip_bit(tmp_path / "tile/0/000", 32 * 7)

    with pytest.raises(LogBroken, match="inclusion proof of entry 6 in a tree of 300"):
        log.receipt(6)


def test_a_damaged_entry_gives_no_receipt(tmp_path: Path) -> None:
    log = grown(tmp_path, [3])
    flip_bit(tmp_path / "tile/entries/000.p/3", 10)

    with pytest.raises(LogBroken, match="inclusion proof of entry 0 in a tree of 3"):
        log.receipt(0)


def test_two_writers_of_one_log_cannot_both_publish(tmp_path: Path) -> None:
    first, second = grown(tmp_path, [5]), grown(tmp_path, [5])
    first.integrate([b"what the first saw"])
    published = first.checkpoint()

    with pytest.raises(LogBroken, match="not the one we published last"):
        second.integrate([b"what the second saw", b"and then"])

    assert TileStore(tmp_path).read("checkpoint") == published


@pytest.mark.parametrize("renamed", [True, False])
def test_a_log_goes_on_after_a_publication_that_failed_half_way(
    tmp_path: Path, *, renamed: bool
) -> None:
    """The disk filled up before the checkpoint got its name, or before that was durable."""
    store = FullOnce(tmp_path, renamed=renamed)
    log = Log.open(store, SIGNER)
    store.is_full = True

    with pytest.raises(DiskFull):
        log.integrate(entries(0, 300))
    assert (log.size, open_checkpoint(log.checkpoint(), TRUSTED).size) == (0, 0)
    log.integrate(entries(0, 310))

    assert open_checkpoint(log.checkpoint(), TRUSTED).root == root_at(310)
    assert store.read("checkpoint") == log.checkpoint()
    assert store.published == ([300, 310] if renamed else [310])
    assert Log.open(TileStore(tmp_path), SIGNER).size == 310
    verify_receipt(log.receipt(309), entries(309, 310)[0], TRUSTED)


def test_other_entries_in_an_unpublished_place_are_refused(tmp_path: Path) -> None:
    first, second = grown(tmp_path, [5]), grown(tmp_path, [5])
    first.integrate([b"what was seen"])

    with pytest.raises(DigestMismatch):
        second.integrate([b"what was not!"])


def test_the_log_serves_its_own_files_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    log = grown(tmp_path / "log", [3])

    assert log.read("checkpoint") == log.checkpoint()
    assert log.read("tile/0/000.p/3") is not None
    assert log.read("tile/0/000") is None
    for path in ("../secret", "tile/../../secret", str(tmp_path / "secret"), "tile", ""):
        assert log.read(path) is None


def test_receipts_are_good_while_the_log_grows(tmp_path: Path) -> None:
    log = grown(tmp_path, [240])
    sizes: set[int] = set()

    def read_on() -> None:
        while log.size < 262:
            index = log.size - 1
            sizes.add(verify_receipt(log.receipt(index), log.entry(index), TRUSTED).index)

    reader = Thread(target=read_on)
    reader.start()
    for size in range(241, 263):
        log.integrate(entries(size - 1, size))
    reader.join()

    assert len(sizes) > 1


@pytest.mark.parametrize(
    "path",
    [
        "tile/entries/000",
        "tile/entries/001.p/44",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
    ],
)
def test_nothing_is_signed_that_the_disk_does_not_give_back(tmp_path: Path, path: str) -> None:
    signer = RememberingSigner()
    before = grown(tmp_path, [100]).checkpoint()
    log = Log.open(LyingStore(tmp_path, path), signer)

    with pytest.raises(LogBroken):
        log.integrate(entries(100, 300))

    assert signer.signed == []
    assert (log.size, log.checkpoint(), log.read("checkpoint")) == (100, before, before)
