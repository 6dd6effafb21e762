import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import LogBroken
from evidence.merkle import inclusion_proof, leaf_hash
from evidence.note import Checkpoint, FileSigner, sign_checkpoint
from evidence.receipt import Proven, Receipt, verify_receipt
from tests.evidence.trees import MemoryTree

SIGNER = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ENTRIES = [b"entry %d" % number for number in range(13)]
TREE = MemoryTree([leaf_hash(entry) for entry in ENTRIES])
HEAD = Checkpoint(origin=SIGNER.name, size=len(ENTRIES), root=TREE.root(len(ENTRIES)))


def receipt_of(index: int) -> Receipt:
    path = inclusion_proof(TREE, index, HEAD.size)
    return Receipt(index=index, path=path, note=sign_checkpoint(HEAD, SIGNER))


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_receipt_proves_its_entry(index: int) -> None:
    proven = verify_receipt(receipt_of(index).text, ENTRIES[index], [SIGNER.key])

    assert proven == Proven(index=index, checkpoint=HEAD)


def test_a_receipt_is_written_as_c2sp_asks() -> None:
    lines = receipt_of(12).text.decode().split("\n")

    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 12"]
    assert lines[2:5] == [*lines[2:4], ""], "entry 12 of 13 has two siblings on its way"
    assert lines[5:7] == ["example.org/custody", "13"]


def test_a_receipt_is_read_as_it_was_written() -> None:
    assert Receipt.parse(receipt_of(4).text) == receipt_of(4)


def test_the_receipt_of_a_lone_entry_has_no_hashes() -> None:
    lone = Checkpoint(origin=SIGNER.name, size=1, root=leaf_hash(b"lone"))
    text = Receipt(index=0, path=(), note=sign_checkpoint(lone, SIGNER)).text

    assert verify_receipt(text, b"lone", [SIGNER.key]).index == 0


def test_a_receipt_of_another_entry_proves_nothing() -> None:
    with pytest.raises(LogBroken, match="inclusion proof of entry 4 in a tree of 13"):
        verify_receipt(receipt_of(4).text, ENTRIES[5], [SIGNER.key])


def test_a_receipt_of_another_log_proves_nothing() -> None:
    other = FileSigner(SIGNER.name, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))

    with pytest.raises(LogBroken, match="no signature of a trusted key"):
        verify_receipt(receipt_of(4).text, ENTRIES[4], [other.key])


@given(st.integers(0, len(receipt_of(4).text) * 8 - 1))
def test_a_receipt_with_one_bit_flipped_is_refused(bit: int) -> None:
    forged = bytearray(receipt_of(4).text)
    forged[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LogBroken):
        verify_receipt(bytes(forged), ENTRIES[4], [SIGNER.key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"tlog-proof@v1", b"tlog-proof@v2"),
        (b"index 4", b"index 04"),
        (b"index 4", b"index -4"),
        (b"index 4", b"entry 4"),
        (b"index 4", b"extra AAAA\nindex 4"),
        (b"index 4\n", b"index 4\nAAAA\n"),
        (b"=\n\n", b"=\n"),
        (b"c2sp.org/tlog-proof@v1\n", b""),
    ],
)
def test_what_is_no_receipt_of_ours_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(LogBroken):
        Receipt.parse(receipt_of(4).text.replace(old, new, 1))
