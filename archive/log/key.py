"""The log's signing key in a file: PKCS#8 PEM, readable by its owner alone.

Whoever holds this key can sign a second history; it never leaves the machine of the sequencer.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import durable
from evidence.errors import SetupError
from evidence.note import FileSigner

_OWNER_ONLY = 0o600


def load_or_make_signer(path: Path, name: str) -> FileSigner:
    """The signer *name* whose Ed25519 key lies at *path*; a new key where there is no file yet.

    A new key under an old log is noticed when that log is opened: its checkpoint carries no
    signature of the new key.  SetupError if the file is no such key or others may read it.
    """
    if not path.exists():
        durable.make_folder(path.parent)
        with suppress(FileExistsError):  # another process of ours was faster: use its key
            durable.create(path, _new_key(), mode=_OWNER_ONLY)
    return FileSigner(name, _load(path))


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load(path: Path) -> Ed25519PrivateKey:
    readers = stat.S_IMODE(path.stat().st_mode) & ~_OWNER_ONLY
    if readers:
        raise SetupError(
            f"the log key {path} is open to others (mode {readers:#o} too much)",
            advice=f"Find out who read it; then run: chmod 600 {path}",
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SetupError(f"{path} is no private key in PEM form: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupError(f"the log key {path} is not an Ed25519 key")
    return key
