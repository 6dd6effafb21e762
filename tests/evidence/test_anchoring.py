"""The drill for the fall of SHA-256: what an anchor finds that was kept elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.anchoring import Anchor, AnchorsAt, KeptAnchor, Roots, differences, hashes_here
from evidence.digests import sm3_maker
from evidence.errors import DigestMismatch
from evidence.merkle import leaf_hash, root_of
from evidence.note import Checkpoint

HASHES = hashes_here(sm3_maker())
ORIGIN = "log.example"
ENTRIES = [b'{"n":%d}' % number for number in range(300)]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def anchor(entries: Sequence[bytes], size: int | None = None) -> Anchor:
    size = len(entries) if size is None else size
    at = AnchorsAt(ORIGIN, [size], HASHES)
    at.add(entries)
    return at.found[size]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 300])
def test_the_tree_is_that_of_rfc_6962_with_another_hash_in_it(size: int) -> None:
    roots = Roots({"sha256": sha256})
    roots.add(ENTRIES[:size])

    assert roots.roots()["sha256"] == root_of([leaf_hash(entry) for entry in ENTRIES[:size]])


def test_three_leaves_by_hand() -> None:
    def hand(name: str) -> str:
        def digest(data: bytes) -> bytes:
            return hashlib.new(name, data).digest()

        a, b, c = (digest(b"\x00" + leaf) for leaf in (b"a", b"b", b"c"))
        return digest(b"\x01" + digest(b"\x01" + a + b) + c).hex()

    assert anchor([b"a", b"b", b"c"]).roots == {"sha512": hand("sha512"), "sm3": hand("sm3")}


def test_the_checkpoint_is_its_three_lines() -> None:
    text = Checkpoint(origin=ORIGIN, size=2, root=root_of([leaf_hash(b"a"), leaf_hash(b"b")])).text

    assert anchor([b"a", b"b"]).checkpoint["sha512"] == hashlib.sha512(text.encode()).hexdigest()


@settings(max_examples=30, deadline=None)
@given(
    ends=st.sets(st.integers(1, 300), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 100), max_size=6),
)
def test_many_anchors_take_one_pass_however_the_entries_come(
    ends: set[int], cuts: list[int]
) -> None:
    at, rest = AnchorsAt(ORIGIN, ends, HASHES), ENTRIES
    for cut in (*cuts, len(ENTRIES)):
        at.add(rest[:cut])
        rest = rest[cut:]

    assert at.is_done
    assert at.found == {end: anchor(ENTRIES[:end]) for end in ends}


CHANGES: dict[str, Callable[[list[bytes]], object]] = {
    "a byte of an entry": lambda held: held.__setitem__(123, b'{"n":124}'),
    "the first": lambda held: held.__setitem__(0, b"{}"),
    "the last": lambda held: held.__setitem__(-1, b"{}"),
    "two swapped": lambda held: held.__setitem__(slice(7, 9), [held[8], held[7]]),
    "one dropped": lambda held: held.pop(50),
    "one put in": lambda held: held.insert(50, b"{}"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_drill_a_changed_entry_is_found_though_nobody_asks_the_sha256_tree(name: str) -> None:
    """As if SHA-256 had fallen: whatever tiles and checkpoint say, only the entries are asked."""
    kept, held = anchor(ENTRIES[:256]), list(ENTRIES)
    CHANGES[name](held)
    size = 256 if name != "the last" else 300
    kept = anchor(ENTRIES[:size]) if size != 256 else kept

    found = list(differences(kept, anchor(held[:size])))

    for hash_ in HASHES:
        assert any(f"{hash_} root" in each and "changed since" in each for each in found)
    assert list(differences(kept, anchor(ENTRIES[:size]))) == []


def test_an_anchor_that_is_handed_out_reads_back() -> None:
    kept = KeptAnchor(origin=ORIGIN, entry=300, anchor=anchor(ENTRIES))

    assert KeptAnchor.from_bytes(kept.to_bytes() + b"\n") == kept


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size":300', b'"size":0'),
        (b'"size":300', b'"size":"300"'),
        (b'"sm3":', b'"SM3":'),
        (b'"origin":', b'"Origin":'),
        (b'{"', b'{ "'),
        (b"evidock-anchor/v1", b"evidock-anchor/v2"),
        (b'"roots"', b'"checkpoint"'),
    ],
)
def test_what_is_no_anchor_is_refused(old: bytes, new: bytes) -> None:
    written = KeptAnchor(origin=ORIGIN, entry=300, anchor=anchor(ENTRIES)).to_bytes()

    with pytest.raises(DigestMismatch, match="no anchor"):
        KeptAnchor.from_bytes(written.replace(old, new))


def test_before_the_first_entry_there_is_nothing_to_anchor() -> None:
    with pytest.raises(ValueError, match="before the first entry"):
        Roots(HASHES).roots()
