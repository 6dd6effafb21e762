"""The log's signing key: whoever holds it can sign a second history."""

from __future__ import annotations

from pathlib import Path

from evidence import key_file
from evidence.note import FileSigner


def load_or_make_signer(path: Path, name: str) -> FileSigner:
    """The signer *name* whose Ed25519 key lies at *path*; a new key where there is no file yet.

    A new key under an old log is noticed when that log is opened: its checkpoint carries no
    signature of the new key.  SetupError if the file is no such key or others may read it.
    """
    return FileSigner(name, key_file.load_or_make(path))
