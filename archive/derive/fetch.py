"""Bringing objects from the vault into scratch, whole and as they were recorded, or not at all."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path

from evidence.digest import Sha256
from evidence.errors import DigestMismatch, DiskFull
from evidence.vault import Bucket, Vault
from ingest.rendition import tray

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One object as the record names it."""

    bucket: Bucket
    key: str
    version_id: str
    size: int
    sha256: Sha256


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A new folder below *folder*, gone afterwards with all that is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder))
    try:
        yield made
    finally:
        _remove(made)


def sweep(folder: Path) -> None:
    """Remove what a process that was killed left below *folder*; nobody may be at work there."""
    _remove(folder)


def _remove(folder: Path) -> None:
    """Remove *folder* whatever a media tool has left in it; what stays is told in the log."""
    try:
        tray.remove(folder)
    except OSError as error:
        _log.warning("scratch room %s is not given back: %s", folder, error)


def fetch(vault: Vault, wanted: Recorded, target: Path) -> None:
    """Write *wanted* to *target*, hashed on its way.  Blocks; call it from a thread.

    DigestMismatch unless it is what was recorded, DiskFull if there is no room.
    """
    state, size = hashlib.sha256(), 0
    try:
        with target.open("wb") as stream:
            for block in vault.read(wanted.bucket, wanted.key, wanted.version_id):
                state.update(block)
                size += len(block)
                stream.write(block)
    except OSError as error:
        if error.errno == ENOSPC:
            raise DiskFull(f"no room in {target.parent} to read {wanted.key} back") from error
        raise
    found = Sha256(state.digest())
    if (found, size) != (wanted.sha256, wanted.size):
        raise DigestMismatch(
            f"{wanted.bucket.value}/{wanted.key} version {wanted.version_id} reads back as"
            f" {size} bytes {found}, where {wanted.size} bytes {wanted.sha256} are on record"
        )
