from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import LogBroken
from evidence.merkle import Hash, inclusion_proof, leaf_hash, root_of
from evidence.tiles import (
    ENTRIES,
    MAX_ENTRY,
    Tile,
    TileTree,
    check_growth,
    encode_bundle,
    grow,
    growth,
    split_bundle,
)
from tests.evidence.trees import MemoryTree

ENTRIES_OF_A_LOG = [b"entry %d" % number for number in range(1100)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES_OF_A_LOG]


def files_after(sizes: Iterable[int]) -> dict[str, bytes]:
    """Every file that a log wrote which grew through *sizes*."""
    files: dict[str, bytes] = {}
    old = 0
    for size in sizes:
        files |= {t.path: d for t, d in grow(old, ENTRIES_OF_A_LOG[old:size], files.get)}
        old = size
    return files


def root_at(size: int) -> Hash:
    return root_of(LEAVES[:size])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, index=0), "tile/0/000"),
        (Tile(level=0, index=1_234_067), "tile/0/x001/x234/067"),
        (Tile(level=63, index=999, width=1), "tile/63/999.p/1"),
        (Tile(level=2, index=1000, width=255), "tile/2/x001/000.p/255"),
        (Tile(level=ENTRIES, index=273, width=112), "tile/entries/273.p/112"),
    ],
)
def test_a_tile_has_the_name_c2sp_gives_it(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/0",
        "tile/0/000/001",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/entries/../../secret",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/000.part",
    ],
)
def test_a_name_that_c2sp_does_not_give_names_nothing(path: str) -> None:
    assert Tile.parse(path) is None


def test_a_log_of_70000_has_the_files_of_the_c2sp_example() -> None:
    tiles = [tile for tile in growth(0, 70_000) if tile.level != ENTRIES]

    assert sum(tile.level == 0 and tile.is_full for tile in tiles) == 273
    assert [tile.path for tile in tiles if tile.level or not tile.is_full] == [
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        (0, 0, []),
        (5, 5, []),
        (0, 1, ["tile/entries/000.p/1", "tile/0/000.p/1"]),
        (254, 255, ["tile/entries/000.p/255", "tile/0/000.p/255"]),
        (255, 256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]),
        (256, 257, ["tile/entries/001.p/1", "tile/0/001.p/1"]),
    ],
)
def test_growth_writes_what_changes_and_no_more(old: int, new: int, paths: list[str]) -> None:
    assert [tile.path for tile in growth(old, new)] == paths


@settings(max_examples=25)
@given(st.lists(st.integers(1, len(LEAVES)), min_size=1, max_size=4, unique=True))
def test_a_log_grown_in_steps_is_true_in_every_file(steps: list[int]) -> None:
    steps.sort()

    files = files_after(steps)

    for size in steps:
        check_growth(0, size, root_at(size), files.get)


@settings(max_examples=25)
@given(st.integers(0, len(LEAVES)), st.integers(0, len(LEAVES)))
def test_the_files_written_are_those_announced(one: int, other: int) -> None:
    old, new = sorted((one, other))
    files = files_after([old])

    written = [tile for tile, _ in grow(old, ENTRIES_OF_A_LOG[old:new], files.get)]

    assert written == list(growth(old, new))


@settings(max_examples=25)
@given(st.data())
def test_proofs_from_tiles_are_those_from_leaves(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    tree = TileTree(size, files_after([size]).get)

    path = inclusion_proof(tree, index, size)

    assert path == inclusion_proof(MemoryTree(LEAVES), index, size)
    assert tree.entries(index // 256)[index % 256] == ENTRIES_OF_A_LOG[index]


def test_a_full_tile_stands_in_for_the_partial_ones_it_replaced() -> None:
    files = files_after([100, 300])
    gone = {path: data for path, data in files.items() if not path.endswith(".p/100")}

    check_growth(0, 100, root_at(100), gone.get)
    tree = TileTree(100, gone.get)
    assert all(tree.file(tile) == files[tile.path] for tile in growth(0, 100))


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_in_any_file_is_found(data: st.DataObject) -> None:
    files = files_after([600])
    path = data.draw(st.sampled_from(sorted(files)))
    torn = bytearray(files[path])
    bit = data.draw(st.integers(0, len(torn) * 8 - 1))
    torn[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LogBroken):
        check_growth(0, 600, root_at(600), (files | {path: bytes(torn)}).get)


def test_a_false_entry_is_named() -> None:
    files = files_after([600])
    files["tile/entries/001"] = files["tile/entries/001"].replace(b"entry 300", b"entry 3o0")

    with pytest.raises(LogBroken, match="tile/entries/001: entry 300 is not the one"):
        check_growth(0, 600, root_at(600), files.get)


def test_a_false_full_tile_is_named() -> None:
    files = files_after([600])
    files["tile/0/001"] = files["tile/0/000"]
    files["tile/entries/001"] = files["tile/entries/000"]

    with pytest.raises(LogBroken, match="tile/0/001 does not hash to its place"):
        check_growth(0, 600, root_at(600), files.get)


@pytest.mark.parametrize("path", ["tile/0/002.p/88", "tile/entries/000", "tile/1/000.p/2"])
def test_a_missing_file_is_named(path: str) -> None:
    files = files_after([600])
    del files[path]

    with pytest.raises(LogBroken, match=f"{path} is missing"):
        check_growth(0, 600, root_at(600), files.get)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    tile = Tile(level=ENTRIES, index=0, width=len(entries))

    assert split_bundle(tile, encode_bundle(entries)) == tuple(entries)


def test_the_longest_entry_fits_and_the_next_does_not() -> None:
    longest = bytes(MAX_ENTRY)

    assert encode_bundle([longest])[:2] == b"\xff\xff"
    with pytest.raises(ValueError, match="65536 bytes exceeds"):
        encode_bundle([longest + b"\0"])


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\5four", b"\0\1a", b"\0\1a\0\1b\0\1c"])
def test_what_is_no_bundle_of_two_is_refused(data: bytes) -> None:
    with pytest.raises(LogBroken, match="not a bundle of 2 whole entries"):
        split_bundle(Tile(level=ENTRIES, index=0, width=2), data)


def test_a_tile_of_half_a_hash_is_refused() -> None:
    files = files_after([3])
    files["tile/0/000.p/3"] += b"half a hash"

    with pytest.raises(LogBroken, match="has 107 bytes, not 3 hashes"):
        check_growth(0, 3, root_at(3), files.get)


def test_nothing_beyond_the_log_is_read() -> None:
    tree = TileTree(300, files_after([300]).get)

    with pytest.raises(LogBroken, match="has no tile 2 at level 0"):
        tree.hashes(0, 2)
    with pytest.raises(LogBroken, match="has no subtree 37 at 3"):
        tree.subtree(3, 37)
