"""Cosignatures: what a witness says of a checkpoint (C2SP tlog-cosignature).

One rule: a cosignature says that the witness saw *one* history of this log up to this size, and
when.  It says nothing of what the entries tell.

Two kinds: Ed25519 (type 0x04), and ML-DSA-44 (type 0x06, FIPS 204), which C2SP recommends for new
witnesses since quantum computers do not break it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from evidence.errors import LogBroken
from evidence.note import (
    Checkpoint,
    key_id,
    key_text,
    must_be_key_name,
    read_key,
    signature_line,
    signed_by,
)

_TIME = struct.Struct(">Q")
_LATEST = 253_402_300_799
"""The last second of the year 9999: what is later is no time of ours."""
_MOST_NAME = 255
"""Bytes of a name that an ML-DSA-44 cosignature can say."""


class Kind(Enum):
    """How a witness signs: its C2SP signature type."""

    ED25519 = b"\x04"
    ML_DSA_44 = b"\x06"


_PUBLIC_SIZES = {Kind.ED25519: 32, Kind.ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessKey:
    """The public key of a witness, as whoever relies on it pins it."""

    name: str
    public: bytes
    """32 bytes of Ed25519 (RFC 8032), or 1312 of ML-DSA-44 (FIPS 204)."""
    kind: Kind = Kind.ED25519

    def __post_init__(self) -> None:
        must_be_key_name(self.name)
        size = _PUBLIC_SIZES[self.kind]
        if len(self.public) != size:
            raise ValueError(f"a key of {self.kind.name} has {size} bytes, not {len(self.public)}")

    @classmethod
    def parse(cls, text: str) -> WitnessKey:
        """The key written ``name+hash+base64``; ValueError says what is wrong with *text*."""
        name, kind, public = read_key(text)
        try:
            return cls(name=name, public=public, kind=Kind(kind))
        except ValueError as error:
            raise ValueError(
                f"{text!r} is no key of a witness: cosignatures have type 0x04 or 0x06 ({error})"
            ) from error

    @property
    def key_id(self) -> bytes:
        """The four bytes that its signature lines begin with."""
        return key_id(self.name, self.kind.value, self.public)

    def __str__(self) -> str:
        return key_text(self.name, self.kind.value, self.public)

    def verify(self, message: bytes, signature: bytes) -> None:
        """See that this witness cosigned the checkpoint whose text is *message*; else LogBroken."""
        seconds, rest = _seconds(self.name, signature), signature[_TIME.size :]
        said = statement(self, message.decode("utf-8"), seconds)
        try:
            match self.kind:
                case Kind.ED25519:
                    Ed25519PublicKey.from_public_bytes(self.public).verify(rest, said)
                case Kind.ML_DSA_44:
                    MLDSA44PublicKey.from_public_bytes(self.public).verify(rest, said)
        except InvalidSignature:
            raise LogBroken(f"the cosignature of {self.name} does not fit the checkpoint") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """What a witness said of a checkpoint, verified."""

    witness: WitnessKey
    at: datetime
    """When, by the witness's clock."""


class Cosigner(Protocol):
    """Something that holds the key of a witness."""

    @property
    def key(self) -> WitnessKey: ...

    def sign(self, message: bytes) -> bytes:
        """The signature of *message* in the kind of :attr:`key`."""
        ...


@dataclass(frozen=True, slots=True)
class KeyCosigner:
    """A cosigner whose private key lies in our memory."""

    name: str
    private: Ed25519PrivateKey | MLDSA44PrivateKey

    @property
    def key(self) -> WitnessKey:
        kind = Kind.ED25519 if isinstance(self.private, Ed25519PrivateKey) else Kind.ML_DSA_44
        public = self.private.public_key().public_bytes_raw()
        return WitnessKey(name=self.name, public=public, kind=kind)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def cosign(text: str, signer: Cosigner, at: datetime) -> bytes:
    """The signature line with which *signer* says that it saw the checkpoint *text* at *at*.

    LogBroken if *text* is no checkpoint.
    """
    seconds = int(at.timestamp())
    signature = signer.sign(statement(signer.key, text, seconds))
    return signature_line(signer.key.name, signer.key.key_id, _TIME.pack(seconds) + signature)


def cosignatures(note: bytes, trusted: Sequence[WitnessKey]) -> tuple[Cosignature, ...]:
    """What *trusted* witnesses said of the checkpoint in *note*: of each its latest word.

    LogBroken if a cosignature that claims to be of one of them is false.
    """
    return tuple(
        Cosignature(witness=key, at=datetime.fromtimestamp(_seconds(key.name, signature), UTC))
        for key, signature in latest_of(note, trusted)
    )


def latest_of(note: bytes, trusted: Sequence[WitnessKey]) -> tuple[tuple[WitnessKey, bytes], ...]:
    """As :func:`cosignatures`: each witness with the signature that is its latest word."""
    latest: dict[WitnessKey, bytes] = {}
    for key, signature in signed_by(note, trusted):
        before = latest.get(key)
        if before is None or _seconds(key.name, before) < _seconds(key.name, signature):
            latest[key] = signature
    return tuple(latest.items())


def statement(key: WitnessKey, text: str, seconds: int) -> bytes:
    """What *key* signs when it cosigns the checkpoint *text* at POSIX time *seconds*."""
    checkpoint = Checkpoint.parse(text)
    if key.kind is Kind.ED25519:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(key.name),
            _TIME.pack(seconds),
            _short(checkpoint.origin),
            _TIME.pack(0),
            _TIME.pack(checkpoint.size),
            checkpoint.root,
        )
    )


def _short(text: str) -> bytes:
    """*text* after its length, as TLS writes ``opaque<1..2^8-1>`` (RFC 8446 section 3.4)."""
    raw = text.encode()
    if not 0 < len(raw) <= _MOST_NAME:
        raise LogBroken(f"{text!r} is too long a name for an ML-DSA-44 cosignature")
    return bytes([len(raw)]) + raw


def _seconds(name: str, signature: bytes) -> int:
    if len(signature) <= _TIME.size:
        raise LogBroken(f"the cosignature of {name} is too short to hold a time")
    seconds: int = _TIME.unpack(signature[: _TIME.size])[0]
    if seconds > _LATEST:
        raise LogBroken(f"the cosignature of {name} names no time before the year 10000")
    return seconds
