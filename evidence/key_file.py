"""A signing key in a file: PKCS #8 PEM (RFC 8410, RFC 9881), readable by its owner alone.

Whoever holds such a key can sign as us: it never leaves its machine, and never exists with a wider
mode than 0600.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from evidence import durable
from evidence.errors import SetupError


def load_or_make(path: Path) -> Ed25519PrivateKey:
    """The key at *path*; a new one where there is no file yet.

    SetupError if others may read the file, or if it is no such key.
    """
    if not path.exists():
        durable.make_folder(path.parent)
        with suppress(FileExistsError):  # another process of ours was faster: use its key
            create(path, Ed25519PrivateKey.generate())
    key = load(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupError(f"the key {path} is not an Ed25519 key")
    return key


def create(path: Path, key: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
    """Keep *key* at *path*; FileExistsError if anything lies there already."""
    durable.create(path, _written(key), mode=durable.PRIVATE)


def load(path: Path) -> Ed25519PrivateKey | MLDSA44PrivateKey:
    """The key at *path*.

    SetupError if there is none, if others may read the file, or if it is no such key.
    """
    try:
        readers = stat.S_IMODE(path.stat().st_mode) & ~durable.PRIVATE
        if readers:
            raise SetupError(
                f"the key {path} is open to others: its mode must be 0600 ({readers:#o} too much)",
                advice=f"Find out who read it; then run: chmod 600 {path}",
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SetupError(f"the key {path} cannot be read: {error}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SetupError(f"{path} is no private key in PEM form: {error}") from error
    if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
        raise SetupError(f"the key {path} is not an Ed25519 key, and no ML-DSA-44 one")
    return key


def _written(key: Ed25519PrivateKey | MLDSA44PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
