import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import Refused
from evidence.request_signature import MAX_AGE, RequestLine, sign_request, verify_request

KEY = Ed25519PrivateKey.generate()
LINE = RequestLine(method="POST", path="/v1/intake", query="a=1")
NOW = 1_795_000_000


def signed(body: bytes = b"{}") -> dict[str, str]:
    return sign_request(LINE, body, key=KEY, keyid="s-1", created=NOW)


def test_a_signed_request_verifies_and_names_its_station() -> None:
    params = verify_request(LINE, b"{}", signed(), key=KEY.public_key(), now=NOW + 5)

    assert params.keyid == "s-1"


@pytest.mark.parametrize(
    "line",
    [
        RequestLine(method="PUT", path="/v1/intake", query="a=1"),
        RequestLine(method="POST", path="/v1/intake/", query="a=1"),
        RequestLine(method="POST", path="/v1/intake", query="a=2"),
    ],
)
def test_a_signature_for_another_request_is_refused(line: RequestLine) -> None:
    with pytest.raises(Refused, match="does not verify"):
        verify_request(line, b"{}", signed(), key=KEY.public_key(), now=NOW)


def test_another_body_is_refused() -> None:
    with pytest.raises(Refused, match="body"):
        verify_request(LINE, b"{ }", signed(), key=KEY.public_key(), now=NOW)


def test_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate().public_key()

    with pytest.raises(Refused, match="does not verify"):
        verify_request(LINE, b"{}", signed(), key=other, now=NOW)


@pytest.mark.parametrize("late", [-MAX_AGE - 1, MAX_AGE + 1])
def test_a_stale_signature_is_refused_with_the_difference(late: int) -> None:
    with pytest.raises(Refused, match=str(-late) if late < 0 else str(late)):
        verify_request(LINE, b"{}", signed(), key=KEY.public_key(), now=NOW + late)


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_missing_header_is_refused(name: str) -> None:
    headers = signed()
    del headers[name]

    with pytest.raises(Refused):
        verify_request(LINE, b"{}", headers, key=KEY.public_key(), now=NOW)
