from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from evidence.cosignature import KeyCosigner, Kind, WitnessKey, cosign, cosignatures
from evidence.errors import LogBroken
from evidence.merkle import leaf_hash
from evidence.note import (
    Checkpoint,
    FileSigner,
    VerifierKey,
    add_signatures,
    open_checkpoint,
    sign_checkpoint,
)

LOG = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ED = KeyCosigner("witness.example/w1", Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
ML = KeyCosigner("witness.example/w2", MLDSA44PrivateKey.from_seed_bytes(bytes([8] * 32)))
HEAD = Checkpoint(origin="example.org/custody", size=7, root=leaf_hash(b"root"))
NOTE = sign_checkpoint(HEAD, LOG)
AT = datetime(2026, 11, 28, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("signer", [ED, ML], ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_tells_who_and_when(signer: KeyCosigner) -> None:
    note = add_signatures(NOTE, cosign(HEAD.text, signer, AT))

    (said,) = cosignatures(note, [signer.key])

    assert (said.witness, said.at) == (signer.key, AT)
    assert open_checkpoint(note, [LOG.key]) == HEAD


@pytest.mark.parametrize("signer", [ED, ML], ids=["ed25519", "ml-dsa-44"])
def test_no_bit_of_a_cosigned_note_can_be_another(signer: KeyCosigner) -> None:
    note = add_signatures(NOTE, cosign(HEAD.text, signer, AT))

    for at in range(0, len(note), 7):
        forged = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        try:
            assert not cosignatures(forged, [signer.key]) or forged.startswith(HEAD.text.encode())
            open_checkpoint(forged, [LOG.key])
        except LogBroken:
            continue
        # A changed name or key id makes it the line of somebody else, who is not trusted.
        assert not cosignatures(forged, [signer.key])


def test_a_cosignature_is_no_signature_of_the_log() -> None:
    line = cosign(HEAD.text, ED, AT)
    note = f"{HEAD.text}\n".encode() + line
    claimed = VerifierKey(name=ED.key.name, public=ED.key.public)

    with pytest.raises(LogBroken, match="no signature of a trusted key"):
        open_checkpoint(note, [claimed])


def test_of_two_words_of_a_witness_the_later_counts() -> None:
    later = AT.replace(hour=9)
    note = add_signatures(NOTE, cosign(HEAD.text, ED, later) + cosign(HEAD.text, ED, AT))

    assert [said.at for said in cosignatures(note, [ED.key])] == [later]


@pytest.mark.parametrize("seconds", [b"\xff" * 8, b"\x00\x00\x00\xff" + b"\xff" * 4])
def test_a_time_that_is_none_is_refused(seconds: bytes) -> None:
    with pytest.raises(LogBroken, match="no time"):
        ED.key.verify(HEAD.text.encode(), seconds + bytes(64))


def test_keys_of_witnesses_are_written_as_they_were_read() -> None:
    for signer in (ED, ML):
        assert WitnessKey.parse(str(signer.key)) == signer.key
    with pytest.raises(ValueError, match="no key of a witness"):
        WitnessKey.parse(str(LOG.key))
    with pytest.raises(ValueError, match="32 bytes"):
        WitnessKey(name="w", public=bytes(31), kind=Kind.ED25519)


def test_lines_are_added_once() -> None:
    line = cosign(HEAD.text, ED, AT)
    once = add_signatures(NOTE, line)

    assert add_signatures(once, line) == once
    with pytest.raises(LogBroken):
        add_signatures(NOTE, b"nonsense\n")
