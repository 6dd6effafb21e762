from __future__ import annotations

import pytest

from evidence import vrf
from evidence.errors import LogBroken

#: RFC 9381, appendix B.3, examples 16 to 18: secret, public, alpha, proof, output.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f"
            "26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab12"
            "68a1b0db10836d9826a528ca76567805"
        ),
        (
            "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
            "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"
            "3bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926d"
            "a3ef39226bbc355bdc9850112c8f4b02"
        ),
        (
            "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
            "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031"
        ),
    ),
]
SECRET = bytes(range(32))


@pytest.mark.parametrize(("secret", "public", "alpha", "proof", "beta"), VECTORS)
def test_the_vectors_of_the_standard(
    secret: str, public: str, alpha: str, proof: str, beta: str
) -> None:
    made = vrf.prove(bytes.fromhex(secret), bytes.fromhex(alpha))

    assert made.hex() == proof
    assert vrf.public_key(bytes.fromhex(secret)).hex() == public
    assert vrf.verify(bytes.fromhex(public), bytes.fromhex(alpha), made).hex() == beta
    assert vrf.label(bytes.fromhex(secret), bytes.fromhex(alpha)).hex() == beta


def test_a_proof_is_of_one_input_and_one_key_only() -> None:
    public, proof = vrf.public_key(SECRET), vrf.prove(SECRET, b"4711")
    other = vrf.public_key(SECRET[::-1])

    with pytest.raises(LogBroken):
        vrf.verify(public, b"4712", proof)
    with pytest.raises(LogBroken):
        vrf.verify(other, b"4711", proof)


@pytest.mark.parametrize("place", [0, 31, 32, 47, 48, 79])
def test_no_changed_proof_holds(place: int) -> None:
    public, proof = vrf.public_key(SECRET), vrf.prove(SECRET, b"4711")
    changed = proof[:place] + bytes([proof[place] ^ 1]) + proof[place + 1 :]

    with pytest.raises(LogBroken):
        vrf.verify(public, b"4711", changed)


@pytest.mark.parametrize("proof", [b"", bytes(79), bytes(81), b"\xff" * 80])
def test_what_is_no_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(LogBroken):
        vrf.verify(vrf.public_key(SECRET), b"", proof)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b""])
def test_a_key_under_which_many_proofs_would_hold_is_refused(public: bytes) -> None:
    with pytest.raises(LogBroken):
        vrf.verify(public, b"4711", vrf.prove(SECRET, b"4711"))


def test_a_proof_whose_number_is_not_reduced_is_refused() -> None:
    public, proof = vrf.public_key(SECRET), vrf.prove(SECRET, b"4711")
    order = 2**252 + 27742317777372353535851937790883648493
    larger = int.from_bytes(proof[48:], "little") + order

    with pytest.raises(LogBroken):
        vrf.verify(public, b"4711", proof[:48] + larger.to_bytes(32, "little"))
