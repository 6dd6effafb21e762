"""Signed notes and checkpoints: what the log signs, in the formats of C2SP.

``signed-note`` with Ed25519 keys (type 0x01) and ``tlog-checkpoint`` without extension lines.  The
text of a note is worth nothing until :func:`open_note` has seen the signature of a key that the
reader pinned beforehand; keys never come from the note itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.errors import LogBroken
from evidence.merkle import HASH_SIZE, Hash

ED25519 = b"\x01"
"""The signature type byte of Ed25519 over the note text."""

KEY_ID_SIZE = 4
PUBLIC_KEY_SIZE = 32
MAX_SIGNATURES = 100
"""C2SP asks for a limit of at least 16; this is the reference implementation's."""

MAX_DIGITS = 19
"""Longest tree size read from a note: sizes fit a signed 64-bit number, as in the reference."""

_DASH = "— "


class NoteKey(Protocol):
    """A public key that can have signed a note."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes:
        """The four bytes that its signature lines begin with."""
        ...

    def verify(self, message: bytes, signature: bytes) -> None:
        """See that this key signed the note text *message*; LogBroken if not."""
        ...


Key = TypeVar("Key", bound=NoteKey)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The public key that whoever checks the log pins, named like the log's origin."""

    name: str
    public: bytes
    """The Ed25519 public key, 32 bytes (RFC 8032)."""

    def __post_init__(self) -> None:
        must_be_key_name(self.name)
        if len(self.public) != PUBLIC_KEY_SIZE:
            raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(self.public)}")

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key written ``name+hash+base64``; ValueError says what is wrong with *text*."""
        name, kind, public = read_key(text)
        if kind != ED25519:
            raise ValueError(f"{text!r} is no Ed25519 verifier key (name+hash+base64)")
        return cls(name=name, public=public)

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line begins with."""
        return key_id(self.name, ED25519, self.public)

    def __str__(self) -> str:
        return key_text(self.name, ED25519, self.public)

    def verify(self, message: bytes, signature: bytes) -> None:
        """See that this key signed *message*; LogBroken if not."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            raise LogBroken(f"the signature of {self.name} does not fit the note") from None


class Signer(Protocol):
    """Something that holds a signing key: a file now, a hardware token later."""

    @property
    def key(self) -> VerifierKey:
        """The public half, with the name it signs under."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of *message*, 64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A signer whose private key lies in our memory."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(name=self.name, public=self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log at one size (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: Hash

    @property
    def text(self) -> str:
        """The note text: origin, size, root, a line each."""
        return f"{self.origin}\n{self.size}\n{hash_text(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint whose :attr:`text` is exactly *text*; LogBroken for any other."""
        match text.split("\n"):
            case [origin, size, root, ""] if origin:
                return cls(origin=origin, size=read_number(size), root=read_hash(root))
            case _:
                raise LogBroken(f"a checkpoint is 3 lines (origin, size, root), not {text!r}")


def sign_note(text: str, *signers: Signer) -> bytes:
    """The note of *text* with one signature line for each signer.

    ValueError if *text* cannot be that of a note.
    """
    if not text.endswith("\n") or _has_control(text):
        raise ValueError("a note text ends with a newline and holds no other control character")
    return f"{text}\n".encode() + b"".join(_signature_line(text, signer) for signer in signers)


def open_note(note: bytes, trusted: Sequence[Key]) -> tuple[str, tuple[Key, ...]]:
    """The text of *note* and those *trusted* keys that signed it: at least one.

    Signatures of other keys are passed over.  LogBroken if no trusted key signed, or if a
    signature that claims to be of a trusted key is false.
    """
    signed = signed_by(note, trusted)
    if not signed:
        names = ", ".join(key.name for key in trusted)
        raise LogBroken(f"the note carries no signature of a trusted key ({names})")
    return _split_note(note)[0], tuple(dict.fromkeys(key for key, _ in signed))


def signed_by(note: bytes, trusted: Sequence[Key]) -> tuple[tuple[Key, bytes], ...]:
    """Those *trusted* keys that signed *note*, in the order of its lines, each with its signature.

    LogBroken if a signature that claims to be of a trusted key is false.
    """
    text, lines = _split_note(note)
    found: list[tuple[Key, bytes]] = []
    for name, number, signature in map(_parse_signature, lines):
        for key in trusted:
            if (key.name, key.key_id) == (name, number):
                key.verify(text.encode(), signature)
                found.append((key, signature))
    return tuple(found)


def add_signatures(note: bytes, lines: bytes) -> bytes:
    """*note* with those signature *lines* that it does not have yet; LogBroken for no such lines.

    Whose they are, and whether they are true, is for the caller to see.
    """
    text, has = _split_note(note)
    _, more = _split_note(f"{text}\n".encode() + lines)
    for line in more:
        _parse_signature(line)
    return note + "".join(f"{line}\n" for line in dict.fromkeys(more) if line not in has).encode()


def with_signatures(note: bytes, signatures: Sequence[tuple[NoteKey, bytes]]) -> bytes:
    """The text of *note* with these *signatures* and no others; whether they fit is not looked at.

    LogBroken if *note* is none.
    """
    text, _ = _split_note(note)
    lines = (signature_line(key.name, key.key_id, signature) for key, signature in signatures)
    return f"{text}\n".encode() + b"".join(lines)


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> bytes:
    """*checkpoint* as a note signed by the log; ValueError if a signer has another name."""
    for signer in signers:
        if signer.key.name != checkpoint.origin:
            raise ValueError(f"{signer.key.name} cannot sign for the log {checkpoint.origin}")
    return sign_note(checkpoint.text, *signers)


def open_checkpoint(note: bytes, trusted: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint in *note*, signed by a trusted key of the name that is its origin.

    LogBroken otherwise.
    """
    text, signed_by = open_note(note, trusted)
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin not in {key.name for key in signed_by}:
        raise LogBroken(f"the log {checkpoint.origin} did not sign its checkpoint; others did")
    return checkpoint


def key_text(name: str, kind: bytes, public: bytes) -> str:
    """A verifier key as it is written: ``name+hash+base64``."""
    return f"{name}+{key_id(name, kind, public).hex()}+{_base64(kind + public)}"


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, signature type and public key that :func:`key_text` wrote as exactly *text*.

    ValueError says what is wrong with it.
    """
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    raw = _unbase64(encoded)
    if not raw:
        raise ValueError(f"{text!r} is no verifier key (name+hash+base64)")
    must_be_key_name(name)
    kind, public = raw[:1], raw[1:]
    if key_text(name, kind, public) != text:
        raise ValueError(f"the hash in verifier key {text!r} is not that of its key")
    return name, kind, public


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes that signature lines of this key begin with."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_ID_SIZE]


def signature_line(name: str, number: bytes, signature: bytes) -> bytes:
    """The line of a note that holds the *signature* of the key *name* whose id is *number*."""
    return f"{_DASH}{name} {_base64(number + signature)}\n".encode()


def _signature_line(text: str, signer: Signer) -> bytes:
    return signature_line(signer.key.name, signer.key.key_id, signer.sign(text.encode()))


def _split_note(note: bytes) -> tuple[str, Sequence[str]]:
    """Text and signature lines of *note*."""
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise LogBroken(f"a note is UTF-8 text; this is not: {error}") from error
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n") or _has_control(whole):
        raise LogBroken("no signed note: it must be text, an empty line and signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise LogBroken(f"a note of {len(lines)} signatures is refused (limit {MAX_SIGNATURES})")
    return text + "\n", lines


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    """Key name, key id and signature of one line."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _unbase64(encoded)
    if not line.startswith(_DASH) or not _is_key_name(name) or not raw or len(raw) <= KEY_ID_SIZE:
        raise LogBroken(f"no signature line: {line!r}")
    return name, raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:]


def hash_text(value: Hash) -> str:
    """A hash as checkpoints and receipts write it: base64 (RFC 4648 section 4)."""
    return _base64(value)


def read_hash(text: str) -> Hash:
    """The hash that :func:`hash_text` wrote as exactly *text*; LogBroken for any other."""
    raw = _unbase64(text)
    if raw is None or len(raw) != HASH_SIZE:
        raise LogBroken(f"{text!r} is no hash (base64 of {HASH_SIZE} bytes)")
    return Hash(raw)


def read_number(text: str) -> int:
    """The number written in ASCII digits without leading zeros; LogBroken if *text* is not."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise LogBroken(f"{text!r} is no whole number")
    if str(int(text)) != text:
        raise LogBroken(f"{text!r} is a number with leading zeros")
    return int(text)


def must_be_key_name(name: str) -> None:
    """ValueError unless a key may be called *name*."""
    if not _is_key_name(name):
        raise ValueError(f"{name!r} is no key name: it is empty or has a space or a plus")


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def _has_control(text: str) -> bool:
    return any(letter < " " and letter != "\n" for letter in text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(text: str) -> bytes | None:
    """The bytes of *text*, if it is just what :func:`_base64` would write for them."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if _base64(data) == text else None
