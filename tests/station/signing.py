"""A force's key, and files that it signed."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.digest import Sha256
from evidence.note import FileSigner
from station.signed import SUFFIX, Kind, Statement, sign


def signer(name: str = "force.example/profiles", seed: int = 1) -> FileSigner:
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def signed(file: Path, by: FileSigner, kind: Kind = Kind.PROFILE, **said: str) -> Path:
    """Put a signature beside *file*; where it is."""
    digest = Sha256.of(file.read_bytes())
    note = sign(Statement(kind=kind, name=file.name, sha256=digest, **said), by)
    beside = file.with_name(file.name + SUFFIX)
    beside.write_bytes(note)
    return beside
