from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import LogBroken
from evidence.note import FileSigner, sign_note
from evidence.succession import FORMAT, before, follow, write

NAME = "example.org/custody"
A, B, C, EVIL = (
    FileSigner(NAME, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(4)
)


def statement(old: str, new: str, *signers: FileSigner, form: str = FORMAT) -> bytes:
    return sign_note(f"{form}\n{NAME}\n{old}\n{new}\n", *signers)


def test_a_key_leads_to_the_end_of_its_chain_from_wherever_one_trusts() -> None:
    chain = [write(A, B), write(B, C)]

    assert [follow(chain, each.key) for each in (A, B, C)] == [C.key] * 3
    assert follow([], A.key) == A.key
    assert follow(chain, EVIL.key) == EVIL.key


def test_a_key_names_those_it_followed_and_none_that_came_after() -> None:
    chain = [write(A, B), write(B, C)]

    assert before(chain, C.key) == (B.key, A.key)
    assert before(chain[:1], B.key) == (A.key,)
    assert before([write(A, B)], A.key) == ()
    with pytest.raises(LogBroken):
        before([statement(str(A.key), str(B.key), B)], B.key)
    with pytest.raises(LogBroken):
        before([write(A, EVIL)], B.key)


@pytest.mark.parametrize(
    "forged",
    [
        statement(str(A.key), str(EVIL.key), EVIL),
        statement(str(A.key), str(EVIL.key), EVIL, B),
        write(EVIL, EVIL_NEXT := FileSigner(NAME, Ed25519PrivateKey.from_private_bytes(b"5" * 32))),
    ],
)
def test_what_the_trusted_key_did_not_sign_moves_nobody(forged: bytes) -> None:
    try:
        led = follow([forged], A.key)
    except LogBroken:
        led = A.key

    assert led == A.key


@pytest.mark.parametrize(
    "broken",
    [
        statement(str(A.key), str(B.key), A),
        statement(str(A.key), "no key", A, B),
        statement(str(A.key), str(A.key), A),
        statement(str(A.key), str(B.key), A, B, form="other/v1"),
        write(A, B).replace(str(B.key).encode(), str(EVIL.key).encode()),
        write(A, B)[:-3] + b"A=\n",
    ],
)
def test_a_statement_of_the_trusted_key_that_does_not_hold_is_an_alarm(broken: bytes) -> None:
    with pytest.raises(LogBroken):
        follow([broken], A.key)


def test_a_key_of_another_name_cannot_follow() -> None:
    other = FileSigner("example.org/other", B.private)

    for old, new in ((A, other), (A, A)):
        with pytest.raises(ValueError, match="cannot follow"):
            write(old, new)
    with pytest.raises(LogBroken):
        follow([statement(str(A.key), str(other.key), A, other)], A.key)
