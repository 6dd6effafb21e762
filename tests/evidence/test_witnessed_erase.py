"""How many witnesses an erase proof counts: those that the station pinned, and each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from evidence.cosignature import KeyCosigner, cosign
from evidence.erase_proof import Claimed, Fact, LoggedEntry, prove
from evidence.errors import EraseForbidden, LogBroken
from evidence.note import add_signatures
from evidence.policy import Policy, Witness
from evidence.receipt import Receipt, believe_receipt
from tests.evidence.erase_proofs import NOW, SIGNER, TERMS, claimed

COURT = KeyCosigner("court.example/w", Ed25519PrivateKey.from_private_bytes(bytes([5] * 32)))
OFFICE = KeyCosigner("office.example/w", MLDSA44PrivateKey.from_seed_bytes(bytes([6] * 32)))
STRANGER = KeyCosigner("other.example/w", Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
PINNED = replace(TERMS, witness_keys=(COURT.key, OFFICE.key))
WHOLE = claimed()


def cosigned(logged: LoggedEntry, *by: KeyCosigner, late: int = 0) -> LoggedEntry:
    receipt = Receipt.parse(logged.receipt)
    text = receipt.note.decode().partition("\n\n")[0] + "\n"
    lines = b"".join(cosign(text, each, NOW + timedelta(seconds=late)) for each in by)
    note = add_signatures(receipt.note, lines)
    return replace(logged, receipt=replace(receipt, note=note).text)


def with_grant(*by: KeyCosigner) -> Claimed:
    return replace(WHOLE, granted=cosigned(WHOLE.granted, *by)) if by else WHOLE


@pytest.mark.parametrize(
    ("by", "count"),
    [((), 0), ((COURT,), 1), ((OFFICE,), 1), ((COURT, OFFICE), 2), ((STRANGER, COURT), 1)],
)
def test_the_proof_counts_the_witnesses_that_were_pinned(
    by: tuple[KeyCosigner, ...], count: int
) -> None:
    proof = prove(with_grant(*by), replace(PINNED, witnesses=count))

    assert proof.witnesses == count
    with pytest.raises(EraseForbidden, match=f"{count} of {count + 1} witnesses") as caught:
        prove(with_grant(*by), replace(PINNED, witnesses=count + 1))
    assert caught.value.fact == Fact.WITNESSED


def test_one_that_says_it_twice_is_one() -> None:
    twice = cosigned(cosigned(WHOLE.granted, COURT), COURT, late=1)

    with pytest.raises(EraseForbidden, match="1 of 2"):
        prove(replace(WHOLE, granted=twice), replace(PINNED, witnesses=2))


def test_a_cosignature_under_the_other_entry_s_checkpoint_does_not_count() -> None:
    claim = replace(WHOLE, archived=cosigned(WHOLE.archived, COURT))

    with pytest.raises(EraseForbidden, match="0 of 1"):
        prove(claim, replace(PINNED, witnesses=1))


def test_a_false_cosignature_of_a_pinned_witness_forbids_the_erase() -> None:
    granted = cosigned(WHOLE.granted, COURT)
    head, line = granted.receipt.rsplit(b" ", 1)
    forged = replace(granted, receipt=head + b" " + line.replace(line[20:24], b"AAAA"))

    with pytest.raises(EraseForbidden, match=r"court\.example"):
        prove(replace(WHOLE, granted=forged), PINNED)


def test_a_policy_believes_a_receipt_that_its_quorum_saw() -> None:
    witnesses = {"court": Witness(name="court", key=COURT.key)}
    policy = Policy(logs=(SIGNER.key,), witnesses=witnesses, quorum="court")
    granted = cosigned(WHOLE.granted, COURT, STRANGER)

    proven = believe_receipt(granted.receipt, granted.raw, policy)

    assert [each.witness for each in proven.cosignatures] == [COURT.key]
    with pytest.raises(LogBroken, match="court has not"):
        believe_receipt(WHOLE.granted.receipt, granted.raw, policy)
    with pytest.raises(LogBroken, match="inclusion proof"):
        believe_receipt(granted.receipt, WHOLE.archived.raw, policy)
    with pytest.raises(LogBroken, match="no signature"):
        believe_receipt(granted.receipt, granted.raw, replace(policy, logs=()))
