import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import LogBroken
from evidence.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Hash,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.evidence.trees import MemoryTree

# The reference tree of Certificate Transparency (certificate-transparency/cpp/merkletree tests).
CT_LEAVES = [
    leaf_hash(bytes.fromhex(text))
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(70)]
TREE = MemoryTree(LEAVES)
sizes = st.integers(1, len(LEAVES))


def by_the_rfc(leaves: list[Hash]) -> Hash:
    """MTH as RFC 6962 section 2.1 defines it, word for word."""
    if len(leaves) == 0:
        return Hash(hashlib.sha256(b"").digest())
    if len(leaves) == 1:
        return leaves[0]
    split = max(1 << power for power in range(10) if 1 << power < len(leaves))
    return node_hash(by_the_rfc(leaves[:split]), by_the_rfc(leaves[split:]))


def flipped(value: Hash, bit: int) -> Hash:
    return Hash((int.from_bytes(value, "big") ^ 1 << bit).to_bytes(32, "big"))


def check_inclusion(index: int, size: int, path: tuple[Hash, ...]) -> None:
    verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=path, root=TREE.root(size))


def check_consistency(old: int, new: int, path: tuple[Hash, ...]) -> None:
    verify_consistency(
        old=old, old_root=TREE.root(old), new=new, new_root=TREE.root(new), path=path
    )


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_the_reference_roots(size: int) -> None:
    assert root_of(CT_LEAVES[:size]).hex() == CT_ROOTS[size]


def test_the_reference_inclusion_proof_is_ours() -> None:
    path = inclusion_proof(MemoryTree(CT_LEAVES), 5, 8)

    assert [part.hex() for part in path] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_the_reference_consistency_proof_is_ours() -> None:
    path = consistency_proof(MemoryTree(CT_LEAVES), 6, 8)

    assert [part.hex() for part in path] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_every_way_to_the_root_is_the_one_of_the_rfc(size: int) -> None:
    expected = by_the_rfc(LEAVES[:size])

    assert root_of(LEAVES[:size]) == expected
    assert CompactRange.read(TREE, size).root == expected
    assert CompactRange().extended(LEAVES[:size]).root == expected


@given(sizes, sizes)
def test_appending_in_two_steps_is_appending_at_once(one: int, other: int) -> None:
    old, new = sorted((one, other))

    grown = CompactRange.read(TREE, old).extended(LEAVES[old:new])

    assert grown == CompactRange.read(TREE, new)


@given(st.data())
def test_every_entry_is_proven_in_every_tree(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))

    path = inclusion_proof(TREE, index, size)

    check_inclusion(index, size, path)


@given(st.data())
def test_an_inclusion_proof_with_one_bit_flipped_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    path = list(inclusion_proof(TREE, index, size))
    place = data.draw(st.integers(0, len(path) - 1))
    path[place] = flipped(path[place], data.draw(st.integers(0, 255)))

    with pytest.raises(LogBroken, match=f"entry {index} in a tree of {size}: it leads to"):
        check_inclusion(index, size, tuple(path))


@given(st.data())
def test_an_inclusion_proof_holds_for_its_own_index_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(LEAVES)))
    index, other = data.draw(
        st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True)
    )

    with pytest.raises(LogBroken):
        check_inclusion(other, size, inclusion_proof(TREE, index, size))


def test_an_inclusion_proof_of_another_length_is_refused() -> None:
    path = inclusion_proof(TREE, 5, 10)

    with pytest.raises(LogBroken, match="it has 5 hashes where 4 are needed"):
        check_inclusion(5, 10, (*path, EMPTY_ROOT))
    with pytest.raises(LogBroken, match="it has 3 hashes where 4 are needed"):
        check_inclusion(5, 10, path[1:])


@pytest.mark.parametrize("index", [-1, 10, 11])
def test_an_entry_beyond_the_tree_is_neither_proven_nor_believed(index: int) -> None:
    with pytest.raises(ValueError, match="a tree of 10 entries has no entry"):
        inclusion_proof(TREE, index, 10)
    with pytest.raises(LogBroken, match="the tree has no such entry"):
        check_inclusion(index, 10, ())


@given(sizes, sizes)
def test_every_tree_is_consistent_with_every_later_one(one: int, other: int) -> None:
    old, new = sorted((one, other))

    path = consistency_proof(TREE, old, new)

    check_consistency(old, new, path)


@given(st.data())
def test_a_consistency_proof_with_one_bit_flipped_is_refused(data: st.DataObject) -> None:
    old, new = sorted(data.draw(st.lists(sizes, min_size=2, max_size=2, unique=True)))
    path = list(consistency_proof(TREE, old, new))
    place = data.draw(st.integers(0, len(path) - 1))
    path[place] = flipped(path[place], data.draw(st.integers(0, 255)))

    with pytest.raises(LogBroken, match=f"from {old} to {new} entries: "):
        check_consistency(old, new, tuple(path))


@given(st.data())
def test_a_rewritten_past_has_no_consistency_proof(data: st.DataObject) -> None:
    old, new = sorted((data.draw(sizes), data.draw(sizes)))
    rewritten = list(LEAVES)
    rewritten[data.draw(st.integers(0, old - 1))] = leaf_hash(b"what did not happen")
    forged = MemoryTree(rewritten)

    with pytest.raises(LogBroken):
        verify_consistency(
            old=old,
            old_root=TREE.root(old),
            new=new,
            new_root=forged.root(new),
            path=consistency_proof(forged, old, new),
        )


def test_every_tree_begins_with_the_empty_one() -> None:
    assert consistency_proof(TREE, 0, 7) == ()

    check_consistency(0, 7, ())
    check_consistency(0, 0, ())


def test_a_false_empty_root_is_refused() -> None:
    with pytest.raises(LogBroken, match="the old root"):
        verify_consistency(old=0, old_root=LEAVES[0], new=1, new_root=LEAVES[0], path=())
    with pytest.raises(LogBroken, match="it leads to root"):
        verify_consistency(old=0, old_root=EMPTY_ROOT, new=0, new_root=LEAVES[0], path=())


def test_a_log_that_shrank_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin with"):
        consistency_proof(TREE, 8, 7)
    with pytest.raises(LogBroken, match="a log never shrinks"):
        check_consistency(8, 7, ())


def test_a_consistency_proof_of_another_length_is_refused() -> None:
    with pytest.raises(LogBroken, match="it has 1 hashes, not 0"):
        check_consistency(7, 7, (EMPTY_ROOT,))
    with pytest.raises(LogBroken, match="it has 0 hashes, not 4"):
        check_consistency(7, 8, ())
