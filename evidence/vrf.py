"""A verifiable random function: a name nobody can guess, and that its owner cannot choose.

ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (suite 0x03).  Whoever holds the secret key makes one
output for each input, and a proof that it is that one; whoever has the public key checks the proof.
Without secret key or proof an output looks random, however few inputs there may be.

One rule: the public key is not trusted either.  This suite keeps its promise of one output for each
input whoever made the key (full uniqueness, section 7.1.1), which RSA-FDH-VRF does not.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final, NamedTuple

from evidence.errors import LogBroken

PROOF_BYTES: Final = 80
OUTPUT_BYTES: Final = 64

_SUITE = b"\x03"
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_POINT = 32
_CHALLENGE = 16
_SIGN = 1 << 255
_BITS = 4


class _Point(NamedTuple):
    """A point of edwards25519 in extended coordinates (RFC 8032 section 5.1.4)."""

    x: int
    y: int
    z: int
    t: int


_ZERO = _Point(0, 1, 1, 0)


@cache
def public_key(secret: bytes) -> bytes:
    """The public key of *secret*: as of Ed25519 (RFC 8032 section 5.1.5)."""
    return _encode(_times(_scalar(secret), _BASE))


def prove(secret: bytes, alpha: bytes) -> bytes:
    """The proof for *alpha*; :func:`output` gives the output from it.

    Not in constant time: run it where nobody can measure it.
    """
    x, public = _scalar(secret), public_key(secret)
    h = _to_curve(public, alpha)
    h_text = _encode(h)
    gamma = _encode(_times(x, h))
    seed = hashlib.sha512(secret).digest()[_POINT:]
    nonce = int.from_bytes(hashlib.sha512(seed + h_text).digest(), "little") % _ORDER
    u, v = _encode(_times(nonce, _BASE)), _encode(_times(nonce, h))
    challenge = _challenge(public, h_text, gamma, u, v)
    s = (nonce + int.from_bytes(challenge, "little") * x) % _ORDER
    return gamma + challenge + s.to_bytes(_POINT, "little")


def output(proof: bytes) -> bytes:
    """The output that *proof* is of, if :func:`verify` says that it holds."""
    gamma = _decode(proof[:_POINT])
    if len(proof) != PROOF_BYTES or gamma is None:
        raise LogBroken("no VRF proof: it must be 80 bytes that begin with a point")
    return _hash(b"\x03", _encode(_times(8, gamma)))


def label(secret: bytes, alpha: bytes) -> bytes:
    """The output for *alpha* without a proof, at half the work."""
    gamma = _times(_scalar(secret), _to_curve(public_key(secret), alpha))
    return _hash(b"\x03", _encode(_times(8, gamma)))


def verify(public: bytes, alpha: bytes, proof: bytes) -> bytes:
    """The output of *public* for *alpha* that *proof* proves; LogBroken if it does not."""
    y, gamma = _decode(public), _decode(proof[:_POINT])
    if y is None or _encode(_times(8, y)) == _encode(_ZERO):
        raise LogBroken(f"{public.hex()} is no key of a VRF")
    if len(proof) != PROOF_BYTES or gamma is None:
        raise LogBroken("no VRF proof: it must be 80 bytes that begin with a point")
    challenge = proof[_POINT : _POINT + _CHALLENGE]
    s = int.from_bytes(proof[_POINT + _CHALLENGE :], "little")
    if s >= _ORDER:
        raise LogBroken("no VRF proof: its last number is too large")
    h, c = _to_curve(public, alpha), int.from_bytes(challenge, "little")
    u = _encode(_add(_times(s, _BASE), _times(c, _minus(y))))
    v = _encode(_add(_times(s, h), _times(c, _minus(gamma))))
    if _challenge(_encode(y), _encode(h), _encode(gamma), u, v) != challenge:
        raise LogBroken("the VRF proof does not hold")
    return output(proof)


def _scalar(secret: bytes) -> int:
    low = int.from_bytes(hashlib.sha512(secret).digest()[:_POINT], "little")
    return (low & ((1 << 254) - 8)) | (1 << 254)


def _to_curve(public: bytes, alpha: bytes) -> _Point:
    """Try and increment (RFC 9381 section 5.4.1.1)."""
    for counter in range(256):
        text = _hash(b"\x01", public + alpha + bytes([counter]))
        found = _decode(text[:_POINT])
        if found is not None and (point := _times(8, found))[0] != 0:
            return point
    raise LogBroken("no point of the curve was found for this input")


def _challenge(*points: bytes) -> bytes:
    return _hash(b"\x02", b"".join(points))[:_CHALLENGE]


def _hash(front: bytes, text: bytes) -> bytes:
    return hashlib.sha512(_SUITE + front + text + b"\x00").digest()


def _add(a: _Point, b: _Point) -> _Point:
    low, high = (a.y - a.x) * (b.y - b.x), (a.y + a.x) * (b.y + b.x)
    c, d = 2 * a.t * b.t * _D, 2 * a.z * b.z
    e, f, g, h = high - low, d - c, d + c, high + low
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _double(a: _Point) -> _Point:
    """*a* added to itself, with one multiplication less (RFC 8032 section 5.1.4)."""
    xx, yy = a.x * a.x, a.y * a.y
    h, g = xx + yy, xx - yy
    e, f = h - (a.x + a.y) ** 2, 2 * a.z * a.z + g
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: _Point) -> _Point:
    """*point* added *number* times: four bits at a time, the highest first."""
    some = [_ZERO, point]
    while len(some) < 1 << _BITS:
        some.append(_add(some[-1], point))
    reached = _ZERO
    for shift in range(number.bit_length() // _BITS * _BITS, -1, -_BITS):
        for _ in range(_BITS):
            reached = _double(reached)
        if digit := number >> shift & (1 << _BITS) - 1:
            reached = _add(reached, some[digit])
    return reached


def _minus(point: _Point) -> _Point:
    return _Point(-point.x % _P, point.y, point.z, -point.t % _P)


def _encode(point: _Point) -> bytes:
    inverse = pow(point.z, -1, _P)
    x, y = point.x * inverse % _P, point.y * inverse % _P
    return (y | (_SIGN if x & 1 else 0)).to_bytes(_POINT, "little")


def _decode(text: bytes) -> _Point | None:
    """The point that :func:`_encode` wrote; None if there is none (RFC 8032 section 5.1.3)."""
    if len(text) != _POINT:
        return None
    number = int.from_bytes(text, "little")
    y, odd = number & (_SIGN - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    x = _P - x if (x & 1) != odd else x
    return _Point(x, y, 1, x * y % _P)


def _base() -> _Point:
    found = _decode((4 * pow(5, -1, _P) % _P).to_bytes(_POINT, "little"))
    if found is None:
        raise AssertionError("the curve has a base point")
    return found


_BASE = _base()
