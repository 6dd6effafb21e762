import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import LogBroken
from evidence.merkle import EMPTY_ROOT, leaf_hash
from evidence.note import (
    MAX_SIGNATURES,
    Checkpoint,
    FileSigner,
    VerifierKey,
    open_checkpoint,
    open_note,
    sign_checkpoint,
    sign_note,
)

# The example in the documentation of the reference implementation (golang.org/x/mod/sumdb/note).
REFERENCE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
REFERENCE_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
REFERENCE_NOTE = (
    f"{REFERENCE_TEXT}\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
).encode()

SIGNER = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = FileSigner("example.org/other", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
HEAD = Checkpoint(origin="example.org/custody", size=7, root=leaf_hash(b"root"))
NOTE = sign_checkpoint(HEAD, SIGNER)


def test_the_reference_note_opens_with_the_reference_key() -> None:
    key = VerifierKey.parse(REFERENCE_KEY)

    assert open_note(REFERENCE_NOTE, [key]) == (REFERENCE_TEXT, (key,))


def test_a_key_is_written_as_it_was_read() -> None:
    assert str(VerifierKey.parse(REFERENCE_KEY)) == REFERENCE_KEY
    assert VerifierKey.parse(str(SIGNER.key)) == SIGNER.key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        REFERENCE_KEY.replace("c74f20a3", "c74f20a4"),
        REFERENCE_KEY.replace("Peter", "Petra"),
        REFERENCE_KEY.replace("+ARpc", "+BRpc"),
        REFERENCE_KEY[:-4],
        REFERENCE_KEY + "\n",
        "two words+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        VerifierKey.parse(text)


def test_a_checkpoint_opens_with_the_key_that_signed_it() -> None:
    assert open_checkpoint(NOTE, [SIGNER.key]) == HEAD


@given(st.integers(0, len(NOTE) * 8 - 1))
def test_a_checkpoint_with_one_bit_flipped_is_refused(bit: int) -> None:
    forged = bytearray(NOTE)
    forged[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LogBroken):
        open_checkpoint(bytes(forged), [SIGNER.key])


def test_a_checkpoint_of_an_unknown_key_is_refused() -> None:
    with pytest.raises(LogBroken, match=r"no signature of a trusted key \(example.org/other\)"):
        open_checkpoint(NOTE, [OTHER.key])


def test_signatures_of_strangers_do_not_disturb() -> None:
    note = sign_note(HEAD.text, OTHER, SIGNER)

    assert open_checkpoint(note, [SIGNER.key]) == HEAD


def test_a_trusted_witness_alone_cannot_speak_for_the_log() -> None:
    note = sign_note(HEAD.text, OTHER)

    with pytest.raises(LogBroken, match="did not sign its checkpoint"):
        open_checkpoint(note, [SIGNER.key, OTHER.key])


def test_nobody_signs_for_a_log_of_another_name() -> None:
    with pytest.raises(ValueError, match="cannot sign for the log"):
        sign_checkpoint(HEAD, OTHER)


def test_a_false_signature_beside_a_good_one_is_refused() -> None:
    false = base64.b64encode(SIGNER.key.key_id + bytes(64)).decode()
    note = sign_note(HEAD.text, SIGNER) + f"— {SIGNER.name} {false}\n".encode()

    with pytest.raises(LogBroken, match=r"signature of example\.org/custody does not fit"):
        open_checkpoint(note, [SIGNER.key])


def test_more_signatures_than_the_limit_are_refused() -> None:
    note = sign_note(HEAD.text, *[OTHER] * MAX_SIGNATURES, SIGNER)

    with pytest.raises(LogBroken, match="a note of 101 signatures is refused"):
        open_checkpoint(note, [SIGNER.key])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        b"text\n",
        HEAD.text.encode(),
        NOTE[:-1],
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace(b"custody\n", b"custody\r\n", 1),
        NOTE + b"\xff\n",
        NOTE + "— example.org/other AAAA\n".encode(),
        NOTE + "— example.org/other\n".encode(),
    ],
)
def test_what_is_no_note_is_refused(note: bytes) -> None:
    with pytest.raises(LogBroken):
        open_note(note, [SIGNER.key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n7\n" + "A" * 43 + "=\n",
        HEAD.text.replace("7", "07", 1),
        HEAD.text.replace("7", "-7", 1),
        HEAD.text.replace("7", "٧", 1),
        HEAD.text.replace("7", "7" * 5000, 1),
        HEAD.text.replace("=", ""),
        HEAD.text + "an extension line\n",
        HEAD.text.removesuffix("\n"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LogBroken):
        Checkpoint.parse(text)


@given(st.integers(0, 2**63 - 1))
def test_a_checkpoint_is_read_as_it_was_written(size: int) -> None:
    head = Checkpoint(origin="example.org/custody", size=size, root=EMPTY_ROOT)

    assert Checkpoint.parse(head.text) == head


@pytest.mark.parametrize("text", ["no newline", "bell \a\n"])
def test_only_a_note_text_is_signed(text: str) -> None:
    with pytest.raises(ValueError, match="ends with a newline"):
        sign_note(text, SIGNER)
