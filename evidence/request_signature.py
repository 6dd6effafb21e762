"""How a station proves that a request is its own: RFC 9421 HTTP message signatures, one profile.

Covered components are always ``@method``, ``@path``, ``@query`` and ``content-digest`` (RFC 9530),
with the parameters ``created``, ``nonce``, ``keyid`` (the station id) and ``alg="ed25519"``.  The
archive refuses a signature older than :data:`MAX_AGE` seconds or a nonce it has seen.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.digest import Sha256
from evidence.errors import Refused

MAX_AGE = 300
_COVERED = '("@method" "@path" "@query" "content-digest")'
_INPUT = re.compile(
    r'sig=(?P<params>\("@method" "@path" "@query" "content-digest"\)'
    r";created=(?P<created>[0-9]{1,12})"
    r';nonce="(?P<nonce>[0-9a-f]{32})";keyid="(?P<keyid>[a-z0-9-]{1,64})";alg="ed25519")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """What of a request is signed beside its body.  *query* without the question mark."""

    method: str
    path: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureParameters:
    """What a signature says about itself (unproven until :func:`verify_request` returned)."""

    keyid: str
    created: int
    nonce: str
    text: str


def sign_request(
    line: RequestLine, body: bytes, *, key: Ed25519PrivateKey, keyid: str, created: int
) -> dict[str, str]:
    """The headers to send with the request; *created* in whole Unix seconds."""
    digest = _content_digest(body)
    nonce = secrets.token_hex(16)
    params = f'{_COVERED};created={created};nonce="{nonce}";keyid="{keyid}";alg="ed25519"'
    signature = key.sign(_base(line, digest, params))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"sig={params}",
        "Signature": f"sig=:{base64.b64encode(signature).decode('ascii')}:",
    }


def parameters_of(headers: Mapping[str, str]) -> SignatureParameters:
    """The signature parameters in *headers*; Refused if there are none of our profile."""
    match = _INPUT.fullmatch(headers.get("Signature-Input", ""))
    if match is None:
        raise Refused("the request carries no station signature of the required form")
    return SignatureParameters(
        keyid=match["keyid"],
        created=int(match["created"]),
        nonce=match["nonce"],
        text=match["params"],
    )


def verify_request(
    line: RequestLine, body: bytes, headers: Mapping[str, str], *, key: Ed25519PublicKey, now: int
) -> SignatureParameters:
    """Return the parameters if the request is signed by *key* and fresh; else raise Refused.

    The caller must still refuse a nonce it has seen within :data:`MAX_AGE`.
    """
    params = parameters_of(headers)
    if abs(now - params.created) > MAX_AGE:
        raise Refused(
            f"the request was signed {now - params.created} s from the archive's time",
            advice="Set the station's clock: 5 minutes from the archive's at most.",
        )
    digest = _content_digest(body)
    if headers.get("Content-Digest") != digest:
        raise Refused("the request body is not the one that was signed")
    try:
        key.verify(_signature_of(headers), _base(line, digest, params.text))
    except InvalidSignature as error:
        raise Refused(f"the signature of station {params.keyid} does not verify") from error
    return params


def _content_digest(body: bytes) -> str:
    return f"sha-256=:{Sha256.of(body).base64}:"


def _base(line: RequestLine, digest: str, params: str) -> bytes:
    lines = (
        f'"@method": {line.method}',
        f'"@path": {line.path}',
        f'"@query": ?{line.query}',
        f'"content-digest": {digest}',
        f'"@signature-params": {params}',
    )
    return "\n".join(lines).encode("ascii")


def _signature_of(headers: Mapping[str, str]) -> bytes:
    match = re.fullmatch(r"sig=:([A-Za-z0-9+/=]+):", headers.get("Signature", ""))
    if match is None:
        raise Refused("the request carries no Signature header of the required form")
    try:
        return base64.b64decode(match[1], validate=True)
    except ValueError as error:
        raise Refused("the Signature header is not base64") from error
